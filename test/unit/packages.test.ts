import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const read = (name: string) =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, '../..', name), 'utf8'));

interface Locked {
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
}

const manifest: { readonly allowScripts: Readonly<Record<string, boolean>> } = read('package.json');
const lock: { readonly packages: Readonly<Record<string, Locked>> } = read('package-lock.json');
const { '': _, ...installed } = lock.packages;
const named = (path: string) => path.split('node_modules/').at(-1) ?? '';

describe('packages', () => {
  it('come from whatever registry npm is set to: the lock names none, and holds what each contains', () => {
    const entries = Object.values(installed);
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.filter((one) => one.resolved !== undefined || !one.integrity)).toEqual([]);
  });

  it('run no script at install about which nothing was decided', () => {
    const scripted = Object.entries(installed).filter(([, one]) => one.hasInstallScript);
    const names = new Set(scripted.map(([path]) => named(path)));
    expect(new Set(Object.keys(manifest.allowScripts))).toEqual(names);
  });
});
