import { setTimeout as sleep } from 'node:timers/promises';
import { createQueueWorker } from '../../local/aws/lambda.ts';
import type { Arrived } from '../../local/faults.ts';
import { coldStart } from '../../local/functions.ts';
import type { Stack } from '../../local/stack.ts';
import { REGISTRY_NAMES, type RegistryName } from '../../shared/model/registration.ts';
import { type Scale, seededRandom, startScale } from './scale.ts';

export interface StormOptions {
  /** Tasks that start, and as many others that stop, one after the other over the time. */
  readonly tasks: number;
  readonly seconds: number;
  /** Time for looks after that; the last comes 135 s after its event. */
  readonly after: number;
  /**
   * What is the matter with one registry: it answers nothing for 20 s, as a stopped process, or
   * each request late.
   */
  readonly fault?: { readonly registry: RegistryName; readonly how: 'stopped' | 'slow' };
}

/** How old the news was when each registry began to act on it, in milliseconds, ascending. */
export interface Ages {
  readonly starts: readonly number[];
  readonly stops: readonly number[];
}

export interface Storm {
  readonly ages: Readonly<Record<RegistryName, Ages>>;
  /** Calls of ECS by the event function, by operation. */
  readonly ecs: Readonly<Record<string, number>>;
  readonly ecsCalls: number;
  /** Records left after the looks and two rounds, by registry, and tasks that run. */
  readonly records: Readonly<Record<string, number>>;
  readonly running: number;
}

const WORKERS = 5;
/** Milliseconds; only looks wait for it. */
const POLL = 100;
const STOPPED_FOR = 20_000;
const SLOW = 2_500;
/**
 * What EventBridge takes to bring an event, in milliseconds: half of them come later (measured by
 * others).
 */
const DELIVERY = 150;
const CLOUD_MAP = { burst: 100, perSecond: 50 };
/**
 * Seconds from one step of a stopping task to the next: of its five events the first says it all.
 */
const STEPS = [1, 8, 9, 12] as const;

/** Runs the storm over five instances of the event function. */
export const runStorm = async ({ tasks, seconds, after, fault }: StormOptions): Promise<Storm> => {
  const services = Math.ceil(tasks / 10);
  const scale = await startScale({ clusters: 2, services, tasks, cloudMap: CLOUD_MAP });
  const { time, world, stack, roads } = scale;
  try {
    for (let round = 0; round < 3; round++) await scale.round(scale.renew);
    await time.during(serve({ stack, now: time.now }, 1_000));
    const ledger = createLedger(time.now);
    for (const name of REGISTRY_NAMES) roads[name].arrived = ledger.arrived(name);
    stack.aws.clearCalls();
    const began = time.now();
    if (fault) hinder(scale, fault, began + (seconds * 1_000) / 6);
    const before = world.tasks().map(({ taskArn }) => taskArn);
    const happen = async () => {
      const random = seededRandom(2);
      const moment = () => random() * seconds * 1_000;
      await Promise.all(
        before.flatMap((taskArn, at) => [
          sleep(moment()).then(() => ledger.started(scale.fleet.run(at % services).taskArn)),
          sleep(moment()).then(() => stop(scale, taskArn, ledger.stopped)),
        ]),
      );
    };
    const served = serve({ stack, now: time.now }, (seconds + after) * 1_000);
    await time.during(Promise.all([happen(), served]));
    const ecs = countEcs(scale);
    for (const road of Object.values(roads)) road.delay = (usual) => usual;
    for (let round = 0; round < 2; round++) await scale.round(scale.renew);
    const { summary } = await scale.round();
    const records = Object.fromEntries(
      REGISTRY_NAMES.map((name) => [name, summary.registries[name]?.records ?? -1]),
    );
    const running = world.tasks().filter(({ desiredStatus }) => desiredStatus === 'RUNNING').length;
    const ecsCalls = Object.values(ecs).reduce((sum, count) => sum + count, 0);
    return { ages: ledger.ages(), ecs, ecsCalls, records, running };
  } finally {
    await scale.stop();
  }
};

const stop = async ({ world }: Scale, taskArn: string, told: (arn: string) => void) => {
  told(taskArn);
  world.stopTask(taskArn, { until: 'RUNNING' });
  for (const [at, moment] of STEPS.entries()) {
    await sleep((moment - (STEPS[at - 1] ?? 0)) * 1_000);
    world.advance(taskArn);
  }
};

