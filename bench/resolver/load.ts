import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const GENERATOR = fileURLToPath(new URL('./generator.ts', import.meta.url));

export interface Load {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly connections: number;
  readonly seconds: number;
  /** Of the server, whose processor time is told where the system tells it. */
  readonly pid?: number | undefined;
}

export interface Measured {
  readonly perSecond: number;
  /** Milliseconds within which 99 of 100 requests were answered. */
  readonly p99: number;
  /** Microseconds of the server's processor time for each request. */
  readonly cpu: number;
}

/** Asks one URL without a pause, by wrk where it is installed, else by a generator of our own. */
export const measure = async (load: Load): Promise<Measured> => {
  const before = await processorTime(load.pid);
  const { requests, p99 } = await ((await hasWrk()) ? byWrk(load) : byGenerator(load));
  const cpu = ((await processorTime(load.pid)) - before) / requests;
  return { perSecond: requests / load.seconds, p99, cpu };
};

interface Counted {
  readonly requests: number;
  readonly p99: number;
}

let wrk: Promise<boolean> | undefined;
const hasWrk = () => {
  // It tells its version with the status of a failure.
  wrk ??= run('wrk', ['--version']).then(
    () => true,
    (error: unknown) => Object(error).code !== 'ENOENT',
  );
  return wrk;
};

const byWrk = async ({ url, headers = {}, connections, seconds }: Load): Promise<Counted> => {
  const given = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const settings = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '20s', '--latency'];
  const { stdout } = await run('wrk', [...settings, ...given, url]);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${url}: ${stdout}`);
  const [, p99 = '', unit = ''] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout) ?? [];
  return {
    requests: Number(/(\d+) requests in/.exec(stdout)?.[1]),
    p99: Number(p99) * ({ us: 0.001, ms: 1, s: 1_000 }[unit] ?? Number.NaN),
  };
};

const byGenerator = async (load: Load): Promise<Counted> => {
  const { stdout } = await run(process.execPath, [GENERATOR, JSON.stringify(load)]);
  return JSON.parse(stdout);
};

/** Microseconds for each tick of Linux's clock of processes. */
const TICK = 10_000;

/** Microseconds that the process has worked so far; NaN where the system does not tell. */
const processorTime = async (pid: number | undefined): Promise<number> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK;
};

/** Bytes of memory that the process holds; NaN where the system does not tell. */
export const memoryOf = async (pid: number): Promise<number> => {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(text)?.[1]) * 1024;
};
