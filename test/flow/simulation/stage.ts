import { setTimeout as sleep } from 'node:timers/promises';
import type { AwsEvent, Task } from '../../../local/aws/world/shapes.ts';
import { createWorld, type World } from '../../../local/aws/world.ts';
import { replaceEnvironment, type Variables } from '../../../local/environment.ts';
import { captureLog, type Line } from '../../../local/log.ts';
import { type Servers, startServers } from '../../../local/servers.ts';
import { REGISTRY_NAMES, type RegistryName } from '../../../shared/model/registration.ts';
import { type Fate, type Passing, startMemoryNetwork } from '../../support/memory-network.ts';
import { startVirtualTime, type VirtualTime } from '../../support/virtual-time.ts';
import { everythingHeld } from './held.ts';
import { type Call, calls, createInstallation, type Installation } from './installation.ts';
import { createRandom, type Random } from './random.ts';
import { awsParty, createTroubles, type Party } from './troubles.ts';
import { type Bounds, createWatch, type Watch } from './watch.ts';

/** A second: what is sampled, and what a trouble may at least last. */
const SECOND = 1_000;
const START = Date.parse('2026-03-01T12:00:00Z');

/** Milliseconds, from and to, one way. */
const DISTANCES: Readonly<Record<Party, readonly [number, number]>> = {
  cloudmap: [5, 15],
  consul: [2, 10],
  eureka: [2, 10],
  ecs: [5, 15],
  ec2: [5, 20],
  sqs: [2, 8],
  ssm: [2, 10],
  other: [1, 5],
};

/** Cloud Map's operations and its health, and Eureka's lists, are as slow as the real ones. */
const CLOUD_MAP_DELAY = 2 * SECOND;
const EUREKA_LIST_LAG = 30 * SECOND;

/**
 * What is promised. An event is in force within seconds, one look included, wherever its registry
 * is well and whatever another one does. A round repairs the rest: one begins each minute, reads
 * for some seconds and writes for some more. Eureka's list may hide for half a minute what a round
 * would have to repair.
 */
const BOUNDS: Bounds = {
  event: { cloudmap: 11 * SECOND, consul: 7 * SECOND, eureka: 7 * SECOND },
  rounds: { cloudmap: 130 * SECOND, consul: 125 * SECOND, eureka: 190 * SECOND },
};

export interface StageOptions {
  readonly seed: number;
  readonly environment?: Variables;
  readonly workers?: number;
}

/**
 * What is done to an event on its way: how often it arrives, and how late each time (milliseconds).
 */
export type Delivery = (event: AwsEvent) => readonly number[];

