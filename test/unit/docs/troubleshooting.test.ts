import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(resolve(ROOT, file), 'utf8');
const page = read('docs/troubleshooting.md');

/** First cells of the tables of one section. */
const cellsOf = (section: string) => {
  const [, text = ''] = new RegExp(`^## ${section}\\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(
    page,
  ) ?? [''];
  return [...text.matchAll(/^\| (.*?) \|/gm)].map(([, cell = '']) => cell);
};
const inCode = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

it('docs/troubleshooting.md has every code with which a port is left out, and no other', () => {
  const [, union = ''] =
    /export type SkipCode =([\s\S]*?);/.exec(read('shared/model/plan.ts')) ?? [];
  const codes = [...union.matchAll(/'([\w-]+)'/g)].map(([, code = '']) => code);
  expect(codes.length).toBeGreaterThan(20);
  expect(cellsOf('Why a port is left out').flatMap(inCode).toSorted()).toEqual(codes.toSorted());
});

it('docs/troubleshooting.md quotes what the programs say', () => {
  const sources = globSync('{shared,functions,command}/**/*.ts', { cwd: ROOT })
    .map(read)
    .join('\n')
    // What a message is put together from, as far as it is fixed.
    .replaceAll(/\$\{[^}]*\}/g, '…');
  const quoted = ['A service is not found', 'Nothing registers at all', 'The resolver refuses']
    .flatMap(cellsOf)
    .flatMap(inCode)
    .flatMap((text) => text.split(/…|web|\d/))
    .map((part) =>
      part
        .trim()
        .replace(/^[(:;]+|[(:;]+$/g, '')
        .trim(),
    )
    .filter((part) => part.length > 4);
  expect(quoted.length).toBeGreaterThan(6);
  expect(quoted.filter((part) => !sources.includes(part))).toEqual([]);
});

it('docs/README.md leads to every page', () => {
  const front = read('docs/README.md');
  const pages = globSync('docs/*.md', { cwd: ROOT })
    .map((path) => path.replace('docs/', ''))
    .filter((path) => path !== 'README.md');
  expect(pages.filter((path) => !front.includes(`](${path}`))).toEqual([]);
});
