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

const ALL = 'cloudmap,consul,eureka';

/** Starts as they are on Lambda: with a configuration, which a start makes everything ready for. */
const STARTS: readonly (readonly [name: string, registries: string])[] = [
  ['on-task-event', ALL],
  ['on-task-event', 'cloudmap'],
  [RESOLVER, ALL],
  [RESOLVER, 'consul'],
];

/** A start asks nobody. */
const CONFIGURATION = {
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  ROLLCALL_OWNER: 'bench:111122223333:eu-west-1',
  ROLLCALL_PLACE: 'aws:eu-west-1:111122223333',
  ROLLCALL_NAMESPACE: 'bench',
  ROLLCALL_QUEUE_URL: 'http://127.0.0.1:9/queue',
  ROLLCALL_RESOLVE_TOKEN: 'bench',
  CONSUL_HTTP_ADDR: 'http://127.0.0.1:8500',
  EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: 'http://127.0.0.1:8761/eureka',
};

type Candidate = Pick<Bundle, 'file' | 'start' | 'onDemand'>;
/** What is imported, by its name in the report. */
type Candidates = ReadonlyMap<string, Candidate>;

/**
 * How long a cold start spends importing each bundle: in milliseconds, as a multiple of an empty
 * module, and as a share of the same function bundled in one file without our plugins; and what the
 * protocols of others and the page add to the resolver; and how long a whole start takes, with a
 * configuration. Candidates take turns, so that a busy
 * machine disturbs all alike.
 */
export const imports: Bench = async function* (folder) {
  const candidates = await prepare(folder);
  const times = new Map([...candidates.keys()].map((name) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, { file }] of candidates) times.get(name)?.push((await importTime(file)).wall);
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
  yield* ofFunctions;
  yield* additions(candidates, of);
  yield* await starts(candidates);
};

/**
 * In turns with an empty module, above which they are told; and with the import alone. The
 * processor's time besides, all threads together: a busy machine changes it less.
 */
const starts = async (candidates: Candidates): Promise<readonly Figure[]> => {
  const empty: Times[] = [];
  const bare = STARTS.map((): Times[] => []);
  const whole = STARTS.map((): Times[] => []);
  const fileOf = (name: string) => candidates.get(name)?.file ?? '';
  for (let round = 0; round < ROUNDS; round++) {
    empty.push(await importTime(fileOf(EMPTY), CONFIGURATION));
    for (const [at, [name, registries]] of STARTS.entries()) {
      bare[at]?.push(await importTime(fileOf(name)));
      const environment = { ...CONFIGURATION, ROLLCALL_REGISTRIES: registries };
      whole[at]?.push(await importTime(fileOf(name), environment));
    }
  }
  return STARTS.flatMap(([name, registries], at): readonly Figure[] => {
    const what = `${name} with ${registries.replaceAll(',', ', ')}: start`;
    const above = (kind: keyof Times) => medianOf(whole[at], kind) - medianOf(empty, kind);
    const toImport = medianOf(whole[at], 'wall') / medianOf(bare[at], 'wall');
    return [
      { name: `${what}, above an empty module`, value: above('wall'), unit: 'ms' },
      {
        name: `${what}, above an empty module`,
        value: above('processor'),
        unit: 'ms of processor',
      },
      { name: `${what}, to its import alone`, value: toImport, unit: 'times' },
    ];
  });
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

/** Milliseconds. */
interface Times {
  readonly wall: number;
  readonly processor: number;
}

const medianOf = (all: readonly Times[] | undefined, kind: keyof Times) =>
  median((all ?? []).map((one) => one[kind]));

const MEASURE = `const before = performance.now();
const used = process.cpuUsage();
await import(process.argv[1]);
const wall = performance.now() - before;
const { user, system } = process.cpuUsage(used);
console.log(JSON.stringify({ wall, processor: (user + system) / 1000 }));
process.exit();`;

/** In a new process with these variables alone. */
const importTime = async (
  file: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Times> => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', MEASURE, pathToFileURL(file).href],
    { env: environment },
  );
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
};
