import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(resolve(ROOT, file), 'utf8');

const PAGES = [
  'CONTRIBUTING.md',
  'docs/architecture.md',
  'docs/glossary.md',
  'docs/writing-a-registry.md',
];

/** What the summary and the messages in flight look like. */
const SCHEMAS = ['shared/source/summary.ts', 'shared/source/message.ts'];

describe.each(PAGES)('%s', (page) => {
  const text = read(page);

  it('links to what exists', () => {
    const links = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
    const files = links.filter((link) => !link.includes(':'));
    const missing = files.filter((link) => !existsSync(resolve(ROOT, dirname(page), link)));
    expect(missing).toEqual([]);
  });

  it('names paths that exist', () => {
    expect(pathsIn(text).filter((path) => !existsSync(resolve(ROOT, path)))).toEqual([]);
  });
});

/** Paths from the root in backticks; `acme` stands for a registry that is yet to be written. */
const pathsIn = (text: string) =>
  [
    ...text.matchAll(
      /`((?:\.ci|bench|command|docs|functions|local|scripts|shared|stack|test)\/[\w./-]+)`/g,
    ),
  ]
    .map(([, path = '']) => path)
    .filter((path) => !path.includes('acme'));

describe('docs/architecture.md', () => {
  it('has a paragraph for every folder of shared, and for those within them', () => {
    const folders = globSync('shared/{*,*/*}/', { cwd: ROOT }).map((path) =>
      path.replace(/\/$/, ''),
    );
    const heads = [...read('docs/architecture.md').matchAll(/\*\*`(shared\/[\w/-]+)`\*\*/g)];
    expect(folders.length).toBeGreaterThan(15);
    expect(heads.map(([, folder]) => folder).toSorted()).toEqual(folders.toSorted());
  });
});

const sources = globSync('{functions,shared}/**/*.ts', { cwd: ROOT }).map((file) => ({
  file,
  text: read(file),
}));

describe('docs/glossary.md', () => {
  const entries = [...read('docs/glossary.md').matchAll(/\*\*([^*]+)\*\* \(([^)]*)\)/g)];
  const names = entries.flatMap(([, , names = '']) =>
    [...names.matchAll(/`([^`]+)`( †)?/g)].map(([, name = '', mark]) => ({
      name,
      isSeen: mark !== undefined,
    })),
  );
  const word = (name: string) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`);

  it('has each word once', () => {
    const words = entries.map(([, word]) => word);
    expect(words.length).toBeGreaterThan(80);
    expect(words.filter((one, at) => words.indexOf(one) !== at)).toEqual([]);
  });

  it('gives each word a name that the code has', () => {
    const code = sources.map(({ text }) => text).join('\n');
    expect(names.length).toBeGreaterThanOrEqual(entries.length);
    expect(names.filter(({ name }) => !word(name).test(code))).toEqual([]);
  });

  it('marks as seen by users what the other pages, or the JSON that is kept or sent, name', () => {
    const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })];
    const told = [...pages.filter((page) => !PAGES.includes(page)), ...SCHEMAS].map(read);
    const unseen = names.filter(
      ({ name, isSeen }) => isSeen && !told.some((text) => word(name).test(text)),
    );
    expect(unseen).toEqual([]);
  });
});

describe('a verb that promises to use no network', () => {
  it('is kept by what returns no promise', () => {
    const asynchronous = /\bconst ((?:to|from|parse|fit|is)[A-Z]\w*) = async\b/g;
    expect(
      sources.flatMap(({ text }) => [...text.matchAll(asynchronous)].map(([, name]) => name)),
    ).toEqual([]);
  });
});

describe('a name that is exported', () => {
  /** Registries have the same verbs, protocols the same handlers, functions the same export. */
  const roomOf = (file: string) =>
    /^(functions|shared\/registries|shared\/resolver\/protocols)\//.exec(file)?.[1] ?? file;

  it('means one thing in all folders', () => {
    const rooms = new Map<string, Set<string>>();
    for (const { file, text } of sources)
      for (const [, name = ''] of text.matchAll(EXPORT))
        rooms.set(name, (rooms.get(name) ?? new Set()).add(roomOf(file)));
    expect(rooms.size).toBeGreaterThan(300);
    expect([...rooms].filter(([, all]) => all.size > 1).map(([name]) => name)).toEqual([]);
  });
});

const EXPORT = /^export (?:async )?(?:const|function|class|interface|type) (\w+)/gm;
