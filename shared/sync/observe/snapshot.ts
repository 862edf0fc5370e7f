import type { ClusterArn } from '../../model/arn.ts';
import { KEY, type Registration } from '../../model/registration.ts';
import { errorText } from '../../platform/error-text.ts';
import { withTimeout } from '../../platform/timeout.ts';
import type { Listing, Registry } from '../../registries/registry.ts';
import type { SyncContext } from '../context.ts';
import { isOurs } from '../scope.ts';
import { recordedStart } from './task-state.ts';

/**
 * A registry as one round has listed it, grouped once, so that each cluster looks only at its own
 * records.
 */
export type RegistrySnapshot = ListedRegistry | UnlistedRegistry;

export interface ListedRegistry {
  readonly status: 'listed';
  readonly registry: Registry;
  readonly listing: Listing;
  /** This owner's records, by the ARN of the cluster that they name. */
  readonly ours: ReadonlyMap<string, readonly Registration[]>;
  /** Everybody's records, by key. */
  readonly byKey: ReadonlyMap<string, readonly Registration[]>;
}

export interface UnlistedRegistry {
  readonly status: 'unlisted';
  readonly registry: Registry;
  readonly error: string;
}

/**
 * A registry that takes longer to list is left out of this round: the others must not wait for it
 * indefinitely. A cold Cloud Map lists each service: 700 at 50 calls a second are 14 s, and what
 * was listed is kept for the next round. After 20 s of listing, 31 s of the round's work remain:
 * clusters are begun for 24 s, and the last one has 7 s to finish.
 */
const LIST_MS = 20_000;

/**
 * Lists every registry, before ECS is read, so that the record of a task that starts in between is
 * not taken for stale.
 */
export const listRegistries = (
  { registries, config, telemetry }: SyncContext,
  signal: AbortSignal,
): Promise<readonly RegistrySnapshot[]> =>
  Promise.all(
    registries.map(async (registry): Promise<RegistrySnapshot> => {
      try {
        const listing = await withTimeout(LIST_MS, signal, (limited) => registry.list(limited));
        return toSnapshot(registry, listing, config.owner);
      } catch (error) {
        telemetry.count('Failed', 1, registry.name);
        telemetry.fault(`${registry.name} cannot be listed`, error, { path: 'reconcile' });
        return { status: 'unlisted', registry, error: errorText(error) };
      }
    }),
  );

const toSnapshot = (registry: Registry, listing: Listing, owner: string): ListedRegistry => {
  const { records } = listing;
  const ours = records.filter(({ metadata }) => metadata[KEY.owner] === owner);
  return {
    status: 'listed',
    registry,
    listing,
    ours: Map.groupBy(ours, ({ metadata }) => metadata[KEY.cluster] ?? ''),
    byKey: Map.groupBy(records, (record) => registry.key(record)),
  };
};

export interface Cluster {
  readonly arn: ClusterArn;
  /** Our records speak of it, and ECS does not, or not any more. */
  readonly isGone: boolean;
}

/** The clusters in scope that ECS lists, and those that only our records speak of. */
export const clustersInScope = async (
  snapshots: readonly RegistrySnapshot[],
  { source, config }: SyncContext,
  signal: AbortSignal,
): Promise<readonly Cluster[]> => {
  const listed = (await source.listClusters(signal)).filter((arn) => isOurs(config, arn));
  const recorded = listedAmong(snapshots).flatMap(({ ours }) => [...ours.keys()]);
  // Two installations may have been given one owner: ECS calls the other region's clusters missing.
  const known = new Set(listed);
  const ours = [...new Set(recorded)].filter((arn) => isOurs(config, arn));
  const others = ours.filter((arn) => !known.has(arn));
  const gone = others.length > 0 ? await source.goneClusters(others, signal) : new Set<never>();
  const living = [...listed, ...others.filter((arn) => !gone.has(arn))].sort();
  return [
    ...living.map((arn) => ({ arn, isGone: false })),
    ...[...gone].sort().map((arn) => ({ arn, isGone: true })),
  ];
};

/** Those that could be listed. */
export const listedAmong = (snapshots: readonly RegistrySnapshot[]): readonly ListedRegistry[] =>
  snapshots.filter((one) => one.status === 'listed');

/**
 * The tasks of which our records in one cluster speak, with the start that they say, in
 * milliseconds since the epoch: the latest, where they differ. Those that name no task are under
 * the empty text.
 */
export const recordedTasks = (
  snapshots: readonly RegistrySnapshot[],
  cluster: ClusterArn,
  now: number,
): ReadonlyMap<string, number> => {
  const starts = new Map<string, number>();
  for (const { ours } of listedAmong(snapshots)) {
    for (const { metadata } of ours.get(cluster) ?? []) {
      const { [KEY.task]: task = '' } = metadata;
      const start = recordedStart(metadata[KEY.started], now);
      starts.set(task, Math.max(start, starts.get(task) ?? start));
    }
  }
  return starts;
};