export interface Stage {
  readonly random: Random;
  readonly time: VirtualTime;
  readonly world: World;
  readonly servers: Servers;
  readonly watch: Watch;
  readonly troubles: ReturnType<typeof createTroubles>;
  readonly main: Installation;
  /** Log lines of level error, newest last. */
  readonly errors: readonly string[];
  /** Requests that functions have sent. */
  requests(): number;
  /** Milliseconds since the start. */
  elapsed(): number;
  partyOf(request: Passing): Party;
  /** Replaces how events are delivered: at once and once each, unless said. */
  deliver(how: Delivery): void;
  /** Calls of which this says a number die after so many requests. */
  mortal(dies: (call: Call) => number | undefined): void;
  /** A second installation over the same account and registries. */
  addInstallation(name: string, environment?: Variables): Installation;
  /** Runs at that time; what it throws ends the history. */
  after(milliseconds: number, work: () => unknown): void;
  /** Lets time pass. */
  pass(milliseconds: number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The account, its registries and Rollcall's functions, in virtual time and without a network. One
 * at a time.
 */
export const startStage = async (options: StageOptions): Promise<Stage> => {
  const random = createRandom(options.seed);
  const time = startVirtualTime(START);
  const realRandom = Math.random;
  Math.random = random.next;
  const troubles = createTroubles();
  const failures: unknown[] = [];
  const errors: string[] = [];
  const deaths = new WeakMap<Call, number>();
  let dies: (call: Call) => number | undefined = () => undefined;
  let delivery: Delivery = () => [0];
  let requests = 0;
  const parties = new Map<number, Party>();
  const partyOf = (request: Passing) => parties.get(request.port) ?? awsParty(request);

  const fate = (request: Passing): Fate => {
    const call = calls.getStore();
    if (call) requests++;
    if (call?.dead) return { kind: 'hang' };
    const party = partyOf(request);
    const [from, to] = DISTANCES[party];
    const there = random.between(from, to);
    // Strangers are spared: what they do is there to be left alone.
    if (!call) return { kind: 'serve', there, back: random.between(from, to) };
    const struck = troubles.strike(request, party);
    const left = deaths.get(call);
    if (left !== undefined) {
      deaths.set(call, left - 1);
      if (left === 0) {
        call.die('died');
        return random.chance(0.5) ? { kind: 'hang' } : { kind: 'serve and hang', there };
      }
    }
    return struck ?? { kind: 'serve', there, back: random.between(from, to) };
  };
  const network = startMemoryNetwork({
    fate,
    context: () => calls.getStore(),
    onServed: (request, call) => {
      const party = partyOf(request);
      if (!isWrite(request, party)) return;
      if (call) watch.look(call as Call, party as RegistryName);
      else watch.accept();
    },
  });
  const world = createWorld();
  const servers = await startServers({
    world,
    queueNow: time.now,
    cloudMapDelayMs: CLOUD_MAP_DELAY,
    cloudMapQuota: 10_000,
    eurekaListLagMs: EUREKA_LIST_LAG,
  });
  if (servers.consul) parties.set(servers.consul.port, 'consul');
  if (servers.eureka) parties.set(servers.eureka.port, 'eureka');
  const restore = replaceEnvironment(servers.environment);
  const release = captureLog((line) => {
    if (line['level'] === 'error') errors.push(withoutChance(line));
  });

  const installations: Installation[] = [];
  const watch = createWatch({
    world,
    owners: () => installations.map(({ owner }) => owner),
    registries: REGISTRY_NAMES.filter((name) =>
      (options.environment?.['ROLLCALL_REGISTRIES'] ?? name).split(',').includes(name),
    ),
    now: time.now,
    held: () => everythingHeld(servers),
    bounds: BOUNDS,
  });
  const addInstallation = (name: string, environment: Variables = {}) => {
    const installation = createInstallation({
      name,
      owner: `rollcall-simulated:${name || 'main'}`,
      servers,
      time,
      workers: options.workers ?? 2,
      environment: { ...options.environment, ...environment },
      onCall: (call) => {
        watch.begins(call);
        const left = dies(call);
        if (left !== undefined) deaths.set(call, left);
      },
    });
    installations.push(installation);
    return installation;
  };
  const main = addInstallation('');
  const after = (milliseconds: number, work: () => unknown) => {
    setTimeout(() => {
      void (async () => work())().catch((error: unknown) => failures.push(error));
    }, milliseconds);
  };
  const unsubscribe = world.onEvent((event) => {
    watch.look();
    const delays = delivery(event);
    if (delays[0] !== 0) late(event, watch);
    for (const delay of delays)
      after(delay, () => {
        for (const installation of installations) installation.deliver(event);
      });
  });
  let stopped = false;
  const sample = () => {
    if (stopped) return;
    watch.look();
    setTimeout(sample, SECOND);
  };
  setTimeout(sample, SECOND);

  return {
    random,
    time,
    world,
    servers,
    watch,
    troubles,
    main,
    errors,
    requests: () => requests,
    elapsed: () => time.now() - START,
    partyOf,
    deliver: (how) => {
      delivery = how;
    },
    mortal: (which) => {
      dies = which;
    },
    addInstallation,
    after,
    async pass(milliseconds) {
      await time.during(sleep(milliseconds));
      if (failures.length > 0) throw failures[0];
    },
    async stop() {
      stopped = true;
      unsubscribe();
      const all = Promise.all(installations.map((installation) => installation.stop()));
      await time.during(Promise.race([all, sleep(60 * SECOND)]));
      network.stop();
      time.stop();
      Math.random = realRandom;
      await servers.stop();
      release();
      restore();
    },
  };
};

/** The system gives servers other ports each time. */
/** Without what differs from run to run: ports, and the ids of invocations. */
const withoutChance = ({ requestId: _, ...line }: Line) =>
  JSON.stringify(line).replace(/127\.0\.0\.1:\d+/g, '127.0.0.1');

/** A task's event that did not come at once: its promise is another one. */
const late = ({ detail }: AwsEvent, watch: Watch) => {
  const { taskArn } = detail as Partial<Task>;
  if (taskArn) watch.late(taskArn);
};

const isWrite = ({ method, headers }: Passing, party: Party): boolean => {
  if (party === 'consul') return method !== 'GET';
  // A heartbeat changes nothing.
  if (party === 'eureka') return method === 'POST' || method === 'DELETE';
  return party === 'cloudmap' && /(Register|Deregister|Update)/.test(headers['x-amz-target'] ?? '');
};
