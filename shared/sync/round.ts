import { KEY, type RegistryName } from '../model/registration.ts';
import { describe } from '../platform/telemetry.ts';
import { withTimeout } from '../platform/timeout.ts';
import type { Flaw, Listing, Registry } from '../registries/registry.ts';
import type { SyncDeps } from './deps.ts';
import type { Carried, Ledger } from './ledger.ts';
import { forCluster } from './mend.ts';
import { planRegistry } from './plan-registry.ts';
import { isOurs } from './scope.ts';
import { goneCluster, readTruth, type Truth } from './truth.ts';

/** A registry as one round sees it: listed, or not to be read. */
export interface View {
  readonly registry: Registry;
  readonly listing?: Listing;
  readonly error?: string;
}

/**
 * A registry that takes longer to list is left out of this round: the others must not wait for it for ever. A cold
 * Cloud Map lists each service: 700 at 50 calls a second are 14 s, and what was listed is kept for the next round.
 * Of a round's 51 s of work 31 are left: 21 in which clusters are begun, and 10 for the last of them.
 */
const LIST_MS = 20_000;
/** Where lists lag, for the single looks at one cluster's differences: they stand in the way of other clusters. */
const LOOK_MS = 10_000;

/** Registries first: a task that starts between the two reads is then never taken for stale. */
export const viewRegistries = (deps: SyncDeps, signal: AbortSignal): Promise<readonly View[]> =>
  Promise.all(
    deps.registries.map(async (registry): Promise<View> => {
      try {
        const listing = await registry.list({ owner: deps.config.owner }, withTimeout(LIST_MS, signal));
        return { registry, listing };
      } catch (error) {
        deps.telemetry.count('Failed', 1, registry.name);
        deps.telemetry.fault(`${registry.name} cannot be listed`, error, { path: 'reconcile' });
        return { registry, error: describe(error) };
      }
    }),
  );

export interface Clusters {
  readonly living: readonly string[];
  /** Our records speak of them, ECS does not (any more). */
  readonly gone: readonly string[];
}

export const clustersInScope = async (
  views: readonly View[],
  deps: SyncDeps,
  signal: AbortSignal,
): Promise<Clusters> => {
  const { source, config } = deps;
  const listed = (await source.listClusters(signal)).filter((arn) => isOurs(config, arn));
  // Two installations may have been given one owner: ECS calls the other region's clusters missing.
  const others = [...recordedClusters(views, config.owner)].filter(
    (arn) => !listed.includes(arn) && isOurs(config, arn),
  );
  const gone = others.length > 0 ? await source.goneClusters(others, signal) : new Set<string>();
  return { living: [...listed, ...others.filter((arn) => !gone.has(arn))].sort(), gone: [...gone].sort() };
};

const recordedClusters = (views: readonly View[], owner: string) =>
  new Set(
    views
      .flatMap(({ listing }) => listing?.records ?? [])
      .filter((record) => record.metadata[KEY.owner] === owner)
      .flatMap((record) => record.metadata[KEY.cluster] ?? []),
  );

/** What one round has read for all clusters. */
export interface Seen {
  readonly views: readonly View[];
  readonly ledger: Ledger;
}

export interface Planned extends Carried {
  /** To be mended before the plan is carried out. */
  readonly flaw?: Flaw;
}

export interface ClusterRound {
  readonly truth: Truth;
  /** One per registry that could be listed. */
  readonly plans: readonly Planned[];
  readonly failures: readonly { readonly registry: RegistryName; readonly reason: string }[];
}

/** ECS second, then the plan of each registry; nothing is written. Throws if ECS cannot be read. */
export const planRound = async (
  cluster: { readonly arn: string; readonly gone: boolean },
  { views, ledger }: Seen,
  deps: SyncDeps,
  signal: AbortSignal,
): Promise<ClusterRound> => {
  const recorded = recordedTasks(views, cluster.arn, deps.config.owner);
  const truth = cluster.gone
    ? goneCluster(cluster.arn, recorded)
    : await readTruth(cluster.arn, recorded, deps, signal);
  const failures: { registry: RegistryName; reason: string }[] = [];
  const plans = await Promise.all(
    views.map(async ({ registry, listing, error }) => {
      if (!listing) {
        failures.push({ registry: registry.name, reason: error ?? 'not listed' });
        return [];
      }
      try {
        const { listing: known, flaw } = forCluster(registry, listing, cluster.arn, deps.config.policy);
        const judged = { truth, removed: ledger.removed(cluster.arn, registry) };
        const plan = await planRegistry(registry, known, judged, deps, withTimeout(LOOK_MS, signal));
        return [{ registry, plan, ...(flaw && { flaw }) }];
      } catch (cause) {
        failures.push({ registry: registry.name, reason: describe(cause) });
        deps.telemetry.count('Failed', 1, registry.name);
        deps.telemetry.fault(`${registry.name} cannot be planned`, cause, {
          path: 'reconcile',
          cluster: cluster.arn,
        });
        return [];
      }
    }),
  );
  return { truth, plans: plans.flat(), failures };
};

const recordedTasks = (views: readonly View[], cluster: string, owner: string) =>
  new Set(
    views
      .flatMap(({ listing }) => listing?.records ?? [])
      .filter(({ metadata }) => metadata[KEY.owner] === owner && metadata[KEY.cluster] === cluster)
      // One that names no task is of none that runs.
      .map(({ metadata }) => metadata[KEY.task] ?? ''),
  );
