import { Session } from 'node:inspector/promises';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClock } from '../local/clock.ts';
import { captureLog } from '../local/log.ts';
import { type Stack, startStack } from '../local/stack.ts';
import { REGISTRY_NAMES } from '../shared/model/registration.ts';
import { httpApiEvent } from '../test/support/http-api-event.ts';
import { startVirtualTime } from '../test/support/virtual-time.ts';
import type { Bench, Figure } from './figure.ts';

/**
 * How many files of `functions` and `shared` a journey crosses: those of which a function was
 * called on the way, by V8's count of calls. Each journey is made once before, so that what only
 * starts a function is not counted. `--files` names them.
 */
export const journeys: Bench = async function* () {
  for (const name of REGISTRY_NAMES) yield* await measure(name, { [`event to ${name}`]: event });
  yield* await measure(REGISTRY_NAMES.join(','), ALL);
};

/** What is made ready before it, without being counted, and what is counted. */
interface Journey {
  readonly prepare?: (scene: Scene) => unknown;
  readonly make: (scene: Scene) => Promise<unknown>;
}

interface Scene {
  readonly stack: Stack;
  /** Starts a task of a new definition. Its events are in the queue. */
  runTask(): void;
  /** Milliseconds go by. */
  pass(milliseconds: number): Promise<void>;
}

const event: Journey = {
  prepare: ({ runTask }) => runTask(),
  make: ({ stack }) => stack.events.drain(),
};

const ALL: Readonly<Record<string, Journey>> = {
  'event to all registries': event,
  'round that repairs a lost event': {
    prepare: ({ runTask }) => runTask(),
    make: ({ stack }) => stack.reconcile.invoke(),
  },
  'round with nothing to do': { make: ({ stack }) => stack.reconcile.invoke() },
  'request answered from the cache': {
    make: ({ stack }) => stack.resolve(httpApiEvent('GET', '/resolve/web')),
  },
  'request that reads the registry': {
    prepare: ({ pass }) => pass(60_000),
    make: ({ stack }) => stack.resolve(httpApiEvent('GET', '/resolve/web')),
  },
  'explain of one service': {
    make: ({ stack }) => stack.inspect({ command: 'explain', service: 'web' }),
  },
};

const measure = async (registries: string, all: Readonly<Record<string, Journey>>) => {
  const scene = await openScene(registries);
  const coverage = new Session();
  coverage.connect();
  await coverage.post('Profiler.enable');
  await coverage.post('Profiler.startPreciseCoverage', { callCount: true });
  const figures: Figure[] = [];
  try {
    for (const [name, { prepare, make }] of Object.entries(all)) {
      await prepare?.(scene);
      await make(scene);
      await scene.stack.events.drain();
      await prepare?.(scene);
      await filesCalled(coverage);
      await make(scene);
      const files = await filesCalled(coverage);
      await scene.stack.events.drain();
      figures.push({ name, value: files.length, unit: 'files' });
      if (process.argv.includes('--files')) console.error([name, ...files].join('\n  '));
    }
  } finally {
    coverage.disconnect();
    await scene.stop();
  }
  return figures;
};

const ROOT = resolve(import.meta.dirname, '..');

/**
 * Files of ours of which a function was called since the last time; loading a module is no call.
 */
const filesCalled = async (coverage: Session): Promise<readonly string[]> => {
  const { result } = await coverage.post('Profiler.takePreciseCoverage');
  const called = result.filter(({ functions }) =>
    functions.some(({ ranges: [range] }) => range && range.startOffset > 0 && range.count > 0),
  );
  const files = called
    .filter(({ url }) => url.startsWith('file:'))
    .map(({ url }) => relative(ROOT, fileURLToPath(url.replace(/\?.*/, ''))));
  return [...new Set(files)].filter((file) => /^(?:functions|shared)\//.test(file)).sort();
};

const openScene = async (registries: string) => {
  const time = startVirtualTime();
  time.run();
  const release = captureLog(() => {});
  const clock = createClock(Date.now());
  const environment = { ROLLCALL_REGISTRIES: registries };
  const stack = await startStack({ queueNow: clock.now, environment });
  const { world } = stack;
  world.addCluster('shop');
  const containerDefinitions = [
    { name: 'app', image: 'example/web:1', portMappings: [{ containerPort: 8080 }] },
  ];
  const runTask = () => {
    world.registerTaskDefinition({ family: 'web', networkMode: 'awsvpc', containerDefinitions });
    world.runTask({
      cluster: 'shop',
      taskDefinition: 'web',
      service: 'web',
      launchType: 'FARGATE',
    });
  };
  const stop = async () => {
    await stack.stop();
    release();
    time.stop();
  };
  return { stack, runTask, pass: time.wait, stop };
};
