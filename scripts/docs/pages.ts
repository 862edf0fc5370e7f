import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ASKED } from '../../stack/changes.ts';
import { packageStack } from '../stack/package-stack.ts';
import type { Template } from '../stack/template.ts';
import { commandsTable, commonTable } from './commands.ts';
import {
  assumptionsTable,
  featuresTable,
  fleetsTable,
  pricesTable,
  startsAt,
} from './cost/tables.ts';
import { readStack, type Stack } from './stack.ts';
import { startScreen } from './start.ts';
import { groupTable, stackTable } from './tables.ts';
import { updatesTable } from './updates.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Written by hand, but for the tables between their markers. */
const PAGES = [
  'README.md',
  'README.zh-CN.md',
  'docs/command.md',
  'docs/configuration.md',
  'docs/cost.md',
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
  const template = await packageStack();
  const stack = readStack(template);
  const parts = generated(template);
  return Promise.all(
    PAGES.map(async (path) => {
      const before = await readFile(join(ROOT, path), 'utf8');
      const text = fillParts(fill(before, stack), { ...parts, asked: asked(stack) });
      return { path, text, isStale: text !== before };
    }),
  );
};

/** What stands between `<!-- name -->` and `<!-- /name -->`, by the name. */
const generated = (template: Template): Readonly<Record<string, string>> => ({
  updates: updatesTable(template),
  commands: commandsTable(),
  'common options': commonTable(),
  fleets: fleetsTable(template),
  features: featuresTable(template),
  assumed: assumptionsTable(),
  prices: pricesTable(),
  'starts at': startsAt(template),
  start: `\`\`\`text\n${startScreen()}\n\`\`\``,
});

const PART = /<!-- ([a-z ]+) -->([\s\S]*?)<!-- \/\1 -->/g;

/**
 * A part within a line stays there. Any other has an empty line before it: a comment is HTML, and
 * HTML goes on until there is one.
 */
const fillParts = (text: string, parts: Readonly<Record<string, string>>) =>
  text.replace(PART, (all, name: string, before: string) => {
    const part = parts[name];
    if (part === undefined) return all;
    const inside = before.includes('\n') ? `\n\n${part}\n\n` : part;
    return `<!-- ${name} -->${inside}<!-- /${name} -->`;
  });

/** `<!-- settings: Consul -->`: a group of the parameters; `… set by the stack`: the rest. */
const MARKED = /(<!-- settings: (.+?) -->\n)[\s\S]*?(<!-- \/settings -->)/g;
const REST = 'set by the stack';

/** In the stack's own order, in lines as long as the page's. */
const asked = ({ parameters }: Stack) =>
  Object.keys(parameters)
    .filter((name) => Object.hasOwn(ASKED, name))
    .map((name) => `\`${name}\``)
    .join(', ')
    .replaceAll(/(.{1,98})( |$)/g, '$1\n')
    .trimEnd();

const fill = (text: string, stack: Stack) =>
  text.replace(MARKED, (_all, start: string, title: string, end: string) => {
    const made = title === REST ? stackTable() : groupTable(stack, title);
    return `${start}\n${made}\n\n${end}`;
  });
