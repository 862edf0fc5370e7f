import { hasHealthCheck } from '../../derive/needs.ts';
import type { TaskArn } from '../../model/arn.ts';
import { SKIPS } from '../../model/plan.ts';
import type { Identity, Instance } from '../../model/registration.ts';
import { mayWriteBlind } from '../../plan/policy.ts';
import type { EventContext, SyncContext } from '../context.ts';
import { isLastLook, type TaskTrigger, withoutUnseen } from '../trigger/task-trigger.ts';
import { derivationOf, type Observed, observeAndLog } from './observe.ts';
import type { Derivation, TaskRequest } from './task-request.ts';
import { CONTAINER_STOPPED, isMissing } from './task-state.ts';

/** What is to be done about one task. */
export type TaskDecision = {
  readonly trigger: TaskTrigger;
  /** What goes, unread, and why. */
  readonly gone: readonly Identity[];
  readonly reason: string;
  /**
   * What is known of its records. `unread`: it goes by its event alone, and is to be confirmed.
   * `fetched`: ECS was asked, and they are read before they are written.
   */
  readonly actual: 'unread' | 'fetched';
} & (
  | { readonly action: 'register'; readonly derivation: Derivation }
  /**
   * undo: ECS has described the task in none of its looks, so what its event wrote is taken back.
   */
  | { readonly action: 'remove' | 'undo'; readonly derivation?: Derivation | undefined }
);

/** A task that is to be registered. */
export type Registering = Extract<TaskDecision, { action: 'register' }>;

export const instancesOf = (decision: TaskDecision): readonly Instance[] =>
  decision.action === 'register' ? decision.derivation.instances : [];

export interface Decisions {
  readonly decisions: readonly TaskDecision[];
  /** Nothing sure can be said of these just now: to be observed again. */
  readonly unsettled: readonly TaskTrigger[];
}

/**
 * Decides what each task needs. A stop is believed as it comes, a container's too, and so is a
 * fresh start whose event carries all that is to be written; the write is confirmed afterwards. Of
 * everything else ECS is asked first.
 */
export const decide = async (
  triggers: readonly TaskTrigger[],
  context: EventContext,
  signal: AbortSignal,
): Promise<Decisions> => {
  const byEvent = await observeAndLog(triggers.flatMap(reportedBy), BY_EVENT, context, signal);
  const isOpen = (one: TaskTrigger) => !isEnough(one, byEvent.get(one.arn), context);
  const requests = triggers.filter(isOpen).map((one) => toRequest(one, context));
  const byEcs = await observeAndLog(requests, BY_ECS, context, signal);
  const observed = triggers.flatMap((trigger) => toObservedTask(trigger, byEvent, byEcs));
  const open = observed.filter((one) => one.current.state.state === 'unknown' && !isUnseen(one));
  return {
    decisions: withoutManyExpired(observed, context).flatMap((one) => decisionOf(one, context)),
    // It stays unseen only where ECS answered that it does not know it. No answer proves nothing.
    unsettled: open.map(({ trigger, current }) =>
      isMissing(current.state) ? trigger : withoutUnseen(trigger),
    ),
  };
};

const BY_EVENT = { derives: 'described', hostStates: false, path: 'event' } as const;
const BY_ECS = { derives: 'described', hostStates: true, path: 'event' } as const;

const reportedBy = ({ arn, cluster, event }: TaskTrigger): readonly TaskRequest[] =>
  event ? [{ arn, cluster, from: 'event', task: event.task }] : [];

const toRequest = (trigger: TaskTrigger, { handled, now }: EventContext): TaskRequest => {
  const { arn, cluster, event, isHostLeaving } = trigger;
  // Sent by a look or by news of the host: this one may be dead, and would be brought back.
  const host = isHostLeaving ? 'leaving' : event ? undefined : 'doubtful';
  return {
    arn,
    cluster,
    from: 'trigger',
    known: event?.task,
    hasRun: wasLookedAt(trigger),
    // A look carries no version, so what was handled while warm counts too.
    isOutdated: (answer) => handled.isAheadOf(answer, now()),
    host,
  };
};

/**
 * Whether ECS need not be asked: the event says all, another one will come, or the task cannot be
 * derived now anyway.
 */
const isEnough = (trigger: TaskTrigger, reported: Observed | undefined, context: SyncContext) => {
  if (!reported) return false;
  if (reported.state.state === 'stopping' || reported.status !== 'derived') return true;
  // News of the host makes a start doubtful, and a stop only surer.
  if (trigger.isHostLeaving) return false;
  // Another event will come; only a look that was merged with this one must go on.
  if (reported.state.state === 'starting') return !wasLookedAt(trigger);
  return isSelfContained(trigger, reported.derivation, context);
};

