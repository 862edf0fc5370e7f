import type { ClusterArn, TaskArn } from '../../../shared/model/arn.ts';
import { type Change, type Outcome, refOf } from '../../../shared/model/plan.ts';
import {
  type Instance,
  KEY,
  NAMING,
  type Ref,
  type Registration,
} from '../../../shared/model/registration.ts';
import type { Summary } from '../../../shared/model/summary.ts';
import type { Definition, Task } from '../../../shared/model/task.ts';
import { NO_REMOVALS, type Removals } from '../../../shared/plan/removals.ts';
import type { Telemetry } from '../../../shared/platform/telemetry.ts';
import type { Registry } from '../../../shared/registries/registry.ts';
import type { Answered, Described, Source } from '../../../shared/source/source.ts';
import type { DelayedLook, EventContext, ReconcileContext } from '../../../shared/sync/context.ts';
import type { Approval, OperatorStore } from '../../../shared/sync/limits/operator-store.ts';
import { createLogDeduper, HandledTasks, LastRound } from '../../../shared/sync/memory.ts';
import { CLUSTER, definition, OWNER, rules, task } from '../derive/builders.ts';

export { CLUSTER, OWNER };
export const NOW = Date.UTC(2026, 0, 2, 12);
export const live = () => new AbortController().signal;
export const taskArn = (id: string) =>
  `arn:aws:ecs:eu-west-1:111122223333:task/shop/${id}` as const;

/** A running awsvpc task of the service `web`, an hour and a half old. */
export const taskOf = (id: string, more: Partial<Task> = {}): Task =>
  task({ arn: taskArn(id), id, startedAt: NOW - 5_400_000, ...more });

const keyOf = ({ service, id }: Pick<Ref, 'service' | 'id'>) => `${service}/${id}`;

const toRecord = (instance: Instance): Registration => {
  const { id, service, cluster, address, port, protocol, health, tags, metadata } = instance;
  return { id, service, cluster, address, port, protocol, health, tags, metadata, detail: {} };
};

/** A record of ours whose task is `id`, unless a test says otherwise. */
export const recordOf = (id: string, more: Partial<Registration> = {}): Registration => ({
  id: `${id}-record`,
  service: 'web',
  cluster: CLUSTER,
  address: '10.0.1.163',
  port: 8080,
  protocol: 'tcp',
  health: 'healthy',
  tags: [],
  detail: {},
  ...more,
  metadata: {
    [KEY.owner]: OWNER,
    [KEY.cluster]: more.cluster ?? CLUSTER,
    [KEY.task]: taskArn(id),
    [KEY.started]: new Date(NOW - 5_400_000).toISOString(),
    [KEY.naming]: String(NAMING),
    ...more.metadata,
  },
});

export interface FakeRegistry extends Registry {
  readonly records: Map<string, Registration>;
  /** Every call, as `list`, `get web/a`, `upsert web/a` …, in order. */
  readonly calls: string[];
}

/** Keeps records in memory; `more` replaces what a test is about. */
export const fakeRegistry = (
  held: readonly Registration[] = [],
  more: Partial<Registry> = {},
): FakeRegistry => {
  const records = new Map(held.map((record) => [keyOf(record), record]));
  const calls: string[] = [];
  return {
    records,
    calls,
    name: 'consul',
    waitsForHealth: false,
    key: keyOf,
    refs: ({ service, id, cluster }) => [{ service, id, cluster }],
    fit: (instance) => ({ records: [toRecord(instance)], notes: [] }),
    list: async () => {
      calls.push('list');
      return { records: [...records.values()] };
    },
    get: async (refs) => {
      calls.push(...refs.map((ref) => `get ${keyOf(ref)}`));
      return refs.flatMap((ref) => records.get(keyOf(ref)) ?? []);
    },
    apply: async (changes) => {
      calls.push(...changes.map((change) => `${change.kind} ${keyOf(refOf(change))}`));
      return changes.map((change) => write(records, change));
    },
    ...more,
  };
};

const write = (records: Map<string, Registration>, change: Change): Outcome => {
  const key = keyOf(refOf(change));
  if (change.kind === 'upsert') records.set(key, change.record);
  if (change.kind === 'health') records.set(key, { ...change.record, health: change.health });
  if (change.kind === 'remove' && !records.delete(key)) return { change, status: 'unchanged' };
  return { change, status: 'done' };
};

/** An event of the task as EventBridge brings it, as old as said (milliseconds). */
export const eventOf = (task: Task, age = 0): string =>
  JSON.stringify({
    id: `event-${task.id}-${task.version}`,
    source: 'aws.ecs',
    'detail-type': 'ECS Task State Change',
    time: new Date(NOW - age).toISOString(),
    detail: {
      taskArn: task.arn,
      clusterArn: task.clusterArn,
      taskDefinitionArn: task.definitionArn,
      version: task.version,
      desiredStatus: task.desiredStatus,
      lastStatus: task.lastStatus,
      group: task.group,
      startedBy: task.startedBy,
    },
  });

