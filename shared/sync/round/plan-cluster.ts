import type { ClusterArn } from '../../model/arn.ts';
import type { Plan } from '../../model/plan.ts';
import { refOf } from '../../model/plan.ts';
import type { Ref, Registration, RegistryName } from '../../model/registration.ts';
import { byRight } from '../../plan/by-right.ts';
import { planChanges } from '../../plan/plan.ts';
import { type Limiter, mapBounded } from '../../platform/concurrency.ts';
import { errorText } from '../../platform/error-text.ts';
import { withTimeout } from '../../platform/timeout.ts';
import type { Registry } from '../../registries/registry.ts';
import { recordsOf } from '../apply/apply.ts';
import type { RegistryPlan } from '../apply/apply-plan.ts';
import type { SyncContext } from '../context.ts';
import type { RemovalLedger } from '../limits/removal-ledger.ts';
import { type ClusterState, observeCluster } from '../observe/cluster-state.ts';
import {
  type Cluster,
  type ListedRegistry,
  type RegistrySnapshot,
  recordedTasks,
} from '../observe/snapshot.ts';
import { type LossOf, readLosses } from './losses.ts';
import { withUnsureNames } from './lost-names.ts';
import { removalIn } from './removal.ts';

/** What one round has read for all clusters. */
export interface RoundInput {
  readonly snapshots: readonly RegistrySnapshot[];
  readonly ledger: RemovalLedger;
  /**
   * Clusters are read one after the other: side by side, each might get a share of ECS's calls that
   * is too small.
   */
  readonly reading: Limiter;
}

export interface ClusterPlan {
  readonly state: ClusterState;
  /** One for each registry that could be listed. */
  readonly plans: readonly RegistryPlan[];
  readonly failures: readonly { readonly registry: RegistryName; readonly reason: string }[];
}

/** The time was over before the cluster could be read. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/** Time for one cluster's single reads where lists lag; other clusters wait meanwhile. */
const VERIFY_MS = 10_000;

/**
 * Reads ECS, then plans at each registry; nothing is written. Throws if ECS cannot be read;
 * OutOfTime if it was not asked.
 */
export const planCluster = async (
  cluster: Cluster,
  { snapshots, ledger, reading }: RoundInput,
  context: SyncContext,
  signal: AbortSignal,
): Promise<ClusterPlan> => {
  const { telemetry } = context;
  const recorded = recordedTasks(snapshots, cluster.arn, context.now());
  const state = await reading(() => {
    if (signal.aborted) throw new OutOfTime(`no time was left to read ${cluster.arn}`);
    return observeCluster(cluster, recorded, context, signal);
  });
  const lossesAt = await readLosses(snapshots, state, context, signal);
  const failures: { registry: RegistryName; reason: string }[] = [];
  const plans = await Promise.all(
    snapshots.map(async (snapshot): Promise<RegistryPlan[]> => {
      const { name } = snapshot.registry;
      if (snapshot.status === 'unlisted') {
        failures.push({ registry: name, reason: snapshot.error });
        return [];
      }
      try {
        const judged = { state, ledger, lossOf: lossesAt(snapshot) };
        return [await planRegistry(snapshot, judged, context, signal)];
      } catch (error) {
        failures.push({ registry: name, reason: errorText(error) });
        telemetry.count('Failed', 1, name);
        const what = `${name} cannot be planned`;
        telemetry.fault(what, error, { path: 'reconcile', cluster: cluster.arn });
        return [];
      }
    }),
  );
  return { state, plans: plans.flat(), failures };
};

interface Judged {
  readonly state: ClusterState;
  readonly ledger: RemovalLedger;
  readonly lossOf: LossOf;
}

/**
 * Plans one cluster at one registry. Where lists lag, every difference is read singly before it
 * counts. Where the policy writes nothing, a flaw of what the records stand on makes the list
 * unknown; throws where it is another owner's.
 */
