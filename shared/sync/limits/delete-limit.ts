import { isOnItsWay, LIMITS, type Limit, type Plan } from '../../model/plan.ts';
import { withApproved, withholding } from '../../plan/plan.ts';
import { planIdOf } from '../../plan/plan-id.ts';
import { logged } from '../../platform/telemetry.ts';
import { type AppliedPlan, outcomesOf, type RegistryPlan } from '../apply/apply-plan.ts';
import type { ReconcileContext } from '../context.ts';
import type { RemovalLedger } from './removal-ledger.ts';

const RECONCILE = { path: 'reconcile' } as const;

/** How long an operator's approval lasts, in milliseconds. */
export const APPROVED_FOR_MS = 15 * 60_000;

/** The ids under which what one cluster's plans withhold can be released. */
export type PlanIds = Partial<Readonly<Record<Limit, string>>>;

/** For what an operator has released one cluster's withheld plans. */
export interface Approved {
  readonly limit: Limit;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** What may be applied of one cluster's plans. */
export interface AllowedPlans {
  readonly plans: readonly RegistryPlan[];
  /** The ids of what is withheld. */
  readonly planIds: PlanIds;
  readonly approved: readonly Approved[];
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
  const reserved = await reserve(planned, ledger, context, signal);
  const ids = idsOf(reserved.map(({ plan }) => plan));
  const approved: Approved[] = [];
  for (const limit of LIMITS) {
    const until = await approvedUntil(ids[limit], ledger, context, signal);
    if (until !== undefined) approved.push({ limit, until });
  }
  const limits = approved.map(({ limit }) => limit);
  const plans = reserved.map((one) => ({
    ...one,
    plan: withApproved(one.plan, one.registry, limits),
  }));
  return { plans, planIds: idsOf(plans.map(({ plan }) => plan)), approved };
};

/** The ids under which these plans' withheld changes are released. */
export const idsOf = (plans: readonly Pick<Plan, 'cluster' | 'withheld'>[]): PlanIds =>
  Object.fromEntries(
    LIMITS.flatMap((limit) => {
      const id = planIdOf(plans, limit);
      return id === undefined ? [] : [[limit, id]];
    }),
  );

const reserve = async (
  planned: readonly RegistryPlan[],
  ledger: RemovalLedger,
  { telemetry }: ReconcileContext,
  signal: AbortSignal,
): Promise<readonly RegistryPlan[]> => {
  const what = 'removals cannot be noted, and are withheld';
  const isNoted = await ledger
    .reserve(planned, signal)
    .then(() => true)
    .catch(logged(telemetry, what, RECONCILE));
  return isNoted ? planned : planned.map((one) => ({ ...one, plan: withholding(one.plan) }));
};

const approvedUntil = async (
  plan: string | undefined,
  ledger: RemovalLedger,
  { store, telemetry, now }: ReconcileContext,
  signal: AbortSignal,
): Promise<number | undefined> => {
  if (plan === undefined) return undefined;
  const left = ledger.approvedUntil(plan);
  if (left !== undefined) return left;
  const what = 'the release cannot be read: nothing is released';
  const approval = await store.readApproval(signal).catch(logged(telemetry, what, RECONCILE));
  if (approval?.plan !== plan) return undefined;
  const { until } = approval;
  return until > now() && until <= now() + APPROVED_FOR_MS ? until : undefined;
};

/**
 * What is left over of a released plan has another id, since it is less: it may go in the next
 * round all the same, for as long as the operator's word lasts.
 */
export const keepApproved = async (
  {
    approved,
    applied,
  }: Pick<AllowedPlans, 'approved'> & { readonly applied: readonly AppliedPlan[] },
  ledger: RemovalLedger,
  { telemetry }: ReconcileContext,
  signal: AbortSignal,
): Promise<void> => {
  for (const { limit, until } of approved) {
    const left = applied.map((one) => ({
      cluster: one.plan.cluster,
      withheld: leftOver(one, limit),
    }));
    const id = planIdOf(left, limit);
    if (id === undefined) continue;
    const what =
      'what is left over of a released plan cannot be noted: it may have to be released again';
    await ledger.keepApproval(id, until, signal).catch(logged(telemetry, what, RECONCILE));
  }
};

const leftOver = (applied: AppliedPlan, limit: Limit) => {
  const made = outcomesOf(applied).filter(isOnItsWay);
  const ended = new Set(made.map(({ change }) => change));
  return applied.plan.changes.filter((change) => change.limit === limit && !ended.has(change));
};
