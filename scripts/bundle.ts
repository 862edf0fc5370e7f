import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Metafile, type OutputFile, type Plugin } from 'esbuild';
import { COMMON, ROOT } from './bundle/options.ts';
import { foldersIn, readPackage } from './bundle/packages.ts';
import { plugins } from './bundle/plugins.ts';
import { type Contents, toLicences, toSbom } from './bundle/sbom.ts';
import { smallShared, startPlugins } from './bundle/start.ts';

export interface Bundle {
  readonly name: string;
  /** Absolute path of `index.js`; a package.json beside it says that it is a module. */
  readonly file: string;
  /** What every start loads: the entry and all that it imports statically. */
  readonly start: Size;
  readonly startFiles: readonly string[];
  /** Chunks that only some configurations load, by dynamic import. */
  readonly onDemand: Size;
  /** Of the packages that it holds something of. */
  readonly folders: readonly string[];
}

/** Bytes, minified and then compressed. */
export interface Size {
  readonly bytes: number;
  readonly gzip: number;
}

export interface BundleOptions {
  readonly entry: string;
  readonly outdir: string;
  /**
   * Without our plugins and in one file: what a bundle would be that is simply made. For comparison
   * only.
   */
  readonly naive?: boolean;
  /** Asked before our own. For comparison only. */
  readonly besides?: readonly Plugin[];
}

/** One entry into one folder, which is emptied first. Rejects with esbuild's messages. */
export const bundle = async ({
  entry,
  outdir,
  naive = false,
  besides = [],
}: BundleOptions): Promise<Bundle> => {
  // The page shows it.
  const define = { 'process.env.npm_package_version': JSON.stringify(await version()) };
  const make = async (withStart: readonly string[]) => {
    const made = await build({
      ...COMMON,
      entryPoints: { index: entry },
      outdir,
      splitting: !naive,
      target: 'node24',
      define,
      plugins: naive ? [] : [...besides, ...startPlugins(entry, withStart), ...plugins()],
    });
    return { ...made, loaded: loadedAtStart(made.metafile, relative(ROOT, index)) };
  };
  const index = join(outdir, 'index.js');
  const first = await make([]);
  const small = naive ? [] : smallShared(first.metafile, (name) => first.loaded.has(name));
  const result = small.length > 0 ? await make(small) : first;
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  await Promise.all([
    ...result.outputFiles.map((file) => writeFile(file.path, file.contents)),
    writeFile(join(outdir, 'package.json'), '{"type":"module"}\n'),
  ]);
  const isLoaded = (file: OutputFile) => result.loaded.has(relative(ROOT, file.path));
  const start = result.outputFiles.filter(isLoaded);
  return {
    name: basename(entry, '.ts'),
    file: index,
    start: sizeOf(start),
    startFiles: start.map((file) => file.path),
    onDemand: sizeOf(result.outputFiles.filter((file) => !isLoaded(file))),
    folders: foldersIn(result.metafile),
  };
};

/** Beside the bundles: what they hold, and under which licences. */
export const SBOM = 'sbom.cdx.json';
export const LICENCES = 'licences.txt';

/**
 * Each file in `functions/`, alone, into `.build/<name>/`; and beside them the bill of what they
 * hold, and of what else was made.
 */
export const bundleAll = async (besides: readonly Contents[] = []): Promise<readonly Bundle[]> => {
  const names = (await readdir(join(ROOT, 'functions')))
    .filter((name) => name.endsWith('.ts'))
    .sort();
  const targets = names.map((name) => ({
    entry: join(ROOT, 'functions', name),
    outdir: join(ROOT, '.build', basename(name, '.ts')),
  }));
  const bundles = await Promise.all(targets.map(bundle));
  await writeBill([...bundles, ...besides], join(ROOT, '.build'));
  return bundles;
};

const readJson = async (name: string) => JSON.parse(await readFile(join(ROOT, name), 'utf8'));
const version = async (): Promise<string> => (await readJson('package.json')).version;

/** For all bundles together. */
export const writeBill = async (bundles: readonly Contents[], folder: string): Promise<void> => {
  const lock = await readJson('package-lock.json');
  const folders = [...new Set(bundles.flatMap((one) => one.folders))].sort();
  const packages = await Promise.all(folders.map((one) => readPackage(ROOT, one)));
  const integrity = Object.fromEntries(
    folders.map((one) => [one, lock.packages[one]?.integrity] as const),
  );
  const sbom = toSbom({ version: await version(), functions: bundles, packages, integrity });
  await Promise.all([
    writeFile(join(folder, SBOM), `${JSON.stringify(sbom, null, 2)}\n`),
    writeFile(join(folder, LICENCES), toLicences(packages)),
  ]);
};

const loadedAtStart = (metafile: Metafile, file: string, seen = new Set<string>()): Set<string> => {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { path, kind } of metafile.outputs[file]?.imports ?? [])
    if (kind === 'import-statement' && metafile.outputs[path]) loadedAtStart(metafile, path, seen);
  return seen;
};

const sizeOf = (files: readonly OutputFile[]): Size => ({
  bytes: files.reduce((sum, { contents }) => sum + contents.length, 0),
  gzip: files.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0),
});

export const sizeTable = (bundles: readonly Bundle[]) =>
  [
    'bundle            start KB   gzip KB   on demand KB',
    ...bundles.map(({ name, start, onDemand }) =>
      [
        name.padEnd(16),
        kilobytes(start.bytes).padStart(9),
        kilobytes(start.gzip).padStart(9),
        kilobytes(onDemand.bytes).padStart(14),
      ].join(' '),
    ),
  ].join('\n');

const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1);

const main = async () => {
  const { bundleCommand } = await import('./bundle/command.ts');
  const file = join(ROOT, '.build/rollcall.mjs');
  const command = await bundleCommand(file);
  const bundles = await bundleAll([command]);
  if (process.argv.includes('--json')) console.log(JSON.stringify(bundles, null, 2));
  else
    console.log(`${sizeTable(bundles)}\n${relative(ROOT, file)}: ${kilobytes(command.bytes)} KB`);
};

// The Serverless Framework loads this file with require, which knows no top-level await.
if (pathToFileURL(process.argv[1] ?? '').href === import.meta.url)
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
