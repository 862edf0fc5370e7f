import { LIMITS, type Plan } from '../model/plan.ts';
import type { RegistryName } from '../model/registration.ts';
import type { Summary } from '../model/summary.ts';
import { refOf } from '../plan/plan.ts';
import { isForbiddenAlways, refusal } from '../plan/policy.ts';
import { whyWithheld } from '../plan/table.ts';
import { type Limiter, limiter, mapBounded } from '../platform/concurrency.ts';
import { describe } from '../platform/telemetry.ts';
import { withTimeout } from '../platform/timeout.ts';
import type { Registry } from '../registries/registry.ts';
import { allow, keepReleased } from './allow.ts';
import { type Board, fitSummary } from './board.ts';
import type { SyncDeps } from './deps.ts';
import { keepLeases, leasesToKeep } from './leases.ts';
import { openLedger } from './ledger.ts';
import { mend } from './mend.ts';
import { carryOut, type Signals } from './reconcile-registry.ts';
import { type ClusterRound, clustersInScope, planRound, type Seen, viewRegistries } from './round.ts';
import { type Applied, type Releases, type Result, summarise } from './summary.ts';

export interface ReconcileDeps extends SyncDeps {
  readonly board: Board;
}

/** Clusters worked on at once: their ECS calls share one account's rate limits. */
const CLUSTERS_AT_ONCE = 3;
/** A cluster is begun, here and at each registry, only with so much time left; the rest comes first in the next round. */
const ENOUGH_MS = 10_000;
/** Kept back from the work, so that the summary of a round that ran out of time is stored all the same. */
const CLOSING_MS = 3_000;

/**
 * The reconcile path. Read every registry, then ECS; plan each cluster at each registry; carry the plans out,
 * additions first, withholding what exceeds the delete limit unless an operator has released it; leave a summary.
 * `deadline` is in milliseconds since the epoch.
 */
export const reconcile = async (
  deps: ReconcileDeps,
  deadline: number,
  signal: AbortSignal,
): Promise<Summary> => {
  const began = deps.now();
  const working = withTimeout(Math.max(0, deadline - began - CLOSING_MS), signal);
  const [last, ledger, views] = await Promise.all([
    readLast(deps, working),
    openLedger(deps, working),
    viewRegistries(deps, working),
  ]);
  const clusters = await clustersInScope(views, deps, working);
  const queue = inOrder(clusters, last?.unfinished ?? []);
  const isTime = () => !working.aborted && deadline - deps.now() >= ENOUGH_MS;
  const lanes = new Map(deps.registries.map(({ name }) => [name, limiter(CLUSTERS_AT_ONCE)]));
  const begun = await mapBounded(queue, CLUSTERS_AT_ONCE, async (cluster): Promise<Begun> => {
    if (!isTime()) return { cluster: cluster.arn, applying: [], keeping: [] };
    try {
      const pace = { lanes, isTime, signals: { working, closing: signal } };
      return { cluster: cluster.arn, ...(await beginCluster(cluster, { views, ledger }, deps, pace)) };
    } catch (error) {
      deps.telemetry.count('Failed', 1);
      deps.telemetry.fault(`${cluster.arn} cannot be reconciled`, error, {
        path: 'reconcile',
        cluster: cluster.arn,
      });
      return { cluster: cluster.arn, error: describe(error), applying: [], keeping: [] };
    }
  });
  const results = await Promise.all(
    begun.map(async ({ applying, keeping, ...result }) => {
      await Promise.all(keeping);
      return { ...result, applied: await Promise.all(applying) };
    }),
  );
  for (const result of results) await keepReleased(result, ledger, deps, signal);
  const summary = fitSummary(
    summarise(results, views, { policy: deps.config.policy, began, ended: deps.now() }),
  );
  countSharedNames(results, deps);
  await deps.board.post(summary, signal).catch((error: unknown) => {
    deps.telemetry.fault('the summary cannot be stored', error, { path: 'reconcile' });
  });
  return summary;
};

const readLast = async ({ board, telemetry }: ReconcileDeps, signal: AbortSignal) => {
  try {
    return await board.summary(signal);
  } catch (error) {
    telemetry.fault('the last summary cannot be read', error, { path: 'reconcile' });
    return undefined;
  }
};

const inOrder = (
  { living, gone }: { living: readonly string[]; gone: readonly string[] },
  first: readonly string[],
) => {
  const all = [...living.map((arn) => ({ arn, gone: false })), ...gone.map((arn) => ({ arn, gone: true }))];
  const isFirst = ({ arn }: { arn: string }) => first.includes(arn);
  return [...all.filter(isFirst), ...all.filter((cluster) => !isFirst(cluster))];
};

