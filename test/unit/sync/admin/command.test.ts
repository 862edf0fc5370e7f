import { describe, expect, it } from 'vitest';
import { InvalidCommand, parseCommand, runCommand } from '../../../../shared/sync/admin/command.ts';
import { fakeRegistry, live, recordOf, worldOf } from '../fakes.ts';

const faultOf = (input: unknown) => {
  try {
    return parseCommand(input);
  } catch (error) {
    return error;
  }
};

describe('a command', () => {
  it.each([
    { command: 'plan' },
    { command: 'plan', cluster: 'prod-*' },
    { command: 'explain', task: 'ab12' },
    { command: 'explain', cluster: 'shop', service: 'web' },
    { command: 'release', plan: '0123456789abcdef' },
    { command: 'purge', cluster: 'shop', dryRun: true },
    { command: 'purge', registry: 'consul', dryRun: false },
  ])('is read as it is written: %j', (input) => {
    expect(parseCommand(input)).toEqual(input);
  });

  it('purges unless it says that it is a dry run', () => {
    expect(parseCommand({ command: 'purge' })).toEqual({ command: 'purge', dryRun: false });
  });

  it.each<[unknown, string, string, string]>([
    [undefined, 'command', 'Object', 'undefined'],
    ['plan', 'command', 'Object', '"plan"'],
    [{}, 'command', '"plan"', 'undefined'],
    [{ command: 'paln' }, 'command', '"plan"', '"paln"'],
    [{ command: 'plan', cluster: 5 }, 'cluster', 'string', '5'],
    [{ command: 'purge', cluster: '' }, 'cluster', 'a name, a glob or an ARN', '""'],
    [{ command: 'explain', task: ['a'] }, 'task', 'string', 'Array'],
    [{ command: 'explain', service: null }, 'service', 'string', 'null'],
    [{ command: 'release' }, 'plan', '"plan"', 'undefined'],
    [{ command: 'release', plan: 12 }, 'plan', 'string', '12'],
    [{ command: 'purge', registry: ['consul'] }, 'registry', 'string', 'Array'],
    [{ command: 'purge', dryRun: 'true' }, 'dryRun', 'boolean', '"true"'],
  ])('%j is refused: the field %s, expected %s, got %s', (input, field, expected, got) => {
    const fault = faultOf(input);
    expect(fault).toBeInstanceOf(InvalidCommand);
    expect(String(fault)).toMatch(/^InvalidCommand: (\w+): .*Expected .+ but received .+$/);
    expect(String(fault).split(': ')[1]).toBe(field);
    expect(String(fault)).toContain(expected);
    expect(String(fault)).toContain(`received ${got}`);
  });

  it('tells every wrong field at once', () => {
    expect(String(faultOf({ command: 'explain', task: 1, service: 2 }))).toMatch(
      /task: .*; service: /,
    );
  });

  it.each([
    ['plan', 'dryRun'],
    ['explain', 'tasks'],
    ['release', 'until'],
    ['parity', 'task'],
    ['purge', 'dryrun'],
    ['purge', 'task'],
    ['purge', 'registries'],
    ['plan', 'registry'],
  ])('%s refuses the unknown key %s', (command, key) => {
    const fault = faultOf({ command, [key]: true });
    expect(fault).toBeInstanceOf(InvalidCommand);
    expect(String(fault)).toContain(`${key}: unknown key`);
  });

  it('that is refused touches nothing', async () => {
    const registry = fakeRegistry([recordOf('a')]);
    const { context } = worldOf({ registries: [registry], config: { policy: 'observe' } });
    const run = async () => runCommand({ command: 'purge', dryrun: true }, context, live());
    await expect(run()).rejects.toThrow(InvalidCommand);
    expect(registry.calls).toEqual([]);
  });
});
