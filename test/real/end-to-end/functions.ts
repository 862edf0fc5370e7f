import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { bundle } from '../../../scripts/bundle.ts';
import { type RunningFunction, startFunction } from '../../../scripts/real/ric.ts';

const FUNCTIONS = resolve(import.meta.dirname, '../../../functions');

/** The functions as they are deployed, bundled into a folder of this run's own. */
export interface Functions {
  /** An environment of that function, cold. */
  start(name: string, more?: Variables): Promise<RunningFunction>;
  /** In one environment that is started when it is first needed. At most 55 s. */
  invoke(name: string, event: unknown): Promise<unknown>;
  /** The next `invoke` meets a cold start, as it does every few hours. */
  retire(name: string): void;
  /** Milliseconds from the start of the process until it waits for its first event, by function. */
  readonly startTimes: ReadonlyMap<string, readonly number[]>;
  /** Ends every environment. */
  stop(): Promise<void>;
}

type Variables = Readonly<Record<string, string>>;

export const bundleFunctions = async (ric: string) => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-functions-'));
  const names = (await readdir(FUNCTIONS)).map((file) => basename(file, '.ts'));
  await Promise.all(
    names.map((name) =>
      bundle({ entry: join(FUNCTIONS, `${name}.ts`), outdir: join(folder, '.build', name) }),
    ),
  );
  return { in: (environment: Variables) => functionsIn({ ric, folder, environment }) };
};

/** Milliseconds: the longest timeout of a function that is invoked here. */
const LONGEST = 55_000;

const functionsIn = (common: {
  readonly ric: string;
  readonly folder: string;
  readonly environment: Variables;
}): Functions => {
  const running: RunningFunction[] = [];
  const startTimes = new Map<string, readonly number[]>();
  const warm = new Map<string, Promise<RunningFunction>>();
  const start: Functions['start'] = async (name, more = {}) => {
    const began = performance.now();
    const handler = `.build/${name}/index.handler`;
    const environment = { ...common.environment, ...more };
    const started = await startFunction({ ...common, name, handler, environment });
    startTimes.set(name, [...(startTimes.get(name) ?? []), Math.round(performance.now() - began)]);
    running.push(started);
    return started;
  };
  return {
    startTimes,
    start,
    async invoke(name, event) {
      const starting = warm.get(name) ?? start(name);
      warm.set(name, starting);
      return (await starting).invoke(event, LONGEST);
    },
    retire: (name) => warm.delete(name),
    async stop() {
      await Promise.all(running.map((one) => one.stop()));
      await rm(common.folder, { recursive: true, force: true });
    },
  };
};
