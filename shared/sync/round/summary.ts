import { type ClusterArn, isTaskArn } from '../../model/arn.ts';
import { isFailure, LIMITS, type Plan, SKIPS } from '../../model/plan.ts';
import type { RegistryName } from '../../model/registration.ts';
import type { RegistrySummary, SharedName, SkippedTasks, Summary } from '../../model/summary.ts';
import { type AppliedPlan, outcomesOf } from '../apply/apply-plan.ts';
import type { AllowedPlans } from '../limits/delete-limit.ts';
import type { ClusterState } from '../observe/cluster-state.ts';
import { derivationOf } from '../observe/observe.ts';
import type { RegistrySnapshot } from '../observe/snapshot.ts';
import type { ClusterPlan } from './plan-cluster.ts';

/** What one cluster's turn in a round came to. */
export type ClusterResult =
  /** There was no time for it, or what there was did not suffice to read it. */
  | { readonly cluster: ClusterArn; readonly status: 'left'; readonly isCutOff?: true }
  | { readonly cluster: ClusterArn; readonly status: 'failed'; readonly error: string }
  | PlannedCluster;

export interface PlannedCluster
  extends Pick<ClusterPlan, 'state' | 'failures'>,
    Pick<AllowedPlans, 'planIds' | 'approved'> {
  readonly cluster: ClusterArn;
  readonly status: 'planned';
  readonly applied: readonly AppliedPlan[];
}

/** Times in milliseconds since the epoch. */
interface RoundFacts {
  readonly shared: readonly SharedName[];
  readonly policy: string;
  readonly began: number;
  readonly ended: number;
}

/** What the round leaves for people to read. */
export const toSummary = (
  results: readonly ClusterResult[],
  snapshots: readonly RegistrySnapshot[],
  { shared, policy, began, ended }: RoundFacts,
): Summary => {
  const clusters = results.filter((result) => result.status === 'planned');
  const registries: Partial<Record<RegistryName, RegistrySummary>> = {};
  for (const one of snapshots) registries[one.registry.name] = registrySummary(one, clusters);
  return {
    at: new Date(began).toISOString(),
    milliseconds: ended - began,
    policy,
    clusters: results.length,
    tasks: sum(clusters, ({ state }) => derivedIn(state)),
    registries,
    withheld: clusters.flatMap(withheldIn),
    ...(shared.length > 0 && { shared }),
    unfinished: unfinishedIn(results),
    skips: clusters.flatMap(({ state }) => skipsIn(state)),
    failures: results.flatMap(failuresOf),
  };
};

/** Each reason once: a sidecar's, repeated for each task, would leave no room for others. */
const skipsIn = ({ skips, tasks }: ClusterState): Summary['skips'] => {
  const reasons = new Map<string, SkippedTasks>();
  for (const { task, code, detail, name } of skips) {
    // A managed daemon's tasks are nothing that somebody can change.
    if (SKIPS[code]?.isExpected) continue;
    const observed = isTaskArn(task) ? tasks.get(task) : undefined;
    const service = groupName(derivationOf(observed)?.task.group);
    const key = JSON.stringify([service, code, detail]);
    const many = reasons.has(key) ? (reasons.get(key)?.tasks ?? 1) + 1 : 1;
    // The newest come last, since the oldest are dropped where there is no room.
    reasons.delete(key);
    reasons.set(key, {
      task,
      code,
      detail,
      ...(name !== undefined && { name }),
      ...(service !== '' && { service }),
      ...(many > 1 && { tasks: many }),
    });
  }
  return [...reasons.values()];
};

/** The name in `service:NAME` and `family:FAMILY`. */
const groupName = (group = '') => group.slice(group.indexOf(':') + 1);

/** Tasks that ECS calls running: those on a host that is down, too. */
const derivedIn = ({ tasks }: ClusterState) =>
  [...tasks.values()].filter(({ status }) => status === 'derived').length;

const withheldIn = ({ cluster, planIds, applied }: PlannedCluster): Summary['withheld'] =>
  LIMITS.flatMap((why) => {
    const isOne = ({ limit }: Plan['withheld'][number]) => limit === why;
    const removals = sum(applied, ({ plan }) => plan.withheld.filter(isOne).length);
    const plan = planIds[why];
    return plan === undefined || removals === 0 ? [] : [{ cluster, plan, removals, why }];
  });

const failuresOf = (result: ClusterResult): readonly string[] => {
  if (result.status === 'left') return [];
  if (result.status === 'failed') return [`${result.cluster}: ${result.error}`];
  const { failures, applied } = result;
  return [
    ...failures.map(({ registry, reason }) => named(registry, reason)),
    ...applied.flatMap((one) => (one.status === 'applied' && one.unrepaired) || []),
    ...applied.flatMap((one) =>
      outcomesOf(one)
        .filter(isFailure)
        .map(({ reason }) => reason),
    ),
  ];
};

/** A registry's own words begin with its name mostly. */
const named = (registry: RegistryName, reason: string) =>
  reason.startsWith(`${registry}: `) ? reason : `${registry}: ${reason}`;

const registrySummary = (
  snapshot: RegistrySnapshot,
  clusters: readonly PlannedCluster[],
): RegistrySummary => {
  const here = clusters.flatMap(({ applied }) =>
    applied.filter(({ registry }) => registry === snapshot.registry),
  );
  const outcomes = here.flatMap(outcomesOf);
  const done = outcomes.filter(({ status }) => status === 'done');
  const listing = snapshot.status === 'listed' ? snapshot.listing : undefined;
  const fault = snapshot.status === 'unlisted' ? snapshot.error : listing?.unknown;
  const unknown = fault ?? here.find(({ plan }) => plan.unknown)?.plan.unknown;
  return {
    records: listing?.records.length ?? 0,
    drift: sum(here, ({ plan }) => driftOf(plan)),
    written: done.filter(({ change }) => change.kind !== 'remove').length,
    removed: done.filter(({ change }) => change.kind === 'remove').length,
    failed: outcomes.filter(isFailure).length,
    withheld: sum(here, ({ plan }) => plan.withheld.length),
    waiting: sum(here, ({ plan }) => plan.waiting.length),
    ...(unknown !== undefined && { unknown }),
  };
};

/** Differences between what is and what is to be, whether or not they are made. */
export const driftOf = ({ changes, withheld, forbidden }: Plan): number =>
  changes.length + withheld.length + forbidden.length;

/**
 * In the order in which they come next time: those first that had no turn. One that takes all the
 * time there is would otherwise be read before them again, and they never.
 */
export const unfinishedIn = (results: readonly ClusterResult[]): readonly string[] => {
  const unfinished = results.filter(isUnfinished);
  const hadTurn = (one: ClusterResult) => one.status !== 'left' || one.isCutOff === true;
  return [...unfinished.filter((one) => !hadTurn(one)), ...unfinished.filter(hadTurn)].map(
    ({ cluster }) => cluster,
  );
};

const isUnfinished = (result: ClusterResult) => result.status === 'failed' || isLeft(result);

/**
 * Whether a round left a cluster, or some of its changes, to the next one: for want of time, or of
 * calls that it may make to ECS. What failed is not left.
 */
export const isLeft = (result: ClusterResult): boolean =>
  result.status === 'left' ||
  (result.status === 'planned' &&
    result.applied.some((one) => one.status === 'left' && one.plan.changes.length > 0));

const sum = <T>(items: readonly T[], of: (item: T) => number) =>
  items.reduce((total, item) => total + of(item), 0);
