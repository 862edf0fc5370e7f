import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { added, resolverAlone } from '../scripts/bundle/added.ts';
import { type Bundle, bundle } from '../scripts/bundle.ts';
import { type Bench, type Figure, median } from './figure.ts';

const FUNCTIONS = resolve(import.meta.dirname, '../functions');
/** Odd, so that the median is a measured time; each is a process of its own. */
const ROUNDS = 15;

const EMPTY = 'empty';
const RESOLVER = 'resolve';
const ALONE = 'resolve, its own API alone';
const naive = (name: string) => `${name}, naive`;

type Candidate = Pick<Bundle, 'file' | 'start' | 'onDemand'>;
/** What is imported, by its name in the report. */
type Candidates = ReadonlyMap<string, Candidate>;

/**
 * How long a cold start spends importing each bundle: in milliseconds, as a multiple of an empty
 * module, and as a share of the same function bundled in one file without our plugins; and what the
 * protocols of others and the page add to the resolver. Candidates take turns, so that a busy
 * machine disturbs all alike.
 */
export const imports: Bench = async (folder) => {
  const candidates = await prepare(folder);
  const times = new Map([...candidates.keys()].map((name) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, { file }] of candidates) times.get(name)?.push(await importTime(file));
  const of = (name: string) => median(times.get(name) ?? []);
  const ofFunctions = [...candidates]
    .filter(([name]) => candidates.has(naive(name)))
    .flatMap(([name, { start }]): readonly Figure[] => [
      { name: `${name}: loaded at start`, value: start.bytes / 1000, unit: 'KB' },
      { name: `${name}: import`, value: of(name), unit: 'ms' },
      { name: `${name}: import, to an empty module`, value: of(name) / of(EMPTY), unit: 'times' },
      {
        name: `${name}: import, to the naive bundle`,
        value: of(name) / of(naive(name)),
        unit: 'times',
      },
    ]);
  return [...ofFunctions, ...additions(candidates, of)];
};

const additions = (candidates: Candidates, of: (name: string) => number): readonly Figure[] => {
  const [whole, alone] = [candidates.get(RESOLVER), candidates.get(ALONE)];
  if (!whole || !alone) throw new Error(`no bundle is called ${RESOLVER}`);
  const { start, onDemand } = added(whole, alone);
  return [
    { name: 'protocols and page: added at start', value: start / 1000, unit: 'KB' },
    { name: 'protocols and page: added on demand', value: onDemand / 1000, unit: 'KB' },
    { name: `${ALONE}: import`, value: of(ALONE), unit: 'ms' },
    {
      name: 'resolve: import, to its own API alone',
      value: of(RESOLVER) / of(ALONE),
      unit: 'times',
    },
  ];
};

const prepare = async (folder: string): Promise<Candidates> => {
  const empty = join(folder, 'empty.mjs');
  await writeFile(empty, 'export {};\n');
  const names = (await readdir(FUNCTIONS)).map((name) => basename(name, '.ts')).sort();
  const bundles = names.flatMap((name) =>
    [false, true].map(async (isNaive) => {
      const label = isNaive ? naive(name) : name;
      const entry = join(FUNCTIONS, `${name}.ts`);
      return [label, await bundle({ entry, outdir: join(folder, label), naive: isNaive })] as const;
    }),
  );
  const none = { bytes: 0, gzip: 0 };
  return new Map<string, Candidate>([
    [EMPTY, { file: empty, start: none, onDemand: none }],
    ...(await Promise.all(bundles)),
    [ALONE, await resolverAlone(join(folder, ALONE))],
  ]);
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
