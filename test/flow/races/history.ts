import fc from 'fast-check';
// Loaded on demand by what is tried here: loaded before, so that it takes no real time.
import '../../../shared/sync/apply/operations.ts';
import '../../../shared/sync/requeue/requeue.ts';
import type { Config } from '../../../shared/config/config.ts';
import { KEY, type Registration } from '../../../shared/model/registration.ts';
import { NO_REMOVALS } from '../../../shared/plan/removals.ts';
import type { Telemetry } from '../../../shared/platform/telemetry.ts';
import type { Registry } from '../../../shared/registries/registry.ts';
import type { EventContext, ReconcileContext } from '../../../shared/sync/context.ts';
import { createLogDeduper, LastRound } from '../../../shared/sync/memory.ts';
import type { Delivery } from '../../../shared/sync/trigger/trigger.ts';
import type { Interposer } from '../../support/interposers.ts';
import { NAME_RULES } from '../../support/name-rules.ts';
import { CLUSTER, Ecs, type Lag, NOW, type Sidecar, type Told, toDetail } from './ecs.ts';
import {
  Crash,
  laggingRegistry,
  NO_TROUBLE,
  ownerOf,
  plainRegistry,
  type Remote,
  Server,
  slowRegistry,
  type Watch,
} from './registry.ts';

export const OWNER = 'rollcall-test:111122223333:eu-west-1';

/**
 * The code under test; a mutant replaces a part of it, or stands between it and what it works with.
 */
export interface Subject {
  readonly interpose?: (path: 'event' | 'reconcile') => Interposer;
  readonly handleBatch: typeof import('../../../shared/sync/handle-events.ts').handleBatch;
  readonly reconcile: typeof import('../../../shared/sync/reconcile.ts').reconcile;
  readonly HandledTasks: typeof import('../../../shared/sync/memory.ts').HandledTasks;
}

type Step = 'healthy' | 'unhealthy' | 'stop' | 'snapshot' | 'sidecar exits' | 'sidecar starts';

/**
 * One history: what happens, how the network and ECS misbehave. The interleaving is the
 * scheduler's.
 */
export interface Knobs {
  readonly kind: 'plain' | 'lagging' | 'slow';
  readonly policy: Config['policy'];
  readonly healthCheck: boolean;
  readonly ports: number;
  readonly sidecar: Sidecar;
  /** What befalls each task after its start, in this order. */
  readonly tasks: readonly (readonly Step[])[];
  /**
   * Copies of each event, in the order they are emitted (used in turn): 0 is lost, 2 is a
   * duplicate.
   */
  readonly copies: readonly number[];
  /** Which copies arrive as old as an hour (in turn). */
  readonly old: readonly boolean[];
  readonly lags: readonly Lag[];
  /** After how many remote calls a worker dies (in turn per worker); 0: never. */
  readonly crashes: readonly number[];
  readonly ambiguous: readonly boolean[];
  readonly unavailable: readonly boolean[];
  readonly operationFails: readonly boolean[];
  /** Reconcilers that run amid all this. */
  readonly reconcilers: number;
  /** Delayed looks come amid everything else, or, as their delay has it, once the rest is over. */
  readonly eagerLooks: boolean;
}

const CALM = {
  ambiguous: [false],
  unavailable: [false],
  operationFails: [false],
  crashes: [0],
  lags: [0 as Lag],
};

const step = fc.constantFrom<Step>(
  'healthy',
  'unhealthy',
  'stop',
  'snapshot',
  'stop',
  'sidecar exits',
  'sidecar starts',
);
const flags = fc.array(fc.boolean(), { minLength: 1, maxLength: 4 });
const lag = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Lag>(0) },
  fc.constantFrom<Lag>(1, 2, 'missing'),
);

const life = {
  kind: fc.constantFrom('plain' as const, 'lagging' as const, 'slow' as const),
  policy: fc.constant<Config['policy']>('sync'),
  healthCheck: fc.boolean(),
  ports: fc.integer({ min: 1, max: 2 }),
  tasks: fc.array(fc.array(step, { maxLength: 3 }), { minLength: 1, maxLength: 2 }),
  old: flags,
  reconcilers: fc.integer({ min: 0, max: 2 }),
  sidecar: fc.constantFrom<Sidecar>('none', 'runs', 'waits'),
};

/** Everything may go wrong: at rest one full reconcile must mend it. */
export const anyHistory: fc.Arbitrary<Knobs> = fc.record({
  ...life,
  copies: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 5 }),
  lags: fc.array(lag, { minLength: 1, maxLength: 6 }),
  crashes: fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 3 }),
  ambiguous: flags,
  unavailable: flags,
  operationFails: flags,
  eagerLooks: fc.boolean(),
});

