import { parseArgs } from 'node:util';
import { nearestTo } from '../shared/model/nearest.ts';
import type { Command, CommandInput } from './command.ts';
import { COMMANDS } from './commands.ts';
import { wrongUse } from './exit.ts';
import { optionsOf } from './options.ts';

export interface Parsed {
  /** None: the help of all of them. */
  readonly command?: Command;
  readonly input: CommandInput;
}

type Given = string | boolean | (string | boolean)[] | undefined;

/** What was called, and with what. Throws what names the word that is wrong. */
export const parseCommandLine = (args: readonly string[]): Parsed => {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const about = name === undefined ? undefined : rest[0];
    const command = about === undefined ? undefined : commandNamed(about);
    return { ...(command && { command }), input: toInput({ help: true }, []) };
  }
  const command = commandNamed(name);
  const { values, positionals } = parse(command, rest);
  checkChoices(command, values);
  if (values['help'] === undefined) checkArguments(command, positionals);
  return { command, input: toInput(values, positionals) };
};

const commandNamed = (name: string): Command => {
  const found = COMMANDS.find((one) => one.name === name);
  if (found) return found;
  const names = COMMANDS.map((one) => one.name);
  const [near] = nearestTo(name, names);
  throw wrongUse(
    near === undefined
      ? `expected one of ${names.join(', ')}, got ${name}; rollcall --help says what each does`
      : `there is no command ${name}; is ${near} meant? rollcall --help lists all`,
  );
};

const parse = (command: Command, args: readonly string[]) => {
  const options = Object.entries(optionsOf(command)).map(
    ([name, { value, multiple, short }]) =>
      [
        name,
        {
          type: value === undefined ? 'boolean' : 'string',
          multiple: multiple ?? false,
          ...(short && { short }),
        },
      ] as const,
  );
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: Object.fromEntries(options),
    });
  } catch (error) {
    // The first sentence names the option; the rest is about how to write what nobody means.
    const [said] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
    const [, unknown = ''] = /Unknown option '--([^']*)'/.exec(said ?? '') ?? [];
    const [near] = nearestTo(unknown, Object.keys(optionsOf(command)));
    const meant = near === undefined ? '' : `; is --${near} meant?`;
    throw wrongUse(
      `${command.name}: ${said}${meant}; rollcall ${command.name} --help lists the options`,
    );
  }
};

const checkChoices = (command: Command, values: Readonly<Record<string, Given>>) => {
  for (const [name, { choices }] of Object.entries(optionsOf(command))) {
    const given = values[name];
    if (choices && given !== undefined && !choices.includes(String(given)))
      throw wrongUse(`--${name}: expected one of ${choices.join(', ')}, got ${given}`);
  }
};

const checkArguments = ({ name, takes }: Command, args: readonly string[]) => {
  const isOptional = takes === undefined || takes.startsWith('[');
  const most = takes?.includes('…') ? Number.POSITIVE_INFINITY : takes === undefined ? 0 : 1;
  if (args.length > most)
    throw wrongUse(`${name}: expected ${takes ?? 'nothing behind it'}, got ${args.join(' ')}`);
  if (args.length === 0 && !isOptional) throw wrongUse(`${name}: expected ${takes}, got nothing`);
};

const toInput = (
  values: Readonly<Record<string, Given>>,
  args: readonly string[],
): CommandInput => {
  const all = (name: string): readonly string[] =>
    [values[name]].flat().flatMap((value) => (typeof value === 'string' ? [value] : []));
  return {
    args,
    value: (name) => (values[name] === true ? '' : all(name)[0]),
    values: all,
    has: (name) => values[name] !== undefined && values[name] !== false,
  };
};
