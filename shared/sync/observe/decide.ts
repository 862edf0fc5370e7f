import { hasHealthCheck } from '../../derive/needs.ts';
import type { TaskArn } from '../../model/arn.ts';
import { SKIPS } from '../../model/plan.ts';
import type { Identity, Instance } from '../../model/registration.ts';
import { mayWriteBlind } from '../../plan/policy.ts';
import type { SyncContext } from '../context.ts';
import { isLastLook } from '../trigger/looks.ts';
import type { TaskTrigger } from '../trigger/trigger.ts';
import { CONTAINER_STOPPED, type Derivation } from './derivation.ts';
import { derivationOf, type Observed, observeAndLog, type TaskRequest } from './observe.ts';
import { isMissing } from './task-state.ts';

/** What is to be done about one task. */
export type TaskDecision = {
  readonly trigger: TaskTrigger;
  /** What goes, unread, and why. */
  readonly gone: readonly Identity[];
  readonly reason: string;
} & (
  | {
      readonly action: 'register';
      readonly derivation: Derivation;
      /**
       * Whether its records are read before they are written: not those of a task that has just
       * started.
       */
      readonly actual: 'unread' | 'fetched';
    }
  | { readonly action: 'remove' }
  /** ECS has described the task in none of its looks: what its event wrote is taken back. */
  | { readonly action: 'undo' }
);

/** A task that is to be registered. */
export type Registering = Extract<TaskDecision, { action: 'register' }>;

export const instancesOf = (decision: TaskDecision): readonly Instance[] =>
  decision.action === 'register' ? decision.derivation.instances : [];

export interface Decisions {
  readonly decisions: readonly TaskDecision[];
  /** Nothing sure can be said of these just now: to be judged again. */
  readonly unsettled: readonly TaskTrigger[];
  /** Those of them that ECS does not know, or not yet. */
  readonly missing: ReadonlySet<TaskArn>;
}

/**
 * Decides what each task needs. A stop is believed as it comes, a container's too, and so is a
 * fresh start whose event carries all that is to be written; the write is confirmed afterwards. Of
 * everything else ECS is asked first.
 */
export const decide = async (
  triggers: readonly TaskTrigger[],
  context: SyncContext,
  signal: AbortSignal,
): Promise<Decisions> => {
  const told = await observeAndLog(triggers.flatMap(toldBy), BY_EVENT, context, signal);
  const isOpen = (one: TaskTrigger) => !isEnough(one, told.get(one.arn), context);
  const requests = triggers.filter(isOpen).map((one) => toRequest(one, context));
  const asked = await observeAndLog(requests, BY_ECS, context, signal);
  const judged = triggers.flatMap((trigger) => toJudged(trigger, told, asked));
  const open = judged.filter((one) => one.now.state.state === 'unknown' && !isUnseen(one));
  return {
    decisions: withoutManyExpired(judged, context).flatMap((one) => decisionOf(one, context)),
    unsettled: open.map(({ trigger }) => trigger),
    missing: new Set(
      open.filter(({ now }) => isMissing(now.state)).map(({ trigger }) => trigger.arn),
    ),
  };
};

const BY_EVENT = { derives: 'described', hostStates: false, path: 'event' } as const;
const BY_ECS = { derives: 'described', hostStates: true, path: 'event' } as const;

const toldBy = ({ arn, cluster, event }: TaskTrigger): readonly TaskRequest[] =>
  event ? [{ arn, cluster, told: event.task }] : [];

const toRequest = (trigger: TaskTrigger, { memory }: SyncContext): TaskRequest => {
  const { arn, cluster, event, isHostLeaving } = trigger;
  // Sent by a look or by news of the host: this one may be dead, and would be brought back.
  const host = isHostLeaving ? 'leaving' : event ? undefined : 'doubtful';
  return {
    arn,
    cluster,
    hasRun: wasLookedAt(trigger),
    // A look carries no version, so what was handled while warm counts too.
    isOutdated: (answer) => memory.isAheadOf(answer),
    ...(event && { known: event.task }),
    ...(host && { host }),
  };
};