/**
 * Deliveries repeat and interleave, but nothing is lost and nobody dies: events alone must be
 * enough. Where an accepted operation may fail in the end there is no reconciler: of its removals
 * such a failure costs a round.
 */
export const calmHistory: fc.Arbitrary<Knobs> = fc
  .record({
    ...life,
    copies: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 5 }),
    lags: fc.constant(CALM.lags),
    crashes: fc.constant(CALM.crashes),
    ambiguous: flags,
    unavailable: fc.constant(CALM.unavailable),
    operationFails: fc
      .array(fc.boolean(), { minLength: 3, maxLength: 3 })
      .map((some) => [...some.slice(0, 1), false, false]),
    eagerLooks: fc.constant(false),
  })
  .map((knobs) => (knobs.operationFails.includes(true) ? { ...knobs, reconcilers: 0 } : knobs));

/** Endless repetition of a list: one decision per call. */
const inTurn = <T>(items: readonly T[]) => {
  let at = 0;
  return () => items[at++ % items.length] as T;
};

export interface Ending {
  /** Broken at the very moment of a write; empty when all is well. */
  readonly violations: readonly string[];
  /** Records written when their task was stopping already. */
  readonly late: ReadonlySet<string>;
  readonly held: readonly Registration[];
  readonly ecs: Ecs;
}

const FOREIGN = ['somebody-else', undefined].map(
  (owner, at): Registration => ({
    id: `foreign-${at}`,
    service: 'web',
    cluster: CLUSTER,
    address: '10.9.9.9',
    port: 80,
    protocol: 'tcp',
    health: 'unhealthy',
    tags: [],
    metadata: owner ? { [KEY.owner]: owner, [KEY.cluster]: CLUSTER } : {},
    detail: {},
  }),
);

/**
 * Plays a history and returns what stands at its end; `rounds` full reconciles, undisturbed, come
 * last.
 */
export const play = async (
  knobs: Knobs,
  scheduler: fc.Scheduler,
  subject: Subject,
  rounds: number,
): Promise<Ending> => {
  const violations: string[] = [];
  const ecs = new Ecs(knobs);
  ecs.lag = inTurn(knobs.lags);
  const late = new Set<string>();
  const server = new Server((change, at) => {
    violations.push(...judge(change, at, ecs));
    if (change.kind === 'upsert' && !isServed(ecs, change.record)) late.add(change.record.id);
  });
  for (const record of FOREIGN) server.effect({ kind: 'upsert', record, reason: 'planted' });
  violations.length = 0;
  late.clear();
  server.listed = [...server.records.values()];
  server.trouble = {
    ambiguous: inTurn(knobs.ambiguous),
    unavailable: inTurn(knobs.unavailable),
    operationFails: inTurn(knobs.operationFails),
  };
  const queue: { delivery: Delivery; look: boolean }[] = [];
  const nextCopies = inTurn(knobs.copies);
  const nextOld = inTurn(knobs.old);
  const nextCrash = inTurn(knobs.crashes);

  const later = (name: string, effect: () => void) => {
    void scheduler.schedule(Promise.resolve(), name).then(effect);
  };
  /**
   * A function instance; each call of it gets its own dependencies over what the instance
   * remembers, and its mortality.
   */
  const instance = (name: string, mortal: boolean) => {
    const diesAt = mortal ? nextCrash() : 0;
    const memory = {
      isNews: createLogDeduper(),
      handled: new subject.HandledTasks(),
      cutOffs: new Map(),
      lastRound: new LastRound(),
    };
    let calls = 0;
    return (): Context => {
      const began = server.time;
      const remote: Remote = async (what, effect) => {
        calls++;
        if (diesAt > 0 && calls > diesAt) throw new Crash(`${name} is dead`);
        await scheduler.schedule(Promise.resolve(), `${name} ${what}`);
        server.began = began;
        const result = effect();
        if (diesAt > 0 && calls === diesAt) throw new Crash(`${name} died after ${what}`);
        await scheduler.schedule(Promise.resolve(), `${name} ${what} answered`);
        return result;
      };
      const registry = registryOf(knobs, server, remote, later);
      const context = contextOf({ knobs, ecs, registry, remote, enqueue, memory });
      const interpose = subject.interpose?.(name.startsWith('w') ? 'event' : 'reconcile');
      return interpose ? interpose(context) : context;
    };
  };
  const enqueue = (body: string, look: boolean) =>
    queue.push({
      delivery: { messageId: `m${queue.length}-${Math.random()}`, body, receiveCount: 1 },
      look,
    });

  const workers = [instance('w0', true), instance('w1', true)];
  const spare = instance('w2', false);
  const nextWorker = inTurn(workers);
  const consume = async (invoke: () => Context, batch: { delivery: Delivery; look: boolean }[]) => {
    await scheduler.schedule(Promise.resolve(), 'delivery');
    const deliveries = batch.map(({ delivery }) => delivery);
    const failed = await subject
      .handleBatch(deliveries, invoke(), new AbortController().signal)
      .catch(() => deliveries.map(({ messageId }) => messageId));
    // Handed out again, to an instance that lives.
    const again = batch.filter(({ delivery }) => failed.includes(delivery.messageId));
    for (const { delivery, look } of again) {
      if (delivery.receiveCount >= 3) continue;
      await consume(spare, [
        { delivery: { ...delivery, receiveCount: delivery.receiveCount + 1 }, look },
      ]);
    }
  };
  const pump = (looks: boolean) => {
    const due = queue.filter(({ look }) => looks || !look);
    for (const one of due) queue.splice(queue.indexOf(one), 1);
    for (const one of due) void consume(nextWorker(), [one]);
    return due.length;
  };

  const emit = (task: Told) => {
    for (let copy = nextCopies(); copy > 0; copy--) enqueue(eventOf(task, nextOld()), false);
    pump(knobs.eagerLooks);
  };
  knobs.tasks.forEach((steps, at) => void live(`t${at}`, steps, { ecs, server, emit, scheduler }));
  for (let at = 0; at < knobs.reconcilers; at++) {
    void runReconcile(subject, instance(`r${at}`, at > 0)()).catch(() => {});
  }
  await untilIdle(scheduler);
  while (pump(true) > 0) await untilIdle(scheduler);

  ecs.lag = () => 0;
  server.trouble = NO_TROUBLE;
  for (let round = 0; round < rounds; round++) {
    void runReconcile(subject, instance(`final${round}`, false)());
    await untilIdle(scheduler);
    server.listed = [...server.records.values()];
  }
  const foreign = FOREIGN.filter(
    (record) => server.records.get(`${record.service}/${record.id}`) !== record,
  );
  violations.push(...foreign.map(({ id }) => `${id}, which is not ours, was touched`));
  return {
    violations,
    late,
    held: [...server.records.values()].filter((one) => ownerOf(one) === OWNER),
    ecs,
  };
};

