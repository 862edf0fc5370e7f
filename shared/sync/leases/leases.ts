import { isFailure, type Outcome, refOf } from '../../model/plan.ts';
import { KEY, type Registration } from '../../model/registration.ts';
import { BoundedMap } from '../../platform/bounded-map.ts';
import { chunks } from '../../platform/concurrency.ts';
import { memoize } from '../../platform/memoize.ts';
import { type LogContext, logged } from '../../platform/telemetry.ts';
import { withTimeout } from '../../platform/timeout.ts';
import type { Listing, Registry } from '../../registries/registry.ts';
import { isOfCluster } from '../../source/arn.ts';
import { recordsOf } from '../apply/apply.ts';
import type { SyncContext } from '../context.ts';
import type { ClusterState } from '../observe/cluster-state.ts';
import type { RegistrySnapshot } from '../observe/snapshot.ts';
import { isOurs } from '../scope.ts';
import { TASKS_PER_LOOK } from '../trigger/task-trigger.ts';

/** Whether a listing says anything at all: a server that warms up lists nothing. */
export const isListed = ({ unknown, records }: Listing): boolean =>
  unknown === undefined || records.length > 0;

/** What became of heartbeats. */
export interface Renewal {
  /** Those that failed, with the reason. */
  readonly failed: readonly string[];
  /** Records that the registry does not know any more. */
  readonly lost: readonly Registration[];
}

/**
 * Sends the heartbeats of these records, those first that have waited longest. A record that the
 * registry does not know any more is not written here, since its task may have stopped: it becomes
 * a look, where ECS decides. Rejects only where looks cannot be queued.
 */
export const renewRecords = async (
  registry: Registry,
  records: readonly Registration[],
  context: SyncContext,
  { path, signal }: { readonly path: LogContext['path']; readonly signal: AbortSignal },
): Promise<Renewal> => {
  const { telemetry } = context;
  const outcomes = (await registry.renew?.(oldestFirst(registry, records), signal)) ?? [];
  rememberRenewed(registry, outcomes, context.now());
  const failed = outcomes.filter(isFailure).map(({ reason }) => reason);
  const lost = outcomes.flatMap(({ change, status }) =>
    status === 'gone' && change.kind !== 'remove' ? [change.record] : [],
  );
  telemetry.count('Renewed', outcomes.length - lost.length - failed.length, registry.name);
  telemetry.count('Failed', failed.length, registry.name);
  if (failed[0] !== undefined)
    telemetry.fault(`${failed.length} leases were not renewed`, failed[0], { path });
  await lookAtLost(registry, lost, context, { path, signal });
  return { failed, lost };
};

/**
 * Milliseconds of a round for one cluster's heartbeats: a registry that hangs would take all that
 * is left of it.
 */
const KEEPING_MS = 15_000;

/**
 * Where a round keeps leases itself: at registries that it could not list. `renew` goes by the
 * registry's list, and has none then, or an old one.
 */
export const leasesToKeep = (snapshots: readonly RegistrySnapshot[]): readonly Registry[] =>
  snapshots
    .filter((one) => one.registry.renew && !(one.status === 'listed' && isListed(one.listing)))
    .map(({ registry }) => registry);

/** Keeps the leases of what ECS runs in one cluster. Never rejects. */
export const keepLeases = async (
  registry: Registry,
  { running, cluster }: ClusterState,
  context: SyncContext,
  signal: AbortSignal,
): Promise<void> => {
  const records = [...running.values()].flatMap((one) => recordsOf(registry, one.instances));
  if (records.length === 0 || signal.aborted) return;
  const what = `${registry.name}: leases cannot be kept now`;
  await withTimeout(KEEPING_MS, signal, (limited) =>
    renewRecords(registry, records, context, { path: 'reconcile', signal: limited }),
  ).catch(logged(context.telemetry, what, { path: 'reconcile', cluster }));
};

/** Leases remembered while warm. */
const LIMIT = 50_000;
/** When each lease was renewed last: by the record's key, in milliseconds since the epoch. */
const renewedAt = memoize((_: Registry) => new BoundedMap<string, number>(LIMIT));

/**
 * A slow server may not get through all in one run. Those that it left out begin the next: a lease
 * outlives six runs.
 */
const oldestFirst = (registry: Registry, records: readonly Registration[]) => {
  const renewed = renewedAt(registry);
  const at = new Map(records.map((record) => [record, renewed.get(registry.key(record)) ?? 0]));
  return records.toSorted((a, b) => (at.get(a) ?? 0) - (at.get(b) ?? 0));
};

const rememberRenewed = (registry: Registry, outcomes: readonly Outcome[], now: number) => {
  const renewed = renewedAt(registry);
  for (const { change, status } of outcomes)
    if (status === 'done') renewed.set(registry.key(refOf(change)), now);
};

const lookAtLost = async (
  registry: Registry,
  lost: readonly Registration[],
  { config, queue, telemetry, isNews }: SyncContext,
  { path, signal }: { readonly path: LogContext['path']; readonly signal: AbortSignal },
) => {
  // Under observe a look writes nothing, and would say so of every record each minute.
  if (lost.length === 0 || config.policy === 'observe') return;
  telemetry.note(`${lost.length} records have lost their lease: ECS is asked`, { path });
  const known = lost.filter(({ metadata }) => {
    const cluster = metadata[KEY.cluster] ?? '';
    const task = metadata[KEY.task] ?? '';
    const isKnown = isOurs(config, cluster) && isOfCluster(cluster, 'task', task);
    const what = `a record names no task of its cluster: ${JSON.stringify(task.slice(0, 300))}`;
    if (!isKnown && isNews(what)) telemetry.note(what, { path }, { registry: registry.name });
    return isKnown;
  });
  const byCluster = Map.groupBy(known, ({ metadata }) => metadata[KEY.cluster] ?? '');
  const messages = [...byCluster].flatMap(([cluster, members]) =>
    chunks(
      [...new Set(members.flatMap(({ metadata }) => metadata[KEY.task] ?? []))],
      TASKS_PER_LOOK,
    ).map((tasks) => ({
      cluster,
      tasks,
      registry: registry.name,
      look: 0,
      operations: [],
      delaySeconds: 0,
    })),
  );
  if (messages.length > 0) await queue.send(messages, signal);
};
