import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../command/arguments.ts';
import { COMMANDS } from '../../../command/commands.ts';
import { EXIT } from '../../../command/exit.ts';

describe('a command line', () => {
  it('names a command, what stands behind it, and options in any order', () => {
    const { command, input } = parseCommandLine(['explain', '--cluster', 'a', 'web', '--json']);
    expect(command?.name).toBe('explain');
    expect([input.args, input.value('cluster'), input.has('json'), input.has('local')]).toEqual([
      ['web'],
      'a',
      true,
      false,
    ]);
  });

  it.each([[['--help']], [['-h']], [['help']], [[]]])('%j asks for the help of all', (args) => {
    const { command, input } = parseCommandLine(args);
    expect(command).toBeUndefined();
    expect(input.has('help')).toBe(true);
  });

  it.each([[['help', 'plan']], [['plan', '--help']], [['plan', '-h']], [['explain', '--help']]])(
    '%j asks for the help of one',
    (args) => {
      const { command, input } = parseCommandLine(args);
      expect(command).toBeDefined();
      expect(input.has('help')).toBe(true);
    },
  );

  it.each([
    [['weather'], /expected one of plan, explain, .* got weather/],
    [['histroy'], /^there is no command histroy; is history meant\?/],
    [['plan', '--clutser', 'a'], /plan: Unknown option '--clutser'; is --cluster meant\?/],
    [['plan', '--cluster'], /plan: .*'--cluster <value>' argument missing/],
    [['plan', 'web'], /plan: expected nothing behind it, got web/],
    [['explain'], /explain: expected <task\|service>, got nothing/],
    [['explain', 'a', 'b'], /explain: expected <task\|service>, got a b/],
    [
      ['purge', '--registry', 'zookeeper'],
      /--registry: expected one of cloudmap, .* got zookeeper/,
    ],
  ])('%j is refused in one line, which names the word', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(
      expect.objectContaining({ exit: EXIT.wrongUse, message: expect.stringMatching(message) }),
    );
    expect(() => parseCommandLine(args)).toThrow(/^[^\n]*$/);
  });
});

describe('the commands', () => {
  it('each load, and say what exit code 1 means', async () => {
    for (const { load, finds, summary } of COMMANDS) {
      expect((await load()).run).toBeTypeOf('function');
      expect(finds).not.toBe('');
      expect(summary).toMatch(/[^.]$/);
    }
  });
});