const planRegistry = async (
  snapshot: ListedRegistry,
  { state, ledger, lossOf }: Judged,
  context: SyncContext,
  signal: AbortSignal,
): Promise<RegistryPlan> => {
  const { registry, listing } = snapshot;
  const { config } = context;
  const { cluster } = state;
  const flaw = listing.flaw?.(cluster);
  if (flaw?.foreign) throw new Error(`${registry.name}: ${flaw.reason}: nothing is written there`);
  const isObserved = config.policy === 'observe';
  const unknown = listing.unknown ?? (isObserved ? flaw?.reason : undefined);
  const held = snapshot.ours.get(cluster) ?? [];
  const desired = withUnsureNames(desiredAt(registry, state, context), held, state);
  const planOf = (records: readonly Registration[]) =>
    planChanges({
      registry,
      cluster,
      config,
      desired,
      actual: {
        kind: 'listed',
        records,
        removed: ledger.removed(cluster, registry),
        removalOf: removalIn(state, registry),
        ...(unknown !== undefined && { unknown }),
      },
      byRight: (change) => byRight(change, lossOf(change), context.config.rules.names.shared),
    });
  const records = recordsFor(snapshot, cluster, desired);
  const plan = planOf(records);
  const differences = [...plan.changes, ...plan.withheld, ...plan.forbidden].map(refOf);
  const isSure = !registry.staleLists || differences.length === 0;
  const doubtful = { registry, cluster, differences, records, planOf };
  const read = (limited: AbortSignal) => verify(doubtful, context, limited);
  const sure = isSure ? plan : await withTimeout(VERIFY_MS, signal, read);
  return { registry, plan: sure, ...(flaw && !isObserved && { flaw }) };
};

/**
 * What is to be at a registry, with what was left out on the way logged: once a definition, while
 * warm.
 */
const desiredAt = (
  registry: Registry,
  { cluster, running }: ClusterState,
  { isNews, telemetry }: SyncContext,
): readonly Registration[] =>
  [...running.values()].flatMap(({ instances, task, definition }) =>
    recordsOf(registry, instances, (note) => {
      const context = { path: 'reconcile', cluster, task: task.arn } as const;
      if (isNews(`${definition.arn} ${note}`)) telemetry.note(note, context);
    }),
  );

/** The cluster's own records, and whatever stands where a desired one is to be. */
const recordsFor = (
  { registry, ours, byKey }: ListedRegistry,
  cluster: ClusterArn,
  desired: readonly Registration[],
): readonly Registration[] => [
  ...new Set([
    ...(ours.get(cluster) ?? []),
    ...desired.flatMap((record) => byKey.get(registry.key(record)) ?? []),
  ]),
];

interface Doubtful {
  readonly registry: Registry;
  readonly cluster: ClusterArn;
  readonly differences: readonly Ref[];
  readonly records: readonly Registration[];
  readonly planOf: (records: readonly Registration[]) => Plan;
}

/** The plan as far as single reads confirm it; the rest is the next round's. */
const verify = async (
  { registry, cluster, differences, records, planOf }: Doubtful,
  { telemetry }: SyncContext,
  signal: AbortSignal,
): Promise<Plan> => {
  const { read, fresh, fault } = await readSingly(differences, registry, signal);
  const rest = records.filter((record) => !read.has(registry.key(record)));
  const plan = planOf([...rest, ...fresh]);
  const changes = plan.changes.filter((change) => read.has(registry.key(refOf(change))));
  const left = plan.changes.length - changes.length;
  const context = { path: 'reconcile', cluster } as const;
  if (fault !== undefined) {
    telemetry.count('Failed', 1, registry.name);
    telemetry.fault(`${registry.name}: records cannot be read now`, fault, context);
  } else if (left > 0) {
    const what = `${registry.name} is slow: ${left} differences are left to the next round`;
    telemetry.note(what, context);
  }
  return { ...plan, changes };
};

/**
 * A server that takes almost three seconds for each read still gives 24 records in `VERIFY_MS`.
 */
const READS_AT_ONCE = 8;
/**
 * Reads that may fail: what fails for one record keeps no other back, and a server that fails is
 * left alone.
 */
const MOST_FAULTS = 10;

/**
 * The named records as they are now, as far as time allows: as many as were lost with a server may
 * be too many. What was read counts, so that there is less to read in the next round. Throws where
 * nothing could be read.
 */
const readSingly = async (refs: readonly Ref[], registry: Registry, signal: AbortSignal) => {
  const read = new Set<string>();
  const fresh: Registration[] = [];
  const faults: unknown[] = [];
  await mapBounded(refs, READS_AT_ONCE, async (ref) => {
    if (signal.aborted || faults.length >= MOST_FAULTS) return;
    try {
      fresh.push(...(await registry.get([ref], signal)));
      read.add(registry.key(ref));
    } catch (error) {
      faults.push(error);
    }
  });
  if (read.size === 0) throw faults[0] ?? signal.reason;
  return { read, fresh, fault: signal.aborted ? undefined : faults[0] };
};