/** What AWS says of each that was asked for; and of which it could not be asked. */
export const answered = <T>(
  found: Readonly<Record<string, T>> = {},
  unread: Readonly<Record<string, string>> = {},
): Answered<T, never> => ({
  found: byKey(found),
  unread: byKey(
    Object.fromEntries(Object.entries(unread).map(([key, why]) => [key, new Error(why)])),
  ),
});

/** By whatever keys a test asks for. */
const byKey = <T>(of: Readonly<Record<string, T>>) => new Map(Object.entries(of) as [never, T][]);

export interface Ecs {
  readonly tasks: readonly Task[];
  readonly clusters?: readonly ClusterArn[];
  readonly definitions?: readonly Definition[];
  /** What ECS calls missing; whatever else is asked for and not in `tasks` is in neither answer. */
  readonly missing?: readonly TaskArn[];
}

/**
 * ECS as it stands: what is listed is what shall run. Every cluster asks the same tasks, told apart
 * by their own.
 */
export const fakeSource = (
  { tasks, clusters = [CLUSTER], ...ecs }: Ecs,
  more: Partial<Source> = {},
): Source => ({
  listClusters: async () => clusters,
  recentClusters: async () => clusters,
  goneClusters: async () => new Set(),
  listTasks: async (cluster) =>
    tasks
      .filter((one) => one.clusterArn === cluster && one.desiredStatus === 'RUNNING')
      .map(({ arn }) => arn),
  tasksOfService: async (cluster, service) =>
    tasks
      .filter((one) => one.clusterArn === cluster && one.group === `service:${service}`)
      .filter((one) => one.desiredStatus === 'RUNNING')
      .map(({ arn }) => arn),
  describeTasks: async (cluster, arns): Promise<Described> => ({
    tasks: tasks.filter(({ arn, clusterArn }) => clusterArn === cluster && arns.includes(arn)),
    missing: (ecs.missing ?? []).filter((arn) => arns.includes(arn)),
  }),
  definition: async (arn) => (ecs.definitions ?? [definition()]).find((one) => one.arn === arn),
  hosts: async () => answered(),
  hostStates: async () => answered(),
  tasksOnHosts: async () => [],
  services: async () => ({ found: new Map(), unread: new Map() }),
  serviceFacts: async () => new Map(),
  publicAddresses: async () => new Map(),
  ...more,
});

export interface Told {
  readonly lines: string[];
  readonly counts: Map<string, number>;
  readonly telemetry: Telemetry;
}

/** What was told, one short line each, and the counters as `Failed consul`. */
export const listening = (): Told => {
  const lines: string[] = [];
  const counts = new Map<string, number>();
  const telemetry: Telemetry = {
    outcome: (registry, { change, status }) => lines.push(`${registry} ${change.kind} ${status}`),
    skip: ({ code }) => lines.push(`skip ${code}`),
    note: (message) => lines.push(`note ${message}`),
    fault: (message, error) => lines.push(`fault ${message}: ${error}`),
    count: (counter, value, registry) => {
      const name = registry === undefined ? counter : `${counter} ${registry}`;
      counts.set(name, (counts.get(name) ?? 0) + value);
    },
    flush: async () => {},
  };
  return { lines, counts, telemetry };
};

export interface FakeStore extends OperatorStore {
  summary?: Summary;
  approval?: Approval;
  removals: Removals;
}

export const fakeStore = (more: Partial<OperatorStore> = {}): FakeStore => {
  const store: FakeStore = {
    removals: NO_REMOVALS,
    readRemovals: async () => store.removals,
    saveRemovals: async (removals) => {
      store.removals = removals;
    },
    readSummary: async () => store.summary,
    saveSummary: async (summary) => {
      store.summary = summary;
    },
    readApproval: async () => store.approval,
    saveApproval: async (release) => {
      store.approval = release;
    },
    ...more,
  };
  return store;
};

export interface World extends Partial<Omit<ReconcileContext, 'config'>> {
  readonly config?: Partial<ReconcileContext['config']>;
}

/**
 * Dependencies of any path; nothing runs and nothing is registered unless a test says otherwise.
 */
export const worldOf = ({ config, ...more }: World = {}) => {
  const told = listening();
  const looks: DelayedLook[] = [];
  const store = fakeStore();
  const context: ReconcileContext & EventContext = {
    config: {
      owner: OWNER,
      place: { partition: 'aws', region: 'eu-west-1', account: '111122223333' },
      clusters: [],
      policy: 'sync',
      deleteLimit: 50,
      rules: rules(),
      ...config,
    },
    source: fakeSource({ tasks: [] }),
    registries: [fakeRegistry()],
    queue: {
      send: async (some) => {
        looks.push(...some);
      },
    },
    isNews: createLogDeduper(),
    handled: new HandledTasks(),
    cutOffs: new Map(),
    lastRound: new LastRound(),
    telemetry: told.telemetry,
    now: () => NOW,
    sleep: async () => {},
    store,
    ...more,
  };
  return { context, looks, store, ...told };
};

/** What a healthy reconcile of these running tasks leaves in a registry. */
export const servicesOf = (registry: FakeRegistry) =>
  [...registry.records.values()]
    .map(({ service, metadata }) => `${service} ${metadata[KEY.task]?.split('/').at(-1)}`)
    .sort();
