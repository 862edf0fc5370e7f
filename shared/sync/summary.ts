import { LIMITS, type Limit, type Outcome, type Plan } from '../model/plan.ts';
import type { RegistryName } from '../model/registration.ts';
import type { RegistrySummary, Summary } from '../model/summary.ts';
import { isFailure } from '../platform/telemetry.ts';
import type { Registry } from '../registries/registry.ts';
import type { ClusterRound, View } from './round.ts';

/** What one plan came to. */
export interface Applied {
  readonly registry: Registry;
  readonly plan: Plan;
  /** Absent: its turn did not come, since the registry was busy with other clusters until the time was over. */
  readonly outcomes?: readonly Outcome[];
  /** Why what the records stand on could not be put right, if so. */
  readonly unmended?: string;
}

/** The ids of what one cluster's plans withhold, by what it counts towards. */
export type Releases = Partial<Readonly<Record<Limit, string>>>;

/** What an operator has released of one cluster's plans. */
export interface Freed {
  readonly limit: Limit;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** What one cluster's turn in a round came to; without a round there was no time for it, or ECS failed. */
export interface Result {
  readonly cluster: string;
  readonly round?: ClusterRound;
  readonly applied?: readonly Applied[];
  /** What is withheld, by the plan's id. */
  readonly releases?: Releases;
  /** What an operator's release lets go. */
  readonly freed?: readonly Freed[];
  readonly error?: string;
}

/** What the round leaves for people to read. Times in milliseconds since the epoch. */
export const summarise = (
  results: readonly Result[],
  views: readonly View[],
  { policy, began, ended }: { policy: string; began: number; ended: number },
): Summary => {
  const registries = Object.fromEntries(
    views.map((view) => [view.registry.name, registrySummary(view, results)] as const),
  ) as Partial<Record<RegistryName, RegistrySummary>>;
  return {
    at: new Date(began).toISOString(),
    milliseconds: ended - began,
    policy,
    clusters: results.length,
    tasks: results.reduce((sum, { round }) => sum + (round?.truth.running.size ?? 0), 0),
    registries,
    withheld: results.flatMap(({ cluster, releases = {}, applied = [] }) =>
      LIMITS.flatMap((why) => {
        const withheld = applied.flatMap(({ plan }) => plan.withheld.filter(({ limit }) => limit === why));
        const plan = releases[why];
        return plan === undefined || withheld.length === 0
          ? []
          : [{ cluster, plan, removals: withheld.length, why }];
      }),
    ),
    unfinished: results.filter(isUnfinished).map(({ cluster }) => cluster),
    skips: results
      .flatMap(({ round }) => round?.truth.skips ?? [])
      // One of a managed daemon's tasks on each host would leave no room for what somebody can change.
      .filter(({ code }) => code !== 'unknown-kind')
      .map(({ task, code, detail }) => ({ task, code, detail })),
    failures: results.flatMap(({ cluster, error, round, applied }) => [
      ...(error === undefined ? [] : [`${cluster}: ${error}`]),
      ...(round?.failures ?? []).map(({ registry, reason }) => named(registry, reason)),
      ...(applied ?? []).flatMap(({ unmended }) => unmended ?? []),
      ...(applied ?? []).flatMap(({ outcomes = [] }) =>
        outcomes.filter(isFailure).map(({ reason }) => reason),
      ),
    ]),
  };
};

/** A registry's own words begin with its name mostly. */
const named = (registry: RegistryName, reason: string) =>
  reason.startsWith(`${registry}: `) ? reason : `${registry}: ${reason}`;

const registrySummary = ({ registry, listing, error }: View, results: readonly Result[]): RegistrySummary => {
  const here = results.flatMap(({ applied }) => (applied ?? []).filter((one) => one.registry === registry));
  const outcomes = here.flatMap((one) => one.outcomes ?? []);
  const done = outcomes.filter(({ status }) => status === 'done');
  const unknown = error ?? listing?.unknown ?? here.find(({ plan }) => plan.unknown)?.plan.unknown;
  return {
    records: listing?.records.length ?? 0,
    drift: sum(here, ({ plan }) => plan.changes.length + plan.withheld.length + plan.forbidden.length),
    written: done.filter(({ change }) => change.kind !== 'remove').length,
    removed: done.filter(({ change }) => change.kind === 'remove').length,
    failed: outcomes.filter(isFailure).length,
    withheld: sum(here, ({ plan }) => plan.withheld.length),
    waiting: sum(here, ({ plan }) => plan.waiting.length),
    ...(unknown !== undefined && { unknown }),
  };
};

const isUnfinished = ({ round, applied }: Result) =>
  !round || (applied ?? []).some(({ plan, outcomes }) => !outcomes && plan.changes.length > 0);

const sum = <T>(items: readonly T[], of: (item: T) => number) =>
  items.reduce((total, item) => total + of(item), 0);
