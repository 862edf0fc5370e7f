import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { cachedFolder, findCached } from '../cache.ts';
import { type Unavailable, unavailable } from '../unavailable.ts';

const run = promisify(execFile);

/**
 * Programs that are built from their Go modules, by hand, as it takes from two minutes to half an
 * hour on two cores.
 */
const PROGRAMS = {
  'consul-template': {
    module: 'github.com/hashicorp/consul-template',
    main: 'github.com/hashicorp/consul-template',
    version: 'v0.41.1',
  },
  /** The last that every Consul understands; what it was built with then Go no longer links. */
  'consul-esm': {
    module: 'github.com/hashicorp/consul-esm',
    main: 'github.com/hashicorp/consul-esm',
    version: 'v0.6.0',
    newer: ['golang.org/x/net@v0.29.0', 'golang.org/x/sys@v0.25.0'],
  },
  /** Prometheus 3.5, with every discovery: Debian's build lacks Consul's. */
  prometheus: {
    module: 'github.com/prometheus/prometheus',
    main: 'github.com/prometheus/prometheus/cmd/prometheus',
    version: 'v0.305.0',
  },
  vmagent: {
    module: 'github.com/VictoriaMetrics/VictoriaMetrics',
    main: 'github.com/VictoriaMetrics/VictoriaMetrics/app/vmagent',
    version: 'v1.151.0',
  },
} as const satisfies Readonly<Record<string, Program>>;

interface Program {
  readonly module: string;
  readonly main: string;
  readonly version: string;
  /** Modules that it needs in newer versions than it asks for. */
  readonly newer?: readonly string[];
}

export type GoProgram = keyof typeof PROGRAMS;

const folderOf = (name: GoProgram) => `${name}-${PROGRAMS[name].version}`;

/** The program, where it was built before. */
export const goProgram = async (name: GoProgram): Promise<string | Unavailable> => {
  const folder = await findCached(folderOf(name));
  return folder
    ? join(folder, name)
    : unavailable(
        `it is not built yet: npx node scripts/real/clients/go.ts ${name} does it, which takes minutes`,
      );
};

const build =
  (name: GoProgram) =>
  async (folder: string): Promise<void> => {
    const { module, main, version, newer = [] }: Program = PROGRAMS[name];
    const go = (...args: readonly string[]) =>
      run('go', args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
    await go('mod', 'init', `rollcall/${name}`);
    await go('get', `${module}@${version}`, `${main}@${version}`, ...newer);
    await go('build', '-trimpath', '-o', name, main);
  };

/** A program of our own that uses the official clients of Consul's API. */
const SOURCE = join(import.meta.dirname, 'go', 'main.go');
const API = 'github.com/hashicorp/consul/api@v1.34.5';

/** That program, built where it is first needed: it takes a minute at most. */
export const goConsulClients = async (): Promise<string | Unavailable> => {
  try {
    const source = await readFile(SOURCE, 'utf8');
    const hash = createHash('sha256').update(source).update(API).digest('hex').slice(0, 8);
    const folder = await cachedFolder(`go-clients-${hash}`, async (empty) => {
      await writeFile(join(empty, 'main.go'), source);
      const go = (...args: readonly string[]) => run('go', args, { cwd: empty });
      await go('mod', 'init', 'rollcall/clients');
      await go('get', API);
      await go('build', '-trimpath', '-o', 'clients', '.');
    });
    return join(folder, 'clients');
  } catch (error) {
    return unavailable(`Go cannot build ${SOURCE}: ${Object(error).stderr || error}`);
  }
};

const main = async (names: readonly string[]) => {
  const known = Object.keys(PROGRAMS) as GoProgram[];
  for (const name of known.filter((one) => names.includes(one)))
    console.log(join(await cachedFolder(folderOf(name), build(name)), name));
  if (!known.some((one) => names.includes(one)))
    console.error(`expected any of ${known.join(', ')}`);
};

if (import.meta.url === pathToFileURL(join(process.argv[1] ?? '')).href)
  await main(process.argv.slice(2));