/** A cluster whose plans are made, and on their way. */
interface Begun extends Omit<Result, 'applied'> {
  readonly applying: readonly Promise<Applied>[];
  /** Heartbeats, where `renew` may have no list to go by. None rejects. */
  readonly keeping: readonly Promise<void>[];
}

interface Pace {
  /** One a registry, so that one that is slow holds up none but itself. */
  readonly lanes: ReadonlyMap<RegistryName, Limiter>;
  readonly isTime: () => boolean;
  readonly signals: Signals;
}

const beginCluster = async (
  cluster: { readonly arn: string; readonly gone: boolean },
  seen: Seen,
  deps: ReconcileDeps,
  { lanes, isTime, signals }: Pace,
): Promise<Omit<Begun, 'cluster'>> => {
  const round = await planRound(cluster, seen, deps, signals.working);
  const inLane = <T>({ name }: Registry, work: () => Promise<T>) => (lanes.get(name) ?? limiter(1))(work);
  const keeping = leasesToKeep(seen.views).map((registry) =>
    inLane(registry, () => keepLeases(registry, round.truth, deps, signals.working)),
  );
  tellReasons(round, deps);
  const allowed = await allow(round.plans, seen.ledger, deps, signals.working);
  const applying = allowed.carried.map(({ registry, plan, flaw }) => {
    report(plan, allowed.releases, deps);
    const work = async (): Promise<Applied> => {
      if (!isTime()) return { registry, plan };
      const unmended = flaw && (await mend(registry, { cluster: cluster.arn, flaw }, deps, signals.working));
      const outcomes = await carryOut(registry, plan, round.truth, deps, signals);
      return { registry, plan, outcomes, ...(unmended !== undefined && { unmended }) };
    };
    return inLane(registry, work);
  });
  // Awaited only once every cluster is begun: until then a rejection has nobody to hear it.
  for (const one of applying) one.catch(() => {});
  return { round, applying, keeping, releases: allowed.releases, freed: allowed.freed };
};

/** Why something is left out or was changed on the way: each once while warm. */
const tellReasons = ({ truth }: ClusterRound, { memory, telemetry }: ReconcileDeps) => {
  const context = { path: 'reconcile', cluster: truth.cluster } as const;
  for (const skip of truth.skips) {
    if (memory.isNews(`${skip.task} ${skip.container ?? ''} ${skip.port ?? ''} ${skip.detail}`))
      telemetry.skip(skip, context);
  }
  for (const { task, notes } of truth.running.values()) {
    for (const note of notes) {
      if (memory.isNews(`${task.arn} ${note}`)) telemetry.note(note, { ...context, task: task.arn });
    }
  }
};

const WITHHELD = { missing: 'removals', renamed: 'renamings' } as const;

const report = (plan: Plan, releases: Releases, { telemetry, memory, config }: ReconcileDeps) => {
  const { registry, cluster } = plan;
  const context = { path: 'reconcile', cluster } as const;
  telemetry.count('Drift', plan.changes.length + plan.withheld.length + plan.forbidden.length, registry);
  telemetry.count('Withheld', plan.withheld.length, registry);
  // An empty Consul shows no node of ours either. The first write makes one, so it counts only where writes are made.
  const isUsed = plan.changes.length + plan.unchanged > 0;
  if (plan.unknown !== undefined && isUsed) telemetry.count('Unknown', 1, registry);
  for (const change of plan.forbidden) {
    const said = refusal(config.policy, change);
    const isStanding = isForbiddenAlways(change);
    if (isStanding && !memory.isNews(`${registry} ${refOf(change).id} ${said}`)) continue;
    telemetry.note(said, context, { registry, change });
  }
  for (const limit of LIMITS) {
    const changes = plan.withheld.filter((change) => change.limit === limit);
    if (changes.length === 0) continue;
    const what = `${changes.length} ${WITHHELD[limit]} (${whyWithheld(plan)})`;
    const id = releases[limit];
    telemetry.note(`withheld ${what}: release plan ${id} if they are right`, context, {
      registry,
      plan: id,
      changes,
    });
  }
};

/** Two ECS services under one name are allowed, and usually a mistake: a metric shows it. */
const countSharedNames = (results: readonly Result[], { telemetry }: ReconcileDeps) => {
  const groups = new Map<string, Set<string>>();
  for (const { round } of results) {
    for (const { task, instances } of round?.truth.running.values() ?? []) {
      for (const { service } of instances) {
        groups.set(service, (groups.get(service) ?? new Set()).add(`${task.clusterArn} ${task.group}`));
      }
    }
  }
  const shared = [...groups.values()].filter((members) => members.size > 1).length;
  if (shared > 0) telemetry.count('SharedNames', shared);
};
