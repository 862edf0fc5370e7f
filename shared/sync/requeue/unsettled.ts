import type { TaskArn } from '../../model/arn.ts';
import { isSettled, type Outcome, operationsOf } from '../../model/plan.ts';
import { taskOf } from '../../plan/plan.ts';
import type { Applied } from '../apply/apply-decisions.ts';
import type { Confirmed } from '../apply/confirm.ts';
import { type Decisions, instancesOf, type TaskDecision } from '../observe/decide.ts';
import { isMissing } from '../observe/task-state.ts';
import { type TaskTrigger, type Unsettled, withoutUnseen } from '../trigger/task-trigger.ts';

/**
 * Everything that is not at rest once a batch was written and confirmed, a task at one registry
 * once or several times.
 */
export const unsettledAfter = (
  { decisions, unsettled }: Decisions,
  applied: readonly Applied[],
  confirmed: readonly Confirmed[],
): readonly Unsettled[] => {
  const unsure = confirmed.flatMap((one) => [...one.unsure]);
  const unknown = new Set(unsure.flatMap(([arn, state]) => (isMissing(state) ? arn : [])));
  const after = new Map(decisions.map((one) => [one.trigger.arn, afterWrite(one, unknown)]));
  const left = [
    ...applied.flatMap(({ open }) => open),
    ...confirmed.flatMap((one) => openAfter(decisions, one)),
    ...decisions.filter(awaitsHealth).flatMap(({ trigger }) => atItsRegistries(trigger, [])),
  ];
  return [
    ...left.map((one) => ({ ...one, trigger: after.get(one.trigger.arn) ?? one.trigger })),
    ...unsettled.flatMap((trigger) => atItsRegistries(trigger)),
  ];
};

/** What ECS's second answer leaves open at a registry. */
const openAfter = (
  decisions: readonly TaskDecision[],
  { registry: { name: registry }, unsure, corrections }: Confirmed,
): readonly Unsettled[] => {
  const byTask = Map.groupBy(corrections, ({ change }) => taskOf(change));
  return decisions.flatMap(({ trigger }) => {
    const own = byTask.get(trigger.arn) ?? [];
    const waits = own.filter((one) => !isSettled(one)).map(operationsOf);
    if (unsure.has(trigger.arn) || isUnhealthy(own.at(-1))) waits.push([]);
    return waits.map((operations) => ({ trigger, registry, operations }));
  });
};

/** A task that was found unhealthy in the end may recover in seconds, of which no event tells. */
const isUnhealthy = ({ change }: Partial<Outcome> = {}) =>
  change && 'record' in change && change.record.health === 'unhealthy';

/**
 * ECS emits no event when a health check answers, so a task that has one is looked at until it is
 * healthy.
 */
const awaitsHealth = (decision: TaskDecision) =>
  instancesOf(decision).some(({ health }) => health !== 'healthy');

/** At each of its registries; waiting for what it waited for, unless said otherwise. */
const atItsRegistries = (
  trigger: TaskTrigger,
  operations?: readonly string[],
): readonly Unsettled[] =>
  [...trigger.targets].map(([registry, progress]) => ({
    trigger,
    registry,
    operations: operations ?? progress.operations,
  }));

/**
 * The trigger for the next look. Carries what a blind write made, if ECS then did not know the
 * task.
 */
const afterWrite = (decision: TaskDecision, missing: ReadonlySet<TaskArn>): TaskTrigger => {
  // A registry that could not take it out may have looks left.
  if (decision.action === 'undo') return decision.trigger;
  const rest = withoutUnseen(decision.trigger);
  const isUnread = decision.action === 'register' && decision.actual === 'unread';
  return isUnread && missing.has(rest.arn)
    ? { ...rest, unseen: decision.derivation.instances }
    : rest;
};
