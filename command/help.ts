import type { Block } from './blocks.ts';
import type { Command, Option } from './command.ts';
import { COMMANDS } from './commands.ts';
import { COMMON, optionsOf } from './options.ts';

/** Of one command, or of all of them. */
export const help = (command?: Command): readonly Block[] =>
  command === undefined
    ? [
        ['rollcall <command> [options]: asks, and operates, Rollcall in AWS or on this machine.'],
        toTable(COMMANDS.map((one) => [usage(one), one.summary])),
        ['Each takes:'],
        toTable(Object.entries(COMMON).map(toRow)),
        [EXITS],
      ]
    : [
        [`rollcall ${usage(command)} [options]: ${command.summary}.`],
        toTable(Object.entries(optionsOf(command)).map(toRow)),
        [EXITS.replace('something to look at', `something to look at: ${command.finds}`)],
      ];

const EXITS =
  'Exits with 0: nothing is amiss; 1: something to look at; 2: called wrongly; 3: not answered.';

/** The command as it is typed. */
export const usage = ({ name, takes }: Command) =>
  takes === undefined ? name : `${name} ${takes}`;

/** An option as it is typed. */
export const flag = (name: string, { value, choices }: Option): string =>
  value === undefined ? `--${name}` : `--${name} ${choices?.join('|') ?? value}`;

const toRow = ([name, option]: [string, Option]) => [flag(name, option), option.help];

const toTable = (rows: readonly (readonly string[])[]) => {
  const [head = [], ...rest] = rows.map(([first = '', second = '']) => [`  ${first}`, second]);
  return rest.length > 0 ? { head, rows: rest } : head;
};
