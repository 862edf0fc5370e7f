import { type ClusterArn, isTaskArn, type TaskArn } from '../../model/arn.ts';
import type { Skip } from '../../model/plan.ts';
import { KEY, type Registration } from '../../model/registration.ts';
import type { Removal } from '../../plan/plan.ts';
import type { Registry } from '../../registries/registry.ts';
import { noTaskOf } from '../../source/arn.ts';
import { CONTAINER_STOPPED, type Derivation, isOfStopped } from './derivation.ts';
import {
  derivationOf,
  type ObserveContext,
  type Observed,
  type ObserveOptions,
  observe,
  type TaskRequest,
} from './observe.ts';
import type { Cluster } from './snapshot.ts';
import { isMissing, recordedStart, type TaskState, taskState } from './task-state.ts';

/** What ECS says of one cluster. */
export interface ClusterState {
  readonly cluster: ClusterArn;
  /** Every task that was asked about. */
  readonly tasks: ReadonlyMap<TaskArn, Observed>;
  /** What our records name as their tasks, and is no task's ARN: ECS cannot know these. */
  readonly strays: ReadonlyMap<string, TaskState>;
  /** Those that run, derived. */
  readonly running: ReadonlyMap<TaskArn, Derivation>;
  /** Why something is not registered. */
  readonly skips: readonly Skip[];
  /** Of these ECS's answer cannot be used. */
  readonly unreadable: readonly Skip[];
  /** Listed, but not described: one of the two answers lags. */
  readonly undescribed: readonly TaskArn[];
}

/**
 * Lists and describes a cluster's tasks, and those that only the registries still speak of, with
 * the starts that they say. Throws if ECS cannot be read. A cluster that is gone runs nothing:
 * every task on record is missing.
 */
export const observeCluster = async (
  { arn: cluster, isGone }: Cluster,
  recorded: ReadonlyMap<string, string>,
  context: ObserveContext,
  signal: AbortSignal,
): Promise<ClusterState> => {
  const listed = new Set(isGone ? [] : await context.source.listTasks(cluster, signal));
  const arns = [...new Set([...listed, ...[...recorded.keys()].filter(isTaskArn)])];
  const requests = arns.map((arn) => ({
    arn,
    cluster,
    recordedStart: recorded.get(arn),
    isListed: listed.has(arn),
    ...(isGone && { reported: 'missing' as const }),
  }));
  const strays = straysIn(recorded, context.now());
  return observeAll({ cluster, requests, strays, derives: 'running' }, context, signal);
};

const straysIn = (recorded: ReadonlyMap<string, string>, now: number): ClusterState['strays'] => {
  const strays = [...recorded].filter(([name]) => !isTaskArn(name));
  return new Map(
    strays.map(([name, start]) => [
      name,
      taskState({ answer: 'missing', startedAt: recordedStart(start, now) }, now),
    ]),
  );
};

/**
 * Describes these tasks alone, by what may be their ARNs, and derives them whatever they do. Throws
 * if ECS cannot be read.
 */
export const observeTasks = (
  cluster: ClusterArn,
  tasks: readonly string[],
  context: ObserveContext,
  signal: AbortSignal,
): Promise<ClusterState> => {
  const requests = tasks.filter(isTaskArn).map((arn) => ({ arn, cluster }));
  const strays = straysIn(new Map(tasks.map((name) => [name, ''])), context.now());
  return observeAll({ cluster, requests, strays, derives: 'described' }, context, signal);
};

interface Wanted extends Pick<ClusterState, 'cluster' | 'strays'>, Pick<ObserveOptions, 'derives'> {
  readonly requests: readonly TaskRequest[];
}

const observeAll = async (
  { cluster, requests, strays, derives }: Wanted,
  context: ObserveContext,
  signal: AbortSignal,
): Promise<ClusterState> => {
  const options = { derives, hostStates: true };
  const { tasks, unreadable, faults } = await observe(requests, options, context, signal);
  if (faults.has(cluster)) throw faults.get(cluster);
  const isRunning = ({ state }: Observed) => state.state === 'running';
  const running = [...tasks.values()].filter(isRunning).flatMap((one) => derivationOf(one) ?? []);
  const refused = [
    ...(unreadable.get(cluster) ?? []),
    ...[...strays.keys()].map((name) => noTaskOf(cluster, name)),
  ];
  const undescribed = requests.filter(
    ({ arn, isListed }) => isListed && isMissing(tasks.get(arn)?.state),
  );
  return {
    cluster,
    tasks,
    strays,
    running: new Map(running.map((one) => [one.task.arn, one])),
    skips: [...[...tasks.values()].flatMap(skipsOf), ...refused],
    unreadable: refused,
    undescribed: undescribed.map(({ arn }) => arn),
  };
};

const skipsOf = (one: Observed): readonly Skip[] =>
  one.status === 'undefinable' ? [one.skip] : (derivationOf(one)?.skips ?? []);

/**
 * Why our record of a task goes that is not desired any more. Undefined: it stays, since nothing is
 * sure.
 */
export const removalIn =
  ({ tasks, strays }: ClusterState, registry: Registry) =>
  (record: Registration): Removal | undefined => {
    const name = record.metadata[KEY.task] ?? '';
    const observed = isTaskArn(name) ? tasks.get(name) : undefined;
    const state = observed?.state ?? strays.get(name);
    const derivation = derivationOf(observed);
    if (state?.state === 'stopping') return { reason: state.reason };
    if (state?.state === 'expired') return { reason: state.reason, limit: 'missing' };
    if (state?.state !== 'running' || !derivation) return undefined;
    if (isOfStopped(record, derivation)) return { reason: CONTAINER_STOPPED };
    // One that is named without an instance stays: its address or binding cannot be seen just now.
    const key = registry.key(record);
    const refs = derivation.identities.flatMap((identity) => registry.refs(identity));
    if (refs.some((ref) => registry.key(ref) === key)) return undefined;
    const lost = 'its task is not registered under this name any more';
    const nameNow = derivation.identities.find(({ id }) => id === record.id)?.service;
    return { reason: lost, limit: 'renamed', ...(nameNow !== undefined && { nameNow }) };
  };
