import type { Summary } from '../model/summary.ts';
import { type Limiter, limiter } from '../platform/concurrency.ts';
import { errorText } from '../platform/error-text.ts';
import { memoize } from '../platform/memoize.ts';
import { logged } from '../platform/telemetry.ts';
import type { Registry } from '../registries/registry.ts';
import { ReadShareSpent } from '../source/read-share.ts';
import { applyPlan, type Deadlines, notBegun } from './apply/apply-plan.ts';
import type { ReconcileContext } from './context.ts';
import { keepLeases, leasesToKeep } from './leases/leases.ts';
import { applyLimits, keepApproved } from './limits/delete-limit.ts';
import { fitSummary, readLastSummary } from './limits/operator-store.ts';
import { openLedger } from './limits/removal-ledger.ts';
import { withPrefetchedHosts } from './observe/prefetch-hosts.ts';
import { type Cluster, clustersInScope, listRegistries } from './observe/snapshot.ts';
import { holdersIn } from './round/holders.ts';
import { OutOfTime, planCluster, type RoundInput } from './round/plan-cluster.ts';
import { logPlan, logReasons, logSharedNames } from './round/report.ts';
import { sharedNames } from './round/shared-names.ts';
import {
  type ClusterResult,
  isLeft,
  type PlannedCluster,
  toSummary,
  unfinishedIn,
} from './round/summary.ts';

/** Clusters worked on at once: their ECS calls share one account's rate limits. */
const CLUSTERS_AT_ONCE = 3;
/**
 * A cluster is begun, here and at each registry, only with so much time left; the rest comes first
 * in the next round.
 */
const ENOUGH_MS = 10_000;
/**
 * Kept back from the work, so that the summary of a round that ran out of time is stored all the
 * same.
 */
const CLOSING_MS = 3_000;

/**
 * One round over every cluster, through the controller's stages: list the registries, then observe,
 * plan, apply and confirm each cluster; what exceeds the delete limit is withheld unless an
 * operator has released it. Leaves a summary. `deadline` is in milliseconds since the epoch.
 */
export const reconcile = async (
  given: ReconcileContext,
  deadline: number,
  signal: AbortSignal,
): Promise<Summary> => {
  const began = given.now();
  const left = Math.max(0, deadline - began - CLOSING_MS);
  const working = AbortSignal.any([signal, AbortSignal.timeout(left)]);
  const [last, ledger, snapshots] = await Promise.all([
    readLastSummary(given, 'reconcile', working),
    openLedger(given, working),
    listRegistries(given, working),
  ]);
  // After the lists, as ECS is: a host that dies in between has its records there, or is known to
  // be down.
  const source = withPrefetchedHosts(given, working);
  const context = { ...given, source, holders: holdersIn(snapshots, given.config) };
  const clusters = await clustersInScope(snapshots, context, working);
  const input = { snapshots, ledger, reading: limiter(1) };
  const budget: Budget = {
    planning: limiter(CLUSTERS_AT_ONCE),
    limiterOf: memoize((_: Registry) => limiter(CLUSTERS_AT_ONCE)),
    hasTime: () => !working.aborted && deadline - context.now() >= ENOUGH_MS,
    deadlines: { working, closing: signal },
  };
  const ordered = inOrder(clusters, context.lastRound.unfinished ?? last?.unfinished ?? []);
  const results = await Promise.all(
    ordered.map((cluster) => reconcileCluster(cluster, input, context, budget)),
  );
  context.lastRound.unfinished = unfinishedIn(results);
  for (const result of results)
    if (result.status === 'planned') await keepApproved(result, ledger, context, signal);
  const shared = sharedNames(statesIn(results), snapshots, context);
  logSharedNames(shared, context);
  countLeft(results, context);
  const { policy } = context.config;
  const summary = fitSummary(
    toSummary(results, snapshots, { shared, policy, began, ended: context.now() }),
  );
  const unsaved = logged(context.telemetry, 'the summary cannot be stored', { path: 'reconcile' });
  await context.store.saveSummary(summary, signal).catch(unsaved);
  return summary;
};

const statesIn = (results: readonly ClusterResult[]) =>
  results.flatMap((result) => (result.status === 'planned' ? result.state : []));

/** Nothing failed, so nothing else shows a fleet that is larger than rounds can read. */
const countLeft = (results: readonly ClusterResult[], { telemetry }: ReconcileContext) => {
  const left = results.filter(isLeft).length;
  if (left > 0) telemetry.count('Unfinished', left);
};

/** Those first that the last round did not finish, in its order. */
const inOrder = (clusters: readonly Cluster[], unfinished: readonly string[]) => {
  const byArn = new Map<string, Cluster>(clusters.map((cluster) => [cluster.arn, cluster]));
  const first = new Set(unfinished.flatMap((arn) => byArn.get(arn) ?? []));
  return [...first, ...clusters.filter((cluster) => !first.has(cluster))];
};

interface Budget {
  /** Clusters that are read and planned at once. */
  readonly planning: Limiter;
  /** One a registry, so that one that is slow holds up none but itself. */
  readonly limiterOf: (registry: Registry) => Limiter;
  /** Whether there is time to begin anything. */
  readonly hasTime: () => boolean;
  readonly deadlines: Deadlines;
}

/** Never rejects: a cluster that cannot be reconciled stops no other. */
const reconcileCluster = async (
  cluster: Cluster,
  input: RoundInput,
  context: ReconcileContext,
  budget: Budget,
): Promise<ClusterResult> => {
  const { arn } = cluster;
  try {
    return await planAndApply(cluster, input, context, budget);
  } catch (error) {
    if (error instanceof OutOfTime) return { cluster: arn, status: 'left' };
    if (error instanceof ReadShareSpent) return { cluster: arn, status: 'left', isCutOff: true };
    context.telemetry.count('Failed', 1);
    const what = `${arn} cannot be reconciled`;
    context.telemetry.fault(what, error, { path: 'reconcile', cluster: arn });
    return { cluster: arn, status: 'failed', error: errorText(error) };
  }
};

const planAndApply = async (
  cluster: Cluster,
  input: RoundInput,
  context: ReconcileContext,
  { planning, limiterOf, hasTime, deadlines }: Budget,
): Promise<PlannedCluster> => {
  const { working } = deadlines;
  const { state, plans, failures } = await planning(async () => {
    if (!hasTime()) throw new OutOfTime(`no time was left to begin ${cluster.arn}`);
    return planCluster(cluster, input, context, working);
  });
  const renewing = leasesToKeep(input.snapshots).map((registry) =>
    limiterOf(registry)(() => keepLeases(registry, state, context, working)),
  );
  logReasons(state, context);
  const { planIds, approved, ...allowed } = await applyLimits(
    plans,
    input.ledger,
    context,
    working,
  );
  const applied = await Promise.all(
    allowed.plans.map((one) => {
      logPlan(one.plan, planIds, context);
      return limiterOf(one.registry)(async () =>
        hasTime() ? applyPlan(one, state, context, deadlines) : notBegun(one),
      );
    }),
  );
  await Promise.all(renewing);
  return { cluster: cluster.arn, status: 'planned', state, failures, applied, planIds, approved };
};
