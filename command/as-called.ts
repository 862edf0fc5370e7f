import type { CommandInput } from './command.ts';
import { COMMANDS } from './commands.ts';
import { COMMON } from './options.ts';

/** These ask no deployment, so none need be named. */
const ASKS_NOBODY: ReadonlySet<string> = new Set(['preview', 'completion']);

const namesOf = (takesOne: boolean) =>
  COMMANDS.filter(({ name, takes }) => !ASKS_NOBODY.has(name) && (takes !== undefined) === takesOne)
    .map(({ name }) => name)
    .join('|');

/** A command as answers write it, with the one word that it may take. */
const WRITTEN = new RegExp(
  `(?<![\\w-])rollcall (?:(?:${namesOf(true)})(?: [^\\s;,]+)?|(?:${namesOf(false)})(?![\\w-]))`,
  'g',
);

/**
 * Puts the commands that a text leads to as this one was called, with what says whom it asked, so
 * that they can be pasted.
 */
export const asCalled = (input: CommandInput, calledBy: string): ((text: string) => string) => {
  const whom = Object.entries(COMMON).flatMap(([name, { value, isWhom }]) => {
    if (!isWhom || !input.has(name)) return [];
    return value === undefined ? [` --${name}`] : [` --${name} ${input.value(name)}`];
  });
  return (text) =>
    text.replaceAll(
      WRITTEN,
      (found) => `${calledBy}${found.slice('rollcall'.length)}${whom.join('')}`,
    );
};
