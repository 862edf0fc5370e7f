import type { Skip } from '../../model/plan.ts';
import { KEY, type Registration } from '../../model/registration.ts';
import type { Removal } from '../../plan/plan.ts';
import type { Registry } from '../../registries/registry.ts';
import type { SyncContext } from '../context.ts';
import { CONTAINER_STOPPED, type Derivation, isOfStopped } from './derivation.ts';
import { type Observed, observe, type TaskRequest } from './observe.ts';
import type { Cluster } from './snapshot.ts';
import { isMissing } from './task-state.ts';

/** What ECS says of one cluster. */
export interface ClusterState {
  readonly cluster: string;
  /** Every task that was asked about, by ARN. */
  readonly tasks: ReadonlyMap<string, Observed>;
  /** Those that run, derived. */
  readonly running: ReadonlyMap<string, Derivation>;
  /** Why something is not registered. */
  readonly skips: readonly Skip[];
  /** Of these ECS's answer cannot be used. */
  readonly unreadable: readonly Skip[];
  /** Listed, but not described: one of the two answers lags. */
  readonly undescribed: readonly string[];
}

type Context = Pick<SyncContext, 'source' | 'config' | 'now'>;

/**
 * Lists and describes a cluster's tasks, and those that only the registries still speak of, with
 * the starts they tell. Throws if ECS cannot be read. A cluster that is gone runs nothing: every
 * task on record is missing.
 */
export const observeCluster = async (
  { arn: cluster, isGone }: Cluster,
  recorded: ReadonlyMap<string, string>,
  context: Context,
  signal: AbortSignal,
): Promise<ClusterState> => {
  const listed = new Set(isGone ? [] : await context.source.listTasks(cluster, signal));
  const arns = [...new Set([...listed, ...recorded.keys()])];
  const requests = arns.map((arn) => ({
    arn,
    cluster,
    recordedStart: recorded.get(arn),
    isListed: listed.has(arn),
    ...(isGone && { told: 'missing' as const }),
  }));
  return observeAll(cluster, requests, 'running', context, signal);
};

/** Describes these tasks alone, and derives them whatever they do. Throws if ECS cannot be read. */
export const observeTasks = (
  cluster: string,
  tasks: readonly string[],
  context: Context,
  signal: AbortSignal,
): Promise<ClusterState> => {
  const requests = tasks.map((arn) => ({ arn, cluster }));
  return observeAll(cluster, requests, 'described', context, signal);
};

const observeAll = async (
  cluster: string,
  requests: readonly TaskRequest[],
  derives: 'running' | 'described',
  context: Context,
  signal: AbortSignal,
): Promise<ClusterState> => {
  const options = { derives, hostStates: true };
  const { tasks, unreadable, faults } = await observe(requests, options, context, signal);
  if (faults.has(cluster)) throw faults.get(cluster);
  const isRunning = ({ state }: Observed) => state.state === 'running';
  const running = [...tasks.values()].filter(isRunning).flatMap((one) => one.derivation ?? []);
  const refused = unreadable.get(cluster) ?? [];
  const undescribed = requests.filter(
    ({ arn, isListed }) => isListed && isMissing(tasks.get(arn)?.state),
  );
  return {
    cluster,
    tasks,
    running: new Map(running.map((one) => [one.task.arn, one])),
    skips: [...[...tasks.values()].flatMap(skipsOf), ...refused],
    unreadable: refused,
    undescribed: undescribed.map(({ arn }) => arn),
  };
};

const skipsOf = ({ derivation, skip }: Observed) => derivation?.skips ?? (skip ? [skip] : []);

/**
 * Why our record of a task goes that is not desired any more. Undefined: it stays, since nothing is
 * sure.
 */
export const removalIn =
  ({ tasks }: ClusterState, registry: Registry) =>
  (record: Registration): Removal | undefined => {
    const { state, derivation } = tasks.get(record.metadata[KEY.task] ?? '') ?? {};
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
