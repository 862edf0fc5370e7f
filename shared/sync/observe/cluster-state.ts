import type { Skip } from '../../model/plan.ts';
import { KEY, type Registration } from '../../model/registration.ts';
import type { Task } from '../../model/task.ts';
import type { Removal } from '../../plan/plan.ts';
import type { Registry } from '../../registries/registry.ts';
import type { Described } from '../../source/source.ts';
import type { SyncContext } from '../context.ts';
import { missingIn, unreadableIn } from './ask-ecs.ts';
import {
  type Derivation,
  derivationsIn,
  deriveTasks,
  isOnDownHost,
  type TaskDerivation,
} from './derivation.ts';
import { isRunning, recordedStart, type TaskState, taskState } from './task-state.ts';

/** What ECS says of one cluster. */
export interface ClusterState {
  readonly cluster: string;
  /** Tasks that ECS calls running, derived; by ARN. */
  readonly running: ReadonlyMap<string, Derivation>;
  /** What came of each task that was to be derived. */
  readonly derived: ReadonlyMap<string, TaskDerivation>;
  /** Why something is not registered. */
  readonly skips: readonly Skip[];
  /** Of these ECS's answer cannot be used. */
  readonly unreadable: readonly Skip[];
  /** Listed, but not described: one of the two answers lags. */
  readonly undescribed: readonly string[];
  /** Of a task that a record names, with its start as the record tells it. */
  stateOf(task: string, startedAt: number, now: number): TaskState;
}

type Context = Pick<SyncContext, 'source' | 'config'>;

/**
 * Lists and describes a cluster's tasks, and those that only the registries still speak of. Throws
 * if ECS cannot be read.
 */
export const observeCluster = async (
  cluster: string,
  recorded: ReadonlySet<string>,
  context: Context,
  signal: AbortSignal,
): Promise<ClusterState> => {
  const listed = new Set(await context.source.listTasks(cluster, signal));
  const wanted = [...new Set([...listed, ...recorded])];
  const described = await context.source.describeTasks(cluster, wanted, signal);
  const running = described.tasks.filter(isRunning);
  return deriveState({ cluster, listed, described, toDerive: running }, context, signal);
};

/** Describes these tasks alone, and derives them whatever they do. Throws if ECS cannot be read. */
export const observeTasks = async (
  cluster: string,
  tasks: readonly string[],
  context: Context,
  signal: AbortSignal,
): Promise<ClusterState> => {
  const described =
    tasks.length > 0
      ? await context.source.describeTasks(cluster, tasks, signal)
      : { tasks: [], missing: [] };
  const found = { cluster, listed: new Set<string>(), described, toDerive: described.tasks };
  return deriveState(found, context, signal);
};

/**
 * A cluster that ECS calls INACTIVE, or does not know, runs nothing: every task on record is
 * missing.
 */
export const goneCluster = (cluster: string): ClusterState => ({
  cluster,
  running: new Map(),
  derived: new Map(),
  skips: [],
  unreadable: [],
  undescribed: [],
  stateOf: (_, startedAt, now) => taskState({ answer: 'missing', startedAt }, now),
});

interface Found {
  readonly cluster: string;
  readonly listed: ReadonlySet<string>;
  readonly described: Described;
  readonly toDerive: readonly Task[];
}

const deriveState = async (
  { cluster, listed, described, toDerive }: Found,
  { source, config }: Context,
  signal: AbortSignal,
): Promise<ClusterState> => {
  const options = { source, rules: config.rules, hostStates: true };
  const derived = await deriveTasks(toDerive, options, signal);
  const derivations = derivationsIn(derived);
  const running = derivations.filter(({ task }) => isRunning(task));
  const missing = missingIn(described);
  const answers = new Map<string, Task | 'missing'>([
    ...missing.map((arn) => [arn, 'missing'] as const),
    ...described.tasks.map((task) => [task.arn, task] as const),
  ]);
  const undefinable = [...derived.values()].filter((one) => one.status === 'undefinable');
  const unreadable = unreadableIn(described);
  return {
    cluster,
    running: new Map(running.map((one) => [one.task.arn, one])),
    derived,
    skips: [
      ...derivations.flatMap(({ skips }) => skips),
      ...undefinable.map(({ skip }) => skip),
      ...unreadable,
    ],
    unreadable,
    undescribed: missing.filter((arn) => listed.has(arn)),
    stateOf(arn, startedAt, now) {
      const one = derived.get(arn);
      const isUnread = one !== undefined && one.status !== 'derived';
      const answer = isUnread ? 'unread' : (answers.get(arn) ?? 'unread');
      const isDown = one?.status === 'derived' && isOnDownHost(one.derivation);
      const isListed = listed.has(arn);
      return taskState({ answer, startedAt, isListed, host: isDown ? 'down' : 'up' }, now);
    },
  };
};

/**
 * Why our record of a task goes that is not desired any more. Undefined: it stays, since nothing is
 * sure.
 */
export const removalIn =
  (state: ClusterState, registry: Registry, now: number) =>
  (record: Registration): Removal | undefined => {
    const task = record.metadata[KEY.task] ?? '';
    const startedAt = recordedStart(record.metadata[KEY.started], now);
    const { state: is, reason } = state.stateOf(task, startedAt, now);
    if (is === 'stopping') return { reason };
    if (is === 'expired') return { reason, limit: 'missing' };
    const derivation = state.running.get(task);
    // One that is named without an instance stays: its address or binding cannot be seen just now.
    if (is !== 'running' || !derivation || isNamed(record, derivation, registry)) return undefined;
    const lost = 'its task is not registered under this name any more';
    return { reason: lost, limit: 'renamed' };
  };

const isNamed = (record: Registration, { identities }: Derivation, registry: Registry) => {
  const key = registry.key(record);
  return identities
    .flatMap((identity) => registry.refs(identity))
    .some((ref) => registry.key(ref) === key);
};
