import { type ClusterArn, isTaskArn, type TaskArn } from '../../model/arn.ts';
import type { Skip } from '../../model/plan.ts';
import { noTaskOf } from '../../source/arn.ts';
import {
  derivationOf,
  type ObserveContext,
  type Observed,
  type ObserveOptions,
  observe,
} from './observe.ts';
import type { Cluster } from './snapshot.ts';
import type { Derivation, TaskRequest } from './task-request.ts';
import { isMissing, type TaskState, taskState } from './task-state.ts';

/** What ECS says of one cluster. */
export interface ClusterState {
  readonly cluster: ClusterArn;
  /** Every task that was asked about. */
  readonly tasks: ReadonlyMap<TaskArn, Observed>;
  /**
   * What our records name as their tasks and ECS cannot know: what is no task's ARN, and all of a
   * cluster that is gone.
   */
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
  recorded: ReadonlyMap<string, number>,
  context: ObserveContext,
  signal: AbortSignal,
): Promise<ClusterState> => {
  const listed = new Set(isGone ? [] : await context.source.listTasks(cluster, signal));
  const named = isGone ? [] : [...recorded.keys()].filter(isTaskArn);
  const tasks = [...new Set([...listed, ...named])].map((arn) => ({
    arn,
    isListed: listed.has(arn),
    recordedStart: recorded.get(arn),
  }));
  const strays = [...recorded].filter(([name]) => isGone || !isTaskArn(name));
  return observeAll(
    { cluster, tasks, strays, derives: 'running', path: 'reconcile' },
    context,
    signal,
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
  const named = tasks.filter(isTaskArn).map((arn) => ({ arn, isListed: false }));
  const strays = tasks.filter((name) => !isTaskArn(name)).map((name) => [name, 0] as const);
  return observeAll(
    { cluster, tasks: named, strays, derives: 'described', path: 'inspect' },
    context,
    signal,
  );
};

interface Wanted extends Pick<ClusterState, 'cluster'>, Pick<ObserveOptions, 'derives' | 'path'> {
  readonly tasks: readonly Pick<RoundRequest, 'arn' | 'isListed' | 'recordedStart'>[];
  /** Each with its start, in milliseconds since the epoch. */
  readonly strays: readonly (readonly [name: string, startedAt: number])[];
}

type RoundRequest = Extract<TaskRequest, { from: 'round' }>;

const observeAll = async (
  { cluster, tasks: asked, strays, derives, path }: Wanted,
  context: ObserveContext,
  signal: AbortSignal,
): Promise<ClusterState> => {
  const options = { derives, path, hostStates: true };
  const requests = asked.map((one) => ({ ...one, cluster, from: 'round' as const }));
  const { tasks, unreadable, faults } = await observe(requests, options, context, signal);
  if (faults.has(cluster)) throw faults.get(cluster);
  const isRunning = ({ state }: Observed) => state.state === 'running';
  const running = [...tasks.values()].filter(isRunning).flatMap((one) => derivationOf(one) ?? []);
  const refused = [
    ...(unreadable.get(cluster) ?? []),
    ...strays.flatMap(([name]) => (isTaskArn(name) ? [] : noTaskOf(cluster, name))),
  ];
  const undescribed = requests.filter(
    ({ arn, isListed }) => isListed && isMissing(tasks.get(arn)?.state),
  );
  return {
    cluster,
    tasks,
    strays: new Map(strays.map(([name, startedAt]) => [name, gone(startedAt, context.now())])),
    running: new Map(running.map((one) => [one.task.arn, one])),
    skips: [...[...tasks.values()].flatMap(skipsOf), ...refused],
    unreadable: refused,
    undescribed: undescribed.map(({ arn }) => arn),
  };
};

const gone = (startedAt: number, now: number) => taskState({ answer: 'missing', startedAt }, now);

const skipsOf = (one: Observed): readonly Skip[] =>
  one.status === 'undefinable' ? [one.skip] : (derivationOf(one)?.skips ?? []);
