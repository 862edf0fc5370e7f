import { isOnItsWay, LIMITS, type Limit, type Plan } from '../../model/plan.ts';
import { withholding, withReleased } from '../../plan/plan.ts';
import { releaseId } from '../../plan/release.ts';
import { type AppliedPlan, outcomesOf, type RegistryPlan } from '../apply/apply-plan.ts';
import type { ReconcileContext } from '../context.ts';
import type { RemovalLedger } from './removal-ledger.ts';

/** How long an operator's release lasts, in milliseconds. */
export const RELEASED_FOR_MS = 15 * 60_000;

/** The ids under which what one cluster's plans withhold can be released. */
export type Releases = Partial<Readonly<Record<Limit, string>>>;

/** What an operator has released of one cluster's plans. */
export interface Released {
  readonly limit: Limit;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** What may be applied of one cluster's plans. */
export interface AllowedPlans {
  readonly plans: readonly RegistryPlan[];
  /** The ids of what is withheld. */
  readonly releases: Releases;
  readonly released: readonly Released[];
}

/**
 * What may be applied of one cluster's plans: with what an operator has released, and without what
 * the delete limit counts where that cannot be noted beforehand. What was released is not counted:
 * a person has looked at it.
 */
export const applyLimits = async (
  planned: readonly RegistryPlan[],
  ledger: RemovalLedger,
  context: ReconcileContext,
  signal: AbortSignal,
): Promise<AllowedPlans> => {
  const noted = await claim(planned, ledger, context, signal);
  const ids = idsOf(noted.map(({ plan }) => plan));
  const released: Released[] = [];
  for (const limit of LIMITS) {
    const until = await releasedUntil(ids[limit], ledger, context, signal);
    if (until !== undefined) released.push({ limit, until });
  }
  const limits = released.map(({ limit }) => limit);
  const plans = noted.map((one) => ({
    ...one,
    plan: withReleased(one.plan, one.registry, limits),
  }));
  return { plans, releases: idsOf(plans.map(({ plan }) => plan)), released };
};

/** The ids under which these plans' withheld changes are released. */
export const idsOf = (plans: readonly Pick<Plan, 'cluster' | 'withheld'>[]): Releases =>
  Object.fromEntries(
    LIMITS.flatMap((limit) => {
      const id = releaseId(plans, limit);
      return id === undefined ? [] : [[limit, id]];
    }),
  );

const claim = async (
  planned: readonly RegistryPlan[],
  ledger: RemovalLedger,
  { telemetry }: ReconcileContext,
  signal: AbortSignal,
): Promise<readonly RegistryPlan[]> => {
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
  ledger: RemovalLedger,
  context: ReconcileContext,
  signal: AbortSignal,
): Promise<number | undefined> => {
  if (plan === undefined) return undefined;
  const now = context.now();
  const left = ledger.releasedUntil(plan);
  if (left !== undefined) return left;
  const release = await readRelease(context, signal);
  const holds =
    release?.plan === plan && release.until > now && release.until <= now + RELEASED_FOR_MS;
  return holds ? release.until : undefined;
};

/**
 * What is left over of a released plan has another id, since it is less: it may go in the next
 * round all the same, for as long as the operator's word lasts.
 */
export const keepReleased = async (
  {
    released,
    applied,
  }: Pick<AllowedPlans, 'released'> & { readonly applied: readonly AppliedPlan[] },
  ledger: RemovalLedger,
  { telemetry }: ReconcileContext,
  signal: AbortSignal,
): Promise<void> => {
  for (const { limit, until } of released) {
    const left = applied.map((one) => ({
      cluster: one.plan.cluster,
      withheld: leftOver(one, limit),
    }));
    const id = releaseId(left, limit);
    if (id === undefined) continue;
    await ledger.release(id, until, signal).catch((error: unknown) => {
      const what =
        'what is left over of a released plan cannot be noted: it may have to be released again';
      telemetry.fault(what, error, { path: 'reconcile' });
    });
  }
};

const leftOver = (applied: AppliedPlan, limit: Limit) => {
  const made = outcomesOf(applied).filter(isOnItsWay);
  const ended = new Set(made.map(({ change }) => change));
  return applied.plan.changes.filter((change) => change.limit === limit && !ended.has(change));
};

const readRelease = async ({ store, telemetry }: ReconcileContext, signal: AbortSignal) => {
  try {
    return await store.readRelease(signal);
  } catch (error) {
    telemetry.fault('the release cannot be read: nothing is released', error, {
      path: 'reconcile',
    });
    return undefined;
  }
};
