import { LIMITS, type Limit, type Outcome, type Plan } from '../model/plan.ts';
import { released, withholding } from '../plan/plan.ts';
import { releaseId } from '../plan/release.ts';
import type { Carried, Ledger } from './ledger.ts';
import type { ReconcileDeps } from './reconcile.ts';
import type { Applied, Freed, Releases, Result } from './summary.ts';

/** How long an operator's release lasts, in milliseconds. */
export const RELEASED_FOR_MS = 15 * 60_000;

export interface Allowed<T> {
  readonly carried: readonly T[];
  /** The ids of what is withheld. */
  readonly releases: Releases;
  readonly freed: readonly Freed[];
}

/**
 * What may be carried out of one cluster's plans: with what an operator has released, and without what the delete
 * limit counts where that cannot be noted beforehand. What was released is not counted: a person has looked at it.
 */
export const allow = async <T extends Carried>(
  planned: readonly T[],
  ledger: Ledger,
  deps: ReconcileDeps,
  signal: AbortSignal,
): Promise<Allowed<T>> => {
  const noted = await claim(planned, ledger, deps, signal);
  const ids = idsOf(noted.map(({ plan }) => plan));
  const freed: Freed[] = [];
  for (const limit of LIMITS) {
    const until = await releasedUntil(ids[limit], ledger, deps, signal);
    if (until !== undefined) freed.push({ limit, until });
  }
  const limits = freed.map(({ limit }) => limit);
  const carried = noted.map((one) => ({ ...one, plan: released(one.plan, one.registry, limits) }));
  return { carried, releases: idsOf(carried.map(({ plan }) => plan)), freed };
};

/** The ids under which these plans' withheld changes are released. */
export const idsOf = (plans: readonly Pick<Plan, 'cluster' | 'withheld'>[]): Releases =>
  Object.fromEntries(
    LIMITS.flatMap((limit) => {
      const id = releaseId(plans, limit);
      return id === undefined ? [] : [[limit, id]];
    }),
  );

const claim = async <T extends Carried>(
  planned: readonly T[],
  ledger: Ledger,
  { telemetry }: ReconcileDeps,
  signal: AbortSignal,
): Promise<readonly T[]> => {
  try {
    await ledger.claim(planned, signal);
    return planned;
  } catch (error) {
    const what = 'removals cannot be noted, and are withheld';
    telemetry.fault(what, error, { path: 'reconcile' });
    return planned.map((one) => ({ ...one, plan: withholding(one.plan) }));
  }
};

const releasedUntil = async (
  plan: string | undefined,
  ledger: Ledger,
  deps: ReconcileDeps,
  signal: AbortSignal,
): Promise<number | undefined> => {
  if (plan === undefined) return undefined;
  const now = deps.now();
  const left = ledger.releasedUntil(plan);
  if (left !== undefined) return left;
  const release = await readRelease(deps, signal);
  const holds = release?.plan === plan && release.until > now && release.until <= now + RELEASED_FOR_MS;
  return holds ? release.until : undefined;
};

/**
 * What is left over of a released plan has another id, since it is less: it may go in the next round all the same,
 * for as long as the operator's word lasts.
 */
export const keepReleased = async (
  { freed = [], applied = [] }: Pick<Result, 'freed' | 'applied'>,
  ledger: Ledger,
  { telemetry }: ReconcileDeps,
  signal: AbortSignal,
): Promise<void> => {
  for (const { limit, until } of freed) {
    const left = applied.map((one) => ({ cluster: one.plan.cluster, withheld: leftOver(one, limit) }));
    const id = releaseId(left, limit);
    if (id === undefined) continue;
    await ledger.release(id, until, signal).catch((error: unknown) => {
      const what = 'what is left over of a released plan cannot be noted: it may have to be released again';
      telemetry.fault(what, error, { path: 'reconcile' });
    });
  }
};

const leftOver = ({ plan, outcomes = [] }: Applied, limit: Limit) => {
  const ended = new Set(outcomes.filter(isOnItsWay).map(({ change }) => change));
  return plan.changes.filter((change) => change.limit === limit && !ended.has(change));
};

const isOnItsWay = ({ status }: Outcome) => status !== 'retry' && status !== 'refused';

const readRelease = async ({ board, telemetry }: ReconcileDeps, signal: AbortSignal) => {
  try {
    return await board.release(signal);
  } catch (error) {
    telemetry.fault('the release cannot be read: nothing is released', error, { path: 'reconcile' });
    return undefined;
  }
};