interface Served {
  readonly stack: Stack;
  readonly now: () => number;
}

/**
 * Five environments of the function, each with a memory of its own; a message wakes one that is
 * idle.
 */
export const serve = async ({ stack, now }: Served, milliseconds: number) => {
  const { sqs, world } = stack;
  const queueUrl = process.env['ROLLCALL_QUEUE_URL'] ?? '';
  const until = now() + milliseconds;
  const idle = new Set<() => void>();
  const end = world.onEvent(() => idle.values().next().value?.());
  const work = async () => {
    const { onTaskEvent: handler } = await coldStart();
    const worker = createQueueWorker({ sqs, queueUrl, handler });
    while (now() < until) {
      await worker.drain();
      await new Promise<void>((resolve) => {
        const wake = () => {
          idle.delete(wake);
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(wake, POLL);
        idle.add(wake);
      });
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  end();
};

const hinder = ({ roads, time }: Scale, fault: Required<StormOptions>['fault'], from: number) => {
  const until = from + STOPPED_FOR;
  roads[fault.registry].delay = (usual) => {
    if (fault.how === 'slow') return SLOW;
    const now = time.now();
    return now < from || now > until ? usual : until - now + usual;
  };
};

/** What each registry was told of each task, and when. */
export const createLedger = (now: () => number) => {
  const starts = new Map<string, number>();
  const stops = new Map<string, number>();
  const seen = new Map<string, number>();
  const note = (registry: RegistryName, what: 'set' | 'removed', id: string) => {
    const key = `${registry} ${what} ${id.split('-')[0]}`;
    if (!seen.has(key)) seen.set(key, now());
  };
  const agesOf = (times: ReadonlyMap<string, number>, prefix: string) =>
    [...times]
      .map(([id, at]) => DELIVERY + (seen.get(`${prefix} ${id}`) ?? Number.POSITIVE_INFINITY) - at)
      .toSorted((a, b) => a - b);
  return {
    arrived: (registry: RegistryName) => (request: Arrived) => {
      for (const [what, id] of READERS[registry](request)) note(registry, what, id);
    },
    started: (arn: string) => void starts.set(idOf(arn), now()),
    stopped: (arn: string) => void stops.set(idOf(arn), now()),
    ages: () => {
      const of = (registry: RegistryName): Ages => ({
        starts: agesOf(starts, `${registry} set`),
        stops: agesOf(stops, `${registry} removed`),
      });
      return { cloudmap: of('cloudmap'), consul: of('consul'), eureka: of('eureka') };
    },
  };
};

const idOf = (taskArn: string) => taskArn.slice(taskArn.lastIndexOf('/') + 1);

type Change = readonly ['set' | 'removed', string];

/** The records that a request sets or removes. */
const READERS: Readonly<Record<RegistryName, (request: Arrived) => readonly Change[]>> = {
  cloudmap: ({ url, body }) => {
    if (url !== '/RegisterInstance' && url !== '/DeregisterInstance') return [];
    const { InstanceId } = JSON.parse(body);
    return [[url === '/RegisterInstance' ? 'set' : 'removed', InstanceId]];
  },
  consul: ({ url, body }) => {
    if (!url.startsWith('/v1/txn')) return [];
    const operations: readonly { Service?: { Verb: string; Service: { ID: string } } }[] =
      JSON.parse(body);
    return operations.flatMap(({ Service }): Change[] => {
      if (!Service || Service.Verb === 'get') return [];
      return [[Service.Verb === 'set' ? 'set' : 'removed', Service.Service.ID]];
    });
  },
  eureka: ({ method, url, body }) => {
    if (method === 'DELETE')
      return [['removed', decodeURIComponent(url.slice(url.lastIndexOf('/') + 1))]];
    return method === 'POST' ? [['set', JSON.parse(body).instance.instanceId]] : [];
  },
};

const countEcs = ({ stack }: Scale) => {
  const calls = stack.aws
    .calls()
    .filter(({ service }) => service.startsWith('AmazonEC2ContainerService'));
  const counts = Map.groupBy(calls, ({ operation }) => operation);
  return Object.fromEntries([...counts].map(([operation, all]) => [operation, all.length]));
};

/** The age that so great a share of the news did not exceed. */
export const quantile = (ages: readonly number[], share: number) =>
  ages[Math.max(0, Math.ceil(ages.length * share) - 1)] ?? Number.NaN;