const runReconcile = (subject: Subject, context: ReconcileContext) =>
  subject.reconcile(context, NOW + 50_000, new AbortController().signal);

const live = async (
  id: string,
  steps: readonly Step[],
  at: { ecs: Ecs; server: Server; emit: (task: Told) => void; scheduler: fc.Scheduler },
) => {
  const { ecs, server, emit, scheduler } = at;
  const next = (name: string) => scheduler.schedule(Promise.resolve(), `${id} ${name}`);
  const emitIf = (told: Told | undefined) => told && emit(told);
  await next('created');
  emit(ecs.change(id, {}));
  await next('running');
  emit(ecs.change(id, { lastStatus: 'RUNNING' }));
  for (const step of steps) {
    await next(step);
    if (step === 'snapshot') server.listed = [...server.records.values()];
    else if (step === 'stop') {
      emit(ecs.change(id, { desiredStatus: 'STOPPED' }));
      await next('stopping');
      emit(ecs.change(id, { lastStatus: 'STOPPING' }));
      await next('stopped');
      emit(ecs.change(id, { lastStatus: 'STOPPED' }));
      return;
    } else if (step === 'sidecar exits') emitIf(ecs.changeSidecar(id, 'STOPPED'));
    else if (step === 'sidecar starts') emitIf(ecs.changeSidecar(id, 'RUNNING'));
    // ECS emits no event for health.
    else ecs.change(id, { health: step === 'healthy' ? 'HEALTHY' : 'UNHEALTHY' });
  }
};

/**
 * Reads that do not know a task, after which what its event wrote is undone: the confirmation's and
 * five looks'.
 */
const UNKNOWN_AFTER = 6;

/** The invariants that hold at each single write. */
const judge: (...args: [...Parameters<Watch>, Ecs]) => string[] = (
  change,
  { before, knownHealthy },
  ecs,
) => {
  const broken: string[] = [];
  const task = before?.metadata[KEY.task] ?? '';
  if (before && ownerOf(before) !== OWNER)
    broken.push(`${before.id}, which is not ours, was written to`);
  if (
    change.kind === 'remove' &&
    before &&
    isServed(ecs, before) &&
    ecs.misses(task) < UNKNOWN_AFTER
  )
    broken.push(`${task} runs and was taken out`);
  // Two first writes may cross; a write that comes when the record is healthy already must see
  // that.
  const lowers =
    change.kind === 'upsert' && change.record.health === 'starting' && before?.health === 'healthy';
  if (lowers && knownHealthy) broken.push(`${change.record.id} was healthy and is shown starting`);
  return broken;
};

