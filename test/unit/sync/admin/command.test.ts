import { describe, expect, it } from 'vitest';
import { createTelemetry } from '../../../../shared/platform/telemetry.ts';
import { InvalidCommand, parseCommand } from '../../../../shared/sync/admin/command.ts';
import { inspect } from '../../../../shared/sync/admin/inspect.ts';
import { operate } from '../../../../shared/sync/admin/operate.ts';
import { recordLog } from '../../../support/log.ts';
import { fakeRegistry, live, recordOf, worldOf } from '../fakes.ts';

type Function = 'inspect' | 'operate';

const faultOf = (name: Function, input: unknown) => {
  try {
    return parseCommand(name, input);
  } catch (error) {
    return error;
  }
};

describe('a command', () => {
  it.each<[Function, object]>([
    ['inspect', { command: 'plan' }],
    ['inspect', { command: 'plan', cluster: 'prod-*', by: 'Jürgen, on call' }],
    ['inspect', { command: 'explain', task: 'ab12' }],
    ['inspect', { command: 'explain', cluster: 'shop', service: 'web' }],
    ['operate', { command: 'release', plan: '0123456789abcdef', by: 'a'.repeat(100) }],
    ['operate', { command: 'purge', cluster: 'shop', dryRun: true }],
    ['operate', { command: 'purge', registry: 'consul', dryRun: false }],
  ])('is read as it is written: %s %j', (name, input) => {
    expect(parseCommand(name, input)).toEqual(input);
  });

  it('purges unless it says that it is a dry run', () => {
    expect(parseCommand('operate', { command: 'purge' })).toEqual({
      command: 'purge',
      dryRun: false,
    });
  });

  it.each<[Function, unknown, string, string, string]>([
    ['inspect', undefined, 'command', 'Object', 'undefined'],
    ['inspect', 'plan', 'command', 'Object', '"plan"'],
    ['inspect', {}, 'command', '"plan"', 'undefined'],
    ['operate', {}, 'command', '"release"', 'undefined'],
    ['inspect', { command: 'paln' }, 'command', '"plan"', '"paln"'],
    ['operate', { command: ['plan'] }, 'command', '"release"', 'Array'],
    ['inspect', { command: 'plan', cluster: 5 }, 'cluster', 'string', '5'],
    ['operate', { command: 'purge', cluster: '' }, 'cluster', 'a name, a glob or an ARN', '""'],
    ['inspect', { command: 'explain', task: ['a'] }, 'task', 'string', 'Array'],
    ['inspect', { command: 'explain', service: null }, 'service', 'string', 'null'],
    ['operate', { command: 'release' }, 'plan', '"plan"', 'undefined'],
    ['operate', { command: 'release', plan: 12 }, 'plan', 'string', '12'],
    ['operate', { command: 'purge', registry: ['consul'] }, 'registry', 'string', 'Array'],
    ['operate', { command: 'purge', dryRun: 'true' }, 'dryRun', 'boolean', '"true"'],
    ['operate', { command: 'purge', by: 7 }, 'by', 'string', '7'],
    ['inspect', { command: 'plan', by: '' }, 'by', '1 to 100 visible characters', '""'],
    ['inspect', { command: 'plan', by: 'a'.repeat(101) }, 'by', '1 to 100 visible', '"aaa'],
    ['inspect', { command: 'plan', by: 'Eve\nAdam' }, 'by', '1 to 100 visible', '"Eve'],
    ['inspect', { command: 'plan', by: 'Eve\u202eAdam' }, 'by', '1 to 100 visible', '"Eve'],
  ])('%s %j is refused: the field %s, expected %s, got %s', (name, input, field, expected, got) => {
    const fault = faultOf(name, input);
    expect(fault).toBeInstanceOf(InvalidCommand);
    expect(String(fault)).toMatch(/^InvalidCommand: (\w+): .*Expected .+ but received .+$/s);
    expect(String(fault).split(': ')[1]).toBe(field);
    expect(String(fault)).toContain(expected);
    expect(String(fault)).toContain(`received ${got}`);
  });

  it.each<[Function, string, string]>([
    [
      'inspect',
      'purge',
      'plan, explain, parity, history, got purge, which the function operate takes',
    ],
    [
      'inspect',
      'release',
      'plan, explain, parity, history, got release, which the function operate takes',
    ],
    ['operate', 'plan', 'release, purge, got plan, which the function inspect takes'],
    ['operate', 'explain', 'release, purge, got explain, which the function inspect takes'],
  ])('%s refuses %s, and says which function takes it', (name, command, told) => {
    expect(faultOf(name, { command })).toEqual(
      new InvalidCommand(`command: expected one of ${told}`),
    );
  });

  it('tells every wrong field at once', () => {
    expect(String(faultOf('inspect', { command: 'explain', task: 1, service: 2 }))).toMatch(
      /task: .*; service: /,
    );
  });

  it.each<[Function, string, string]>([
    ['inspect', 'plan', 'dryRun'],
    ['inspect', 'explain', 'tasks'],
    ['operate', 'release', 'until'],
    ['inspect', 'parity', 'task'],
    ['operate', 'purge', 'dryrun'],
    ['operate', 'purge', 'task'],
    ['operate', 'purge', 'registries'],
    ['inspect', 'plan', 'registry'],
  ])('%s: %s refuses the unknown key %s', (name, command, key) => {
    const fault = faultOf(name, { command, [key]: true });
    expect(fault).toBeInstanceOf(InvalidCommand);
    expect(String(fault)).toContain(`${key}: unknown key`);
  });

  it('that is refused touches nothing', async () => {
    const registry = fakeRegistry([recordOf('a')]);
    const { context } = worldOf({ registries: [registry], config: { policy: 'observe' } });
    const refused = [
      operate({ command: 'purge', dryrun: true }, context, live()),
      inspect({ command: 'purge' }, context, live()),
    ];
    for (const one of refused) await expect(one).rejects.toThrow(InvalidCommand);
    expect(registry.calls).toEqual([]);
  });

  it('is told in the log with the name that came with it, as one that nobody checked', async () => {
    const { logged, logger } = recordLog();
    const telemetry = createTelemetry({ owner: 'o', now: Date.now, logger });
    const { context } = worldOf({ telemetry });
    await operate({ command: 'purge', dryRun: true, by: 'Eve' }, context, live());
    await inspect({ command: 'explain', service: 'web' }, context, live());
    const [purge, asked] = logged;
    expect(purge).toMatchObject({
      message: 'asked to purge',
      path: 'operate',
      command: { command: 'purge', dryRun: true },
      unverifiedBy: 'Eve',
    });
    expect(asked).toMatchObject({ message: 'asked to explain', path: 'inspect' });
    expect(asked).not.toHaveProperty('unverifiedBy');
  });
});
