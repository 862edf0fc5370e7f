import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { loadConfig } from '../../shared/config/load.ts';
import { fencesOf } from '../unit/docs/fences.ts';

const ROOT = resolve(import.meta.dirname, '../..');

const block = async (name: string): Promise<string> => {
  const page = await readFile(resolve(ROOT, 'docs/resolver-process.md'), 'utf8');
  return fencesOf(page).find(({ about }) => about === name)?.text ?? '';
};

const ENTRY = 'scripts/resolver.ts';

/** Every file of ours that the process may load, with what it imports. */
const modules = async () => {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [ENTRY],
    outdir: 'nowhere',
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    metafile: true,
    write: false,
  });
  return metafile.inputs;
};

test('the image of the docs copies all files that the process imports, and installs all packages', async () => {
  const inputs = await modules();
  const copied = [...(await block('image')).matchAll(/^COPY (.+) \S+$/gm)].flatMap(
    ([, from = '']) => from.split(' '),
  );
  const isCopied = (file: string) =>
    copied.some((one) => file === one || file.startsWith(`${one}/`));
  expect(Object.keys(inputs).filter((file) => !isCopied(file))).toEqual([]);

  const { dependencies } = JSON.parse(await readFile(resolve(ROOT, 'package.json'), 'utf8'));
  const imported = Object.values(inputs).flatMap(({ imports }) =>
    imports
      .filter(({ external, path }) => external && !path.startsWith('node:'))
      .map(({ path }) => path),
  );
  expect(imported).toContain('@aws-sdk/client-servicediscovery');
  expect(imported.filter((name) => !Object.hasOwn(dependencies, name))).toEqual([]);
});

test('no package is loaded before something needs it: AWS’s take 15 MB of a process over Consul', async () => {
  const inputs = await modules();
  const loaded = new Set([ENTRY]);
  // A set gives what is added on the way, too.
  for (const file of loaded)
    for (const { path, kind } of inputs[file]?.imports ?? [])
      if (kind === 'import-statement') loaded.add(path);
  expect(loaded).toContain('shared/resolver/resolver.ts');
  expect([...loaded].filter((name) => !inputs[name] && !name.startsWith('node:'))).toEqual([]);
});

test('the task definition of the docs has all settings that the process needs', async () => {
  const { containerDefinitions } = JSON.parse(await block('task'));
  const environment: readonly { name: string; value: string }[] =
    containerDefinitions[0].environment;
  const given = Object.fromEntries(environment.map(({ name, value }) => [name, value]));
  const config = await loadConfig(given, async () => 'the token');
  expect(config).toMatchObject({
    registries: ['cloudmap'],
    resolve: { access: 'token', from: 'cloudmap' },
  });
  expect(config.resolve.token?.reveal()).toBe('the token');
});