/**
 * Whether ECS need not be asked: the event says all, another one will come, or the task cannot be
 * derived now anyway.
 */
const isEnough = (trigger: TaskTrigger, told: Observed | undefined, context: SyncContext) => {
  if (!told) return false;
  if (told.state.state === 'stopping' || told.status !== 'derived') return true;
  // News of the host makes a start doubtful, and a stop only surer.
  if (trigger.isHostLeaving) return false;
  // Another event will come; only a look that was merged with this one must go on.
  if (told.state.state === 'starting') return !wasLookedAt(trigger);
  return isSelfContained(trigger, told.derivation, context);
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
  skips.every(({ code }) => !SKIPS[code].mayPass);

/** One task as it was found. */
interface Judged {
  readonly trigger: TaskTrigger;
  /** By its event, if any. */
  readonly told: Observed | undefined;
  /** By ECS, where it was asked; else by its event. */
  readonly now: Observed;
  readonly actual: 'unread' | 'fetched';
}

type ByTask = ReadonlyMap<TaskArn, Observed>;

/** None where nothing can ever be said of the task. */
const toJudged = (trigger: TaskTrigger, byEvent: ByTask, byEcs: ByTask): readonly Judged[] => {
  const told = byEvent.get(trigger.arn);
  const asked = byEcs.get(trigger.arn);
  const now = asked ?? told;
  if (!now || now.status === 'undefinable') return [];
  return [{ trigger, told, now, actual: asked ? 'fetched' : 'unread' }];
};

const decisionOf = (one: Judged, { telemetry }: SyncContext): readonly TaskDecision[] => {
  const { trigger, actual, now } = one;
  const { state, reason } = now.state;
  if (state === 'starting') telemetry.note(reason, { path: 'event', task: trigger.arn });
  if (state === 'running' && now.status === 'derived') {
    const { derivation } = now;
    const { stopped: gone } = derivation;
    return [{ action: 'register', trigger, derivation, actual, gone, reason: CONTAINER_STOPPED }];
  }
  if (isUnseen(one))
    return [{ action: 'undo', trigger, gone: trigger.unseen ?? [], reason: UNSEEN }];
  const gone = goneOf(one);
  const why = state === 'unknown' ? CONTAINER_STOPPED : reason;
  return gone.length > 0 ? [{ action: 'remove', trigger, gone, reason: why }] : [];
};

/** What goes of a task that is not known to run. */
const goneOf = ({ told, now }: Judged): readonly Identity[] => {
  const { state } = now.state;
  if (state === 'stopping') return derivationOf(now)?.identities ?? [];
  if (state === 'expired') return derivationOf(told)?.identities ?? [];
  // ECS says nothing, or nothing yet; a container that has stopped by its event has all the same.
  const ran = told?.state.state === 'running' && state === 'unknown';
  return ran ? (derivationOf(told)?.stopped ?? []) : [];
};

const UNSEEN = 'ECS has described the task in none of its looks';

/**
 * Its event was made up, in all likelihood, so what it wrote is undone. Should ECS lag so far
 * behind, the next round registers the task.
 */
const isUnseen = ({ trigger, now }: Judged) =>
  isMissing(now.state) && trigger.unseen !== undefined && isLastLook(trigger);

/**
 * Records that one batch takes out at most because ECS does not know their tasks any more: it may
 * be wrong about many. What is more is the reconciler's, which knows how many there are in all.
 */
export const MOST_EXPIRED = 10;

const withoutManyExpired = (
  judged: readonly Judged[],
  { telemetry }: SyncContext,
): readonly Judged[] => {
  const expired = new Set(judged.filter(({ now }) => now.state.state === 'expired'));
  const records = [...expired].reduce((sum, one) => sum + goneOf(one).length, 0);
  if (records <= MOST_EXPIRED) return judged;
  const what = `ECS does not know the tasks of ${records} records: left to the reconciler`;
  telemetry.note(what, { path: 'event' });
  return judged.filter((one) => !expired.has(one));
};
