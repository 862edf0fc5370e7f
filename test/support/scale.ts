import { setTimeout as sleep } from 'node:timers/promises';
import { cloudMapRates, PUBLISHED_RATES, type Rate, throttling } from '../../local/aws/rates.ts';
import { createWorld, type World } from '../../local/aws/world.ts';
import type { Arrived } from '../../local/faults.ts';
import { captureLog } from '../../local/log.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import type { RegistryName } from '../../shared/model/registration.ts';
import type { Summary } from '../../shared/model/summary.ts';
import { type Fleet, type FleetSize, startFleet } from './fleet.ts';
import { startVirtualTime, type VirtualTime } from './virtual-time.ts';

export interface ScaleOptions extends FleetSize {
  /** What Cloud Map's calls other than Discover* may cost, each kind for itself. */
  readonly cloudMap: Rate;
}

export interface Round {
  readonly summary: Summary;
  /** From its start to its end, in virtual time. */
  readonly seconds: number;
  /** AWS's calls in that time, throttled ones included. */
  readonly calls: Readonly<Record<string, number>>;
}

/** What lies between the functions and a registry. */
export interface Road {
  /** Milliseconds that a request waits for its answer, out of what it would wait as a rule. */
  delay: (usual: number, request: Arrived) => number;
  /** Called with each request when the registry begins to act on it. */
  arrived: (request: Arrived) => void;
}

export interface Scale {
  readonly world: World;
  readonly stack: Stack;
  readonly time: VirtualTime;
  readonly roads: Readonly<Record<RegistryName, Road>>;
  readonly fleet: Fleet;
  /** The next minute: a reconcile, and whatever else happens in it. */
  round(besides?: () => Promise<unknown>): Promise<Round>;
  /** The minute's events, handled by so many functions at once. */
  events(functions?: number): Promise<void>;
  renew(): Promise<void>;
  /** Answers so many times slower from now on. */
  slow(registry: RegistryName, factor: number): void;
  /** Errors among the log's lines since the last time this was asked. */
  errors(): readonly string[];
  stop(): Promise<void>;
}

/** Milliseconds, from and to: a region's own services, and servers in the same network. */
const LATENCY = { cloudmap: [10, 30], consul: [5, 20], eureka: [5, 20] } as const;
const AWS = 20;
const MINUTE = 60_000;
const CLOUD_MAP = 'Route53AutoNaming_v20170314';

/**
 * A stack over a fleet, with AWS's rates and real distances, in virtual time. One at a time in a
 * process.
 */
export const startScale = async (options: ScaleOptions): Promise<Scale> => {
  await loadAll();
  const time = startVirtualTime();
  const world = createWorld();
  const fleet = startFleet(world, options);
  const errors: string[] = [];
  const release = captureLog((line) => {
    if (line['level'] === 'error')
      errors.push(`${line['message']} ${line['error'] ?? line['reason'] ?? ''}`);
  });
  const stack = await startStack({
    world,
    queueNow: time.now,
    cloudMapDelayMs: 2_000,
    cloudMapQuota: 10_000,
  });
  for (const rate of [...PUBLISHED_RATES, ...cloudMapRates(options.cloudMap)])
    stack.aws.faults.inject(throttling(rate, time.now));
  const roads = setLatencies(stack, time);

  const round = async (besides: () => Promise<unknown> = async () => {}) => {
    const from = time.now();
    stack.aws.clearCalls();
    const work = stack.reconcile.invoke().then((summary) => ({ summary, ended: time.now() }));
    const [{ summary, ended }] = await time.during(Promise.all([work, besides()]));
    const counts = Map.groupBy(stack.aws.calls(), ({ operation }) => operation);
    const calls = Object.fromEntries(
      [...counts].map(([operation, all]) => [operation, all.length]),
    );
    await time.during(time.wait(Math.max(0, from + MINUTE - time.now())));
    return { summary, seconds: (ended - from) / 1_000, calls };
  };
  const events = async (functions = 10) => {
    const until = time.now() + MINUTE - 10_000;
    const work = async () => {
      for (; time.now() < until; await sleep(100)) await stack.events.drain();
    };
    await Promise.all(Array.from({ length: functions }, work));
  };
  return {
    world,
    stack,
    time,
    roads,
    fleet,
    round,
    events,
    renew: () => stack.renew.invoke(),
    slow(registry, factor) {
      roads[registry].delay = (usual) => usual * factor;
    },
    errors: () => errors.splice(0),
    stop: async () => {
      await time.during(stack.stop());
      release();
      time.stop();
    },
  };
};

const setLatencies = ({ aws, consul, eureka }: Stack, time: VirtualTime): Scale['roads'] => {
  const random = seededRandom();
  const road = (): Road => ({ delay: (usual) => usual, arrived: () => {} });
  const roads = { cloudmap: road(), consul: road(), eureka: road() };
  const travel = async (registry: RegistryName, request: Arrived) => {
    const [from, to] = LATENCY[registry];
    await time.wait(roads[registry].delay(from + random() * (to - from), request));
    roads[registry].arrived(request);
  };
  aws.faults.latency = (request) =>
    request.method === CLOUD_MAP ? travel('cloudmap', request) : time.wait(AWS);
  if (consul) consul.faults.latency = (request) => travel('consul', request);
  if (eureka) eureka.faults.latency = (request) => travel('eureka', request);
  return roads;
};

/** The same numbers in each run, from 0 to 1 (a linear congruential generator). */
export const seededRandom = (seed = 1) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

/** Modules are loaded in real time, so each that is loaded on demand is demanded before. */
const loadAll = async () => {
  const release = captureLog(() => {});
  const stack = await startStack();
  const { world } = stack;
  world.addCluster('a');
  world.addMachine({ cluster: 'a' });
  const app = { name: 'app', image: 'app', portMappings: [{ containerPort: 80 }] };
  world.registerTaskDefinition({ family: 'a', networkMode: 'bridge', containerDefinitions: [app] });
  const { taskArn } = world.runTask({ cluster: 'a', taskDefinition: 'a', service: 'a' });
  stack.cloudmap.hold();
  await stack.events.drain();
  stack.cloudmap.release();
  await stack.reconcile.invoke();
  await stack.renew.invoke();
  world.stopTask(taskArn);
  await stack.events.drain();
  await stack.stop();
  release();
};
