import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../../scripts/docs/examples.ts';
import { renderPages } from '../../../scripts/docs/pages.ts';
import { referred } from '../../../scripts/serverless/template.ts';
import { packageStack } from '../../../scripts/stack/package-stack.ts';
import { list, type Template } from '../../../scripts/stack/template.ts';
import { loadConfig } from '../../../shared/config/load.ts';
import { type Program, SETTINGS, type Setting } from '../../../shared/config/settings.ts';
import { derived, labelled } from '../derive/builders.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const settings: readonly Setting[] = Object.values(SETTINGS);

let template: Template;
let page: string;
beforeAll(async () => {
  template = await packageStack();
  page = await readFile(join(ROOT, 'docs/configuration.md'), 'utf8');
});

/** What the rows between two markers begin with. */
const documented = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/<!-- settings.*?-->([\s\S]*?)<!-- \/settings -->/g)].flatMap(
    ([, table = '']) =>
      [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) =>
        [...cell.matchAll(/`(.+?)`/g)].map(([, name = '']) => name),
      ),
  );

it('the pages are as `npm run docs` writes them', async () => {
  const stale = (await renderPages()).filter(({ isStale }) => isStale).map(({ path }) => path);
  expect(stale, 'run: npm run docs').toEqual([]);
});

describe('docs/configuration.md', () => {
  it('tells every parameter of the stack and every variable of the configuration once, and no others', () => {
    const known = [...Object.keys(template.Parameters), ...settings.map(({ env }) => env)];
    expect(documented(page).toSorted()).toEqual(known.toSorted());
  });

  it('knows the words for Eureka as the code does', () => {
    const words = [...page.matchAll(/`(SERVICE_EUREKA_[A-Z_]+)`/g)].map(([, word = '']) => word);
    expect(words.length).toBeGreaterThan(0);
    const { notes } = derived({
      containers: labelled(Object.fromEntries(words.map((word) => [word, 'UP']))),
    });
    expect(notes.filter((note) => note.includes('not known'))).toEqual([]);
  });
});

describe('what is documented is so', () => {
  it.each(Object.values(SETTINGS) as readonly Setting[])('$env is read', async (setting) => {
    const [before, after] = await Promise.all([
      plainConfig(BASE, setting.program),
      plainConfig({ ...BASE, ...another(setting) }, setting.program),
    ]);
    expect(after).not.toEqual(before);
  });

  it('every parameter has a part in what is deployed', () => {
    const used = new Set(referred([template.Resources, template.Conditions]));
    expect(Object.keys(template.Parameters).filter((name) => !used.has(name))).toEqual([]);
  });

  it('defaults and choices of parameters and variables are the same', () => {
    const single = (values: readonly unknown[]) =>
      values.filter((value) => !/^$|,/.test(String(value)));
    for (const { param, fallback, values } of settings.filter(({ param }) => param !== undefined)) {
      const { Default, AllowedValues } = template.Parameters[param ?? ''] ?? {};
      expect([param, Default]).toEqual([param, fallback ?? '']);
      if (values)
        expect([param, single(list(AllowedValues)).sort()]).toEqual([param, [...values].sort()]);
    }
  });

  it('examples are what the template takes', () => {
    const free = Object.entries(template.Parameters).filter(([name]) => name in EXAMPLES);
    for (const [name, { AllowedPattern = '.*' }] of free)
      expect([name, EXAMPLES[name]]).toEqual([
        name,
        expect.stringMatching(`^(?:${AllowedPattern})$`),
      ]);
  });
});

/** Every registry, so that nothing is left unread; the values are those of no example. */
const BASE: Readonly<Record<string, string>> = {
  ROLLCALL_REGISTRIES: 'cloudmap,consul,eureka',
  ROLLCALL_OWNER: 'o',
  ROLLCALL_NAMESPACE: 'n',
  CONSUL_HTTP_ADDR: 'consul:8500',
  CONSUL_CLIENT_CERT: 'certificate',
  CONSUL_CLIENT_KEY: 'key',
  EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: 'http://eureka:8761/eureka/',
  EUREKA_CLIENT_TLS_CERT: 'certificate',
  EUREKA_CLIENT_TLS_KEY: 'key',
};

/**
 * Another valid value of a setting: its example, another of its choices, or one more than its
 * default.
 */
const another = ({ env, param, fallback, values }: Setting) => {
  const example = EXAMPLES[param ?? env];
  const value = example ?? values?.findLast((one) => one !== fallback) ?? `${Number(fallback) + 1}`;
  return { [env]: value };
};

/** A reference stands for its own text. */
const plainConfig = async (env: Readonly<Record<string, string>>, program?: Program) =>
  revealed(await loadConfig(env, async (reference) => reference, program));

const revealed = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Map) return Object.fromEntries(value);
  if ('reveal' in value && typeof value.reveal === 'function') return value.reveal();
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]));
};
