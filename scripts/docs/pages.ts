import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ASKED } from '../../stack/changes.ts';
import { commandsTable, commonTable } from './commands.ts';
import { readStack, type Stack } from './stack.ts';
import { groupTable, stackTable, summaryTable } from './tables.ts';
import { updatesTable } from './updates.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Written by hand, but for the tables between their markers. */
const PAGES = [
  'README.md',
  'docs/command.md',
  'docs/configuration.md',
  'docs/operations.md',
  'docs/updates.md',
];

export interface Page {
  readonly path: string;
  readonly text: string;
  readonly isStale: boolean;
}

/** Every page as it should be. */
export const renderPages = async (): Promise<readonly Page[]> => {
  const [stack, updates] = await Promise.all([readStack(), updatesTable()]);
  return Promise.all(
    PAGES.map(async (path) => {
      const before = await readFile(join(ROOT, path), 'utf8');
      const text = fill(before, stack)
        .replace(UPDATES, `$1\n${updates}\n\n$2`)
        .replace(ASKED_ABOUT, `$1\n${asked(stack)}\n\n$2`)
        .replace(COMMANDS_TABLE, (_all, start, end) => `${start}\n${commandsTable()}\n\n${end}`)
        .replace(COMMON_TABLE, (_all, start, end) => `${start}\n${commonTable()}\n\n${end}`);
      return { path, text, isStale: text !== before };
    }),
  );
};

/**
 * `<!-- settings -->`: the short table; `<!-- settings: Consul -->`: a group in full; `… set by the
 * stack`: the rest.
 */
const MARKED = /(<!-- settings(?:: (.+?))? -->\n)[\s\S]*?(<!-- \/settings -->)/g;
const REST = 'set by the stack';

/** What each change of parameters does to the stack. */
const UPDATES = /(<!-- updates -->\n)[\s\S]*?(<!-- \/updates -->)/;

/** What a deployment asks about before it changes a stack that stands. */
const ASKED_ABOUT = /(<!-- asked -->\n)[\s\S]*?(<!-- \/asked -->)/;

/** The commands of `rollcall`, and what each of them takes. */
const COMMANDS_TABLE = /(<!-- commands -->\n)[\s\S]*?(<!-- \/commands -->)/;
const COMMON_TABLE = /(<!-- common options -->\n)[\s\S]*?(<!-- \/common options -->)/;

/** In the stack's own order, in lines as long as the page's. */
const asked = ({ parameters }: Stack) =>
  Object.keys(parameters)
    .filter((name) => Object.hasOwn(ASKED, name))
    .map((name) => `\`${name}\``)
    .join(', ')
    .replaceAll(/(.{1,98})( |$)/g, '$1\n')
    .trimEnd();

const fill = (text: string, stack: Stack) =>
  text.replace(MARKED, (_all, start: string, title: string | undefined, end: string) => {
    const made =
      title === undefined
        ? summaryTable(stack)
        : title === REST
          ? stackTable()
          : groupTable(stack, title);
    // A table needs an empty line before it: a comment is HTML, and HTML goes on until there is
    // one.
    return `${start}\n${made}\n\n${end}`;
  });
