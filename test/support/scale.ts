import { cloudMapRates, PUBLISHED_RATES, type Rate, throttling } from '../../local/aws/rates.ts';
import { createWorld, type World } from '../../local/aws/world.ts';
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

export interface Scale {
  readonly world: World;
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
const MINUTE = 60_000;
const CLOUD_MAP = 'Route53AutoNaming_v20170314';

/** A stack over a fleet, with AWS's rates and real distances, in virtual time. One at a time in a process. */
export const startScale = async (options: ScaleOptions): Promise<Scale> => {
  await loadAll();
  const time = startVirtualTime();
  const world = createWorld();
  const fleet = startFleet(world, options);
  const errors: string[] = [];
  const release = captureLog((line) => {
    if ('json' in line && line.json['level'] === 'error')
      errors.push(`${line.json['message']} ${line.json['error'] ?? line.json['reason'] ?? ''}`);
  });
  const stack = await startStack({
    world,
    queueNow: time.now,
    cloudMapDelayMs: 2_000,
    cloudMapQuota: 10_000,
  });
  for (const rate of [...PUBLISHED_RATES, ...cloudMapRates(options.cloudMap)])
    stack.aws.faults.inject(throttling(rate, time.now));
  const factors = setLatencies(stack, time);

  const round = async (besides: () => Promise<unknown> = async () => {}) => {
    const from = time.now();
    stack.aws.clearCalls();
    const work = stack.reconcile.invoke().then((summary) => ({ summary, ended: time.now() }));
    const [{ summary, ended }] = await time.during(Promise.all([work, besides()]));
    const counts = Map.groupBy(stack.aws.calls(), ({ operation }) => operation);
    const calls = Object.fromEntries([...counts].map(([operation, all]) => [operation, all.length]));
    await time.during(time.wait(Math.max(0, from + MINUTE - time.now())));
    return { summary, seconds: (ended - from) / 1_000, calls };
  };
  const events = async (functions = 10) => {
    const until = time.now() + MINUTE - 10_000;
    const work = async () => {
      for (; time.now() < until; await new Promise((resolve) => setTimeout(resolve, 100)))
        await stack.events.drain();
    };
    await Promise.all(Array.from({ length: functions }, work));
  };
  return {
    world,
    fleet,
    round,
    events,
    renew: () => stack.renew.invoke(),
    slow: (registry, factor) => void factors.set(registry, factor),
    errors: () => errors.splice(0),
    stop: async () => {
      await time.during(stack.stop());
      release();
      time.stop();
    },
  };
};

const setLatencies = ({ aws, consul, eureka }: Stack, time: VirtualTime) => {
  const factors = new Map<RegistryName, number>();
  const wait = (registry: RegistryName) => {
    const [from, to] = LATENCY[registry];
    return time.wait((factors.get(registry) ?? 1) * (from + Math.random() * (to - from)));
  };
  aws.faults.latency = ({ method }) => (method === CLOUD_MAP ? wait('cloudmap') : time.wait(20));
  if (consul) consul.faults.latency = () => wait('consul');
  if (eureka) eureka.faults.latency = () => wait('eureka');
  return factors;
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