/** Looks are queued for tasks that have run. */
const wasLookedAt = ({ targets }: TaskTrigger) =>
  [...targets.values()].some(({ look }) => look >= 0);

/**
 * Milliseconds from a task's start to the event that tells of it. Later events tell of a task that
 * may be registered already, under a name that other rules gave and a blind write would take out.
 */
const STARTING_MS = 20_000;

/** Whether the event is enough for the first write. */
const isSelfContained = (
  { event }: TaskTrigger,
  { definition, skips }: Derivation,
  { config }: SyncContext,
) =>
  event?.fresh === true &&
  event.time - (event.task.startedAt ?? event.time) < STARTING_MS &&
  mayWriteBlind(config.policy) &&
  !hasHealthCheck(definition) &&
  skips.every(({ code }) => !SKIPS[code]?.mayPass);

/** One task as it was found. */
interface ObservedTask {
  readonly trigger: TaskTrigger;
  /** By its event, if any. */
  readonly byEvent: Observed | undefined;
  /** By ECS, where it was asked; else by its event. */
  readonly current: Observed;
  readonly actual: 'unread' | 'fetched';
}

type ByTask = ReadonlyMap<TaskArn, Observed>;

/** None where nothing can ever be said of the task. */
const toObservedTask = (
  trigger: TaskTrigger,
  byEvents: ByTask,
  byEcs: ByTask,
): readonly ObservedTask[] => {
  const byEvent = byEvents.get(trigger.arn);
  const asked = byEcs.get(trigger.arn);
  const current = asked ?? byEvent;
  if (!current || current.status === 'undefinable') return [];
  return [{ trigger, byEvent, current, actual: asked ? 'fetched' : 'unread' }];
};

const decisionOf = (one: ObservedTask, { telemetry }: SyncContext): readonly TaskDecision[] => {
  const { trigger, actual, current } = one;
  const { state, reason } = current.state;
  if (state === 'starting') telemetry.note(reason, { path: 'event', task: trigger.arn });
  if (state === 'running' && current.status === 'derived') {
    const { derivation } = current;
    const { stopped: gone } = derivation;
    return [{ action: 'register', trigger, derivation, actual, gone, reason: CONTAINER_STOPPED }];
  }
  if (isUnseen(one))
    return [{ action: 'undo', trigger, actual, gone: trigger.unseen ?? [], reason: UNSEEN }];
  const gone = goneOf(one);
  const why = state === 'unknown' ? CONTAINER_STOPPED : reason;
  if (gone.length === 0) return [];
  const derivation = derivationOf(current);
  return [{ action: 'remove', trigger, derivation, actual, gone, reason: why }];
};

/** What goes of a task that is not known to run. */
const goneOf = ({ byEvent, current }: ObservedTask): readonly Identity[] => {
  const { state } = current.state;
  if (state === 'stopping') return derivationOf(current)?.identities ?? [];
  if (state === 'expired') return derivationOf(byEvent)?.identities ?? [];
  // ECS says nothing, or nothing yet; a container that has stopped by its event has all the same.
  const ran = byEvent?.state.state === 'running' && state === 'unknown';
  return ran ? (derivationOf(byEvent)?.stopped ?? []) : [];
};

const UNSEEN = 'ECS has described the task in none of its looks';

/**
 * Its event was made up, in all likelihood, so what it wrote is undone. Should ECS lag so far
 * behind, the next round registers the task.
 */
const isUnseen = ({ trigger, current }: ObservedTask) =>
  isMissing(current.state) && trigger.unseen !== undefined && isLastLook(trigger);

/**
 * Records that one batch takes out at most because ECS does not know their tasks any more: it may
 * be wrong about many. What is more is the reconciler's, which knows how many there are in all.
 */
export const MOST_EXPIRED = 10;

const withoutManyExpired = (
  observed: readonly ObservedTask[],
  { telemetry }: SyncContext,
): readonly ObservedTask[] => {
  const expired = new Set(observed.filter(({ current }) => current.state.state === 'expired'));
  const records = [...expired].reduce((sum, one) => sum + goneOf(one).length, 0);
  if (records <= MOST_EXPIRED) return observed;
  const what = `ECS does not know the tasks of ${records} records: left to the reconciler`;
  telemetry.note(what, { path: 'event' });
  return observed.filter((one) => !expired.has(one));
};
