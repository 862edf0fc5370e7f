import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleCommand } from '../../../scripts/bundle/command.ts';
import { foldersIn, type Package, readPackage } from '../../../scripts/bundle/packages.ts';
import { type Contents, toLicences, toSbom } from '../../../scripts/bundle/sbom.ts';
import { type Bundle, bundle, LICENCES, SBOM, writeBill } from '../../../scripts/bundle.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

interface Sbom extends Omit<ReturnType<typeof toSbom>, 'components'> {
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly purl: string;
    readonly licenses: readonly object[];
    readonly hashes?: readonly { readonly content: string }[];
  }[];
}

describe('the bill of what is bundled', () => {
  let folder: string;
  let bundles: readonly (Bundle | Contents)[];
  let sbom: Sbom;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-sbom-'));
    const names = (await readdir(join(ROOT, 'functions'))).map((one) => one.replace('.ts', ''));
    bundles = await Promise.all([
      ...names.map((name) =>
        bundle({ entry: join(ROOT, 'functions', `${name}.ts`), outdir: join(folder, name) }),
      ),
      bundleCommand(join(folder, 'rollcall.mjs')),
    ]);
    await writeBill(bundles, folder);
    sbom = JSON.parse(await readFile(join(folder, SBOM), 'utf8'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const held = () => [...new Set(bundles.flatMap(({ folders }) => folders))];
  const nameOf = (one: string) => one.split('node_modules/').at(-1);

  it('names every package of which a bundle holds something, and no other, with version, licence and digest', async () => {
    expect(sbom.components.length).toBeGreaterThan(10);
    expect(sbom.components.map(({ name }) => name).sort()).toEqual(held().map(nameOf).sort());
    const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'));
    for (const { name, version, purl, licenses, hashes } of sbom.components) {
      const locked = packages[`node_modules/${name}`];
      expect([name, version]).toEqual([name, locked.version]);
      expect(purl).toBe(`pkg:npm/${name.replace('@', '%40')}@${version}`);
      expect([name, licenses.length]).toEqual([name, 1]);
      const digest = Buffer.from(hashes?.[0]?.content ?? '', 'hex').toString('base64');
      expect(`sha512-${digest}`).toBe(locked.integrity);
    }
  });

  it('says which function holds which: clients of AWS are where they are called', () => {
    const of = (name: string) =>
      sbom.dependencies.find(({ ref }) => ref === `rollcall/${name}`)?.dependsOn.join() ?? '';
    expect(sbom.dependencies).toHaveLength(bundles.length + 1);
    for (const { name, folders } of bundles)
      expect([name, of(name).split(',').length]).toEqual([name, folders.length]);
    expect(of('renew')).toContain('client-sqs@');
    expect(of('on-task-event')).toContain('client-ecs@');
    expect(of('resolve')).not.toContain('client-ecs@');
  });

  it('holds what functions and command need and nothing that only builds or tests', async () => {
    const names = sbom.components.map(({ name }) => name);
    const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    const { dependencies, devDependencies } = manifest;
    expect(names).toEqual(expect.arrayContaining(Object.keys(dependencies)));
    expect(names.filter((name) => name in devDependencies)).toEqual([]);
  });

  it('comes with the text of every licence that its packages bring', async () => {
    const text = await readFile(join(folder, LICENCES), 'utf8');
    for (const one of held()) {
      const { name, version, texts } = await readPackage(ROOT, one);
      expect(text).toContain(`${name} ${version} (`);
      for (const licence of texts) expect(text).toContain(licence);
    }
    expect(text).toContain('TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION');
  });

  it('is the same for the same bundles', async () => {
    const before = await readFile(join(folder, SBOM), 'utf8');
    await writeBill(bundles, folder);
    expect(await readFile(join(folder, SBOM), 'utf8')).toBe(before);
  });
});

describe('packages in a bundle', () => {
  it('are found by the files that gave at least a byte, scoped, nested and behind a namespace', () => {
    const inputs = {
      'functions/resolve.ts': 9,
      'node_modules/valibot/dist/index.mjs': 5,
      'node_modules/valibot/dist/other.mjs': 5,
      'node_modules/@aws-sdk/core/dist-es/index.js?all': 5,
      'node_modules/a/node_modules/@b/c/index.js': 5,
      'environment-credentials:/home/me/rollcall/node_modules/@aws-sdk/d/index.js': 5,
      'node_modules/left-out/index.js': 0,
    };
    const bytes = Object.entries(inputs).map(([file, bytesInOutput]) => [file, { bytesInOutput }]);
    const output = { bytes: 1, inputs: Object.fromEntries(bytes), imports: [], exports: [] };
    expect(foldersIn({ outputs: { 'index.js': output } })).toEqual([
      'node_modules/@aws-sdk/core',
      'node_modules/@aws-sdk/d',
      'node_modules/a/node_modules/@b/c',
      'node_modules/valibot',
    ]);
  });

  it('without a licence stop the build', async () => {
    await expect(readPackage(ROOT, '.')).resolves.toMatchObject({ license: 'Apache-2.0' });
    await expect(readPackage(ROOT, 'test/fixtures/unlicensed')).rejects.toThrow(
      'test/fixtures/unlicensed/package.json: license: expected a text, got undefined',
    );
  });
});

describe('a bill', () => {
  const one = (more: Partial<Package> = {}): Package => ({
    folder: 'node_modules/a',
    name: 'a',
    version: '1.0.0',
    license: 'MIT',
    texts: ['Text of MIT'],
    ...more,
  });

  it('names a version once that is installed twice, and a choice of licences as an expression', () => {
    const packages = [
      one({ license: '(MIT OR Apache-2.0)' }),
      one({ folder: 'node_modules/b/node_modules/a', license: '(MIT OR Apache-2.0)' }),
    ];
    const functions = [{ name: 'f', folders: packages.map(({ folder }) => folder) }];
    const { components, dependencies } = toSbom({
      version: '1',
      functions,
      packages,
      integrity: {},
    });
    expect(components).toMatchObject([{ licenses: [{ expression: '(MIT OR Apache-2.0)' }] }]);
    expect(dependencies.at(-1)).toEqual({ ref: 'rollcall/f', dependsOn: ['pkg:npm/a@1.0.0'] });
  });

  it('has each licence’s text once, under all that have it, and says where there is none', () => {
    const text = toLicences([one(), one({ name: 'b' }), one({ name: 'c', texts: [] })]);
    expect(text.split('Text of MIT')).toHaveLength(2);
    expect(text).toContain('a 1.0.0 (MIT)\nb 1.0.0 (MIT)\n\nText of MIT');
    expect(text).toContain('c 1.0.0 (MIT)\n\nWithout a text of its own');
  });
});