const registryOf = (
  { kind }: Knobs,
  server: Server,
  remote: Remote,
  later: (name: string, effect: () => void) => void,
): Registry => {
  if (kind === 'slow') return slowRegistry(server, remote, later);
  return kind === 'lagging' ? laggingRegistry(server, remote) : plainRegistry(server, remote);
};

type Context = EventContext & ReconcileContext;

interface Parts {
  readonly knobs: Knobs;
  readonly ecs: Ecs;
  readonly registry: Registry;
  readonly remote: Remote;
  readonly enqueue: (body: string, look: boolean) => void;
  readonly memory: Pick<Context, 'isNews' | 'handled' | 'cutOffs' | 'lastRound'>;
}

const contextOf = ({ knobs, ecs, registry, remote, enqueue, memory }: Parts): Context => ({
  config: {
    owner: OWNER,
    place: { partition: 'aws', region: 'eu-west-1', account: '111122223333' },
    clusters: [],
    policy: knobs.policy,
    deleteLimit: 50,
    rules: {
      owner: OWNER,
      profile: 'ecs',
      tasks: 'services',
      mode: 'opt-out',
      address: 'private',
      names: NAME_RULES,
    },
  },
  source: ecs.source(remote),
  registries: [registry],
  queue: {
    send: (looks) =>
      remote('SendMessage', () => {
        for (const { delaySeconds: _, ...look } of looks) {
          enqueue(JSON.stringify({ rollcall: 1, kind: 'look', ...look }), true);
        }
      }),
  },
  ...memory,
  telemetry: SILENT,
  now: () => NOW,
  sleep: () => remote('sleep', () => {}),
  store: {
    readSummary: () => Promise.resolve(undefined),
    saveSummary: () => Promise.resolve(),
    readApproval: () => Promise.resolve(undefined),
    saveApproval: () => Promise.resolve(),
    readRemovals: () => Promise.resolve(NO_REMOVALS),
    saveRemovals: () => Promise.resolve(),
  },
});

const SILENT: Telemetry = {
  outcome() {},
  skip() {},
  note() {},
  fault() {},
  count() {},
  async flush() {},
};

/** What is loaded on demand comes a moment after nothing seems to be under way. */
const untilIdle = async (scheduler: fc.Scheduler) => {
  do {
    await scheduler.waitIdle();
    await new Promise(setImmediate);
  } while (scheduler.count() > 0);
};

/** Events tell no health. */
const eventOf = (task: Told, old: boolean) => {
  const { healthStatus: _, containers, ...detail } = toDetail(task);
  return JSON.stringify({
    version: '0',
    id: `${task.taskArn}-${task.version}`,
    source: 'aws.ecs',
    'detail-type': 'ECS Task State Change',
    time: new Date(old ? NOW - 3_600_000 : NOW).toISOString(),
    detail: { ...detail, containers: containers.map(({ healthStatus: _, ...rest }) => rest) },
  });
};

/** Whether what a record speaks of shall be registered. */
export const isServed = (ecs: Ecs, { metadata, port }: Registration): boolean =>
  ecs.isServed(metadata[KEY.task] ?? '', port);

/**
 * What is wrong at rest: the registry must hold exactly the running tasks of this owner, in their
 * present health.
 */
export const faultsAtRest = (
  { held, ecs }: Ending,
  knobs: Knobs,
  compare: 'records' | 'health too',
): string[] => {
  const faults = held
    .filter((record) => !isServed(ecs, record))
    .map((record) => `${record.id} outlives its task`);
  for (const { task, ports } of ecs.served()) {
    const records = held.filter((record) => record.metadata[KEY.task] === task.taskArn);
    const { healthStatus } = task;
    const health = healthStatus === undefined ? 'healthy' : HEALTH[healthStatus];
    const mayWait = knobs.kind === 'slow' && health !== 'healthy';
    if (records.length !== ports && !(mayWait && records.length < ports)) {
      faults.push(`${task.taskArn} has ${records.length} of ${ports} records`);
    }
    if (compare === 'records' || health === 'starting') continue;
    faults.push(
      ...records
        .filter((record) => record.health !== health)
        .map(({ id }) => `${id} is not shown ${health}`),
    );
  }
  return faults;
};

const HEALTH = { HEALTHY: 'healthy', UNHEALTHY: 'unhealthy', UNKNOWN: 'starting' } as const;
