import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { parseCommandLine } from '../../../command/arguments.ts';
import { packageStack } from '../../../scripts/stack/package-stack.ts';
import { ofType, type Template } from '../../../scripts/stack/template.ts';

let template: Template;
let page: string;
beforeAll(async () => {
  template = await packageStack();
  page = await readFile(resolve(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
});

const firstCells = (table: string) =>
  [...table.matchAll(/^\| (`.*?) \|/gm)].map(([, cell = '']) => cell);
const names = (cell: string) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);

it('docs/operations.md says what to do at each alarm of the stack, and at no other', () => {
  const [, table = ''] = /<!-- alarms -->([\s\S]*)<!-- \/alarms -->/.exec(page) ?? [];
  const alarms = ofType(template, 'AWS::CloudWatch::Alarm').map(([name]) => name);
  expect(firstCells(table).flatMap(names).toSorted()).toEqual(alarms.toSorted());
});

it('docs/operations.md names only parameters that the stack has, and commands that are taken', () => {
  const [, changes = ''] = /## Changing parameters([\s\S]*)## Many accounts/.exec(page) ?? [];
  const said = firstCells(changes).flatMap(names);
  expect(said.length).toBeGreaterThan(8);
  const known = [...Object.keys(template.Parameters), 'token'];
  expect(said.filter((name) => !known.includes(name))).toEqual([]);
  const lines = [...page.matchAll(/`rollcall ([a-z][^`]*)`/g)].map(([, line = '']) => line);
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) {
    const words = line.match(/"[^"]*"|\S+/g) ?? [];
    expect(parseCommandLine(words).command?.name, line).toBe(words[0]);
  }
});
