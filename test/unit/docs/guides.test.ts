import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Rules } from '../../../shared/config/config.ts';
import { SETTINGS, type Setting } from '../../../shared/config/settings.ts';
import { container, derived, port } from '../derive/builders.ts';
import { deriveExample, WRITTEN } from './examples.ts';
import { type Fence, fencesOf } from './fences.ts';

const DOCS = resolve(import.meta.dirname, '../../../docs');
const settings: readonly Setting[] = Object.values(SETTINGS);
const read = (page: string) => readFile(resolve(DOCS, page), 'utf8');

/** A task definition, what it is read under, and what the page says of it, registry by registry. */
interface Example {
  readonly definition: Fence;
  readonly results: readonly Fence[];
}

const isDefinition = ({ language, text }: Fence) =>
  language === 'json' && text.includes('containerDefinitions');

const examplesOf = (markdown: string): readonly Example[] => {
  const examples: { definition: Fence; results: Fence[] }[] = [];
  for (const fence of fencesOf(markdown)) {
    if (isDefinition(fence)) examples.push({ definition: fence, results: [] });
    else if (Object.hasOwn(WRITTEN, fence.about)) examples.at(-1)?.results.push(fence);
  }
  return examples;
};

const rulesOf = (about: string): Partial<Rules> =>
  Object.fromEntries(about.split(' ').map((pair) => pair.split('=')));

describe.each([
  ['migrating-from-registrator.md', 1],
  ['migrating-from-ecs-service-discovery.md', 2],
  ['eureka-on-ecs.md', 3],
])('%s', (page, count) => {
  test('shows of each task definition what is written of it, and no note or fault', async () => {
    const examples = examplesOf(await read(page));
    expect(examples).toHaveLength(count);
    for (const { definition, results } of examples) {
      const { instances, notes } = await deriveExample(definition.text, rulesOf(definition.about));
      expect(notes).toEqual([]);
      expect(results.length).toBeGreaterThan(0);
      for (const { about, text } of results)
        expect(instances.flatMap((one) => WRITTEN[about]?.(one) ?? [])).toMatchObject(
          JSON.parse(text),
        );
    }
  });

  test('names only variables that are read', async () => {
    const names = [...(await read(page)).matchAll(/\bROLLCALL_[A-Z_]*[A-Z]\b/g)].map(
      ([name]) => name,
    );
    expect(settings.map(({ env }) => env)).toEqual(expect.arrayContaining(names));
  });

  test('names no label that is not known', async () => {
    const names = [...(await read(page)).matchAll(/\bSERVICE_[A-Z0-9_]*[A-Z0-9]\b/g)].map(
      ([name]) => name,
    );
    const labels = Object.fromEntries(names.map((name) => [name, '1']));
    const { notes } = derived({
      containers: [container({ labels, ports: [port(8081), port(8443)] })],
    });
    expect(notes.filter((note) => note.includes('not known'))).toEqual([]);
  });
});
