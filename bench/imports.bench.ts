import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { bundle } from '../scripts/bundle.ts';
import { median } from './median.ts';
import type { Bench, Figure } from './run.ts';

const FUNCTIONS = resolve(import.meta.dirname, '../functions');
/** Odd, so that the median is a measured time; each is a process of its own. */
const ROUNDS = 15;

const EMPTY = 'empty';
const naive = (name: string) => `${name}, naive`;

interface Candidate {
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
}

/**
 * How long a cold start spends importing each bundle: in milliseconds, as a multiple of an empty module, and as
 * a share of the same function bundled in one file without our plugins. Candidates take turns, so that a busy machine
 * disturbs all alike.
 */
export const imports: Bench = async (folder) => {
  const candidates = await prepare(folder);
  const times = new Map(candidates.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++)
    for (const { name, file } of candidates) times.get(name)?.push(await importTime(file));
  const of = (name: string) => median(times.get(name) ?? []);
  return candidates
    .filter(({ name }) => times.has(naive(name)))
    .flatMap(({ name, bytes }): Figure[] => [
      { name: `${name}: loaded at start`, value: bytes / 1000, unit: 'KB' },
      { name: `${name}: import`, value: of(name), unit: 'ms' },
      { name: `${name}: import, to an empty module`, value: of(name) / of(EMPTY), unit: 'times' },
      { name: `${name}: import, to the naive bundle`, value: of(name) / of(naive(name)), unit: 'times' },
    ]);
};

const prepare = async (folder: string): Promise<readonly Candidate[]> => {
  const empty = join(folder, 'empty.mjs');
  await writeFile(empty, 'export {};\n');
  const names = (await readdir(FUNCTIONS)).map((name) => basename(name, '.ts')).sort();
  const bundles = names.flatMap((name) =>
    [false, true].map(async (isNaive) => {
      const label = isNaive ? naive(name) : name;
      const made = await bundle({
        entry: join(FUNCTIONS, `${name}.ts`),
        outdir: join(folder, label),
        naive: isNaive,
      });
      return { name: label, file: made.file, bytes: made.start.bytes };
    }),
  );
  return [{ name: EMPTY, file: empty, bytes: 0 }, ...(await Promise.all(bundles))];
};

const MEASURE = `const before = performance.now();
await import(process.argv[1]);
console.log(performance.now() - before);
process.exit();`;

/** Milliseconds, in a new process. */
const importTime = async (file: string) => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    MEASURE,
    pathToFileURL(file).href,
  ]);
  return Number(stdout);
};
