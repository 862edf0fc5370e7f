import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { fencesOf } from './fences.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const PAGES = ['README.md', 'README.zh-CN.md'] as const;

let english: string;
let chinese: string;
beforeAll(async () => {
  [english = '', chinese = ''] = await Promise.all(
    PAGES.map((page) => readFile(resolve(ROOT, page), 'utf8')),
  );
});

/** How deep each heading is, in their order. */
const headings = (page: string) =>
  [...page.matchAll(/^(#+) /gm)].map(([, marks = '']) => marks.length);

/** Targets, but for the page's own translation. */
const linksIn = (page: string) =>
  [...page.matchAll(/\]\(([^)]+)\)|^\[\w+\]: (\S+)$/gm)]
    .map(([, inline, referred]) => inline ?? referred ?? '')
    .filter((link) => !/^README\b/.test(link));

/** What stands in backticks outside of fences: words to type, whatever the language. */
const typed = (page: string) =>
  [...page.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(
    ([, word = '']) => word,
  );

describe('README.md and README.zh-CN.md', () => {
  it('have the same headings, one by one as deep', () => {
    expect(headings(english).length).toBeGreaterThan(7);
    expect(headings(chinese)).toEqual(headings(english));
  });

  it('have the same commands and screens', () => {
    expect(fencesOf(english).length).toBeGreaterThan(3);
    expect(fencesOf(chinese)).toEqual(fencesOf(english));
  });

  it('link to the same places, each of which is there', () => {
    expect(linksIn(chinese).toSorted()).toEqual(linksIn(english).toSorted());
    const files = linksIn(english).filter((link) => !link.includes(':'));
    const missing = files.filter((link) => !existsSync(resolve(ROOT, link.replace(/#.*/, ''))));
    expect(missing).toEqual([]);
  });

  it('name the same words to type', () => {
    const own = new Set(typed(english));
    expect(typed(chinese).filter((word) => !own.has(word) && word !== 'docs/')).toEqual([]);
  });

  it('link to each other', () => {
    expect(english).toContain('](README.zh-CN.md)');
    expect(chinese).toContain('](README.md)');
  });

  it('begin with the two commands, and are short', () => {
    const [first] = fencesOf(english);
    expect(first?.text).toMatch(/^npm ci && npm start .*\nnpm ci && npm test /);
    expect(english.indexOf('npm ci')).toBeLessThan(500);
    expect(english.split('\n').length).toBeLessThan(130);
  });

  it('say which Node is needed as package.json does', async () => {
    const { engines } = JSON.parse(await readFile(resolve(ROOT, 'package.json'), 'utf8'));
    const [, version = ''] = /^>=(\d+)$/.exec(engines.node) ?? [];
    expect(english).toContain(`Node ${version} or newer`);
    expect(chinese).toContain(`Node ${version} 或更高版本`);
  });
});
