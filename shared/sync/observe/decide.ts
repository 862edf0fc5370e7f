import { hasHealthCheck } from '../../derive/needs.ts';
import type { Identity } from '../../model/registration.ts';
import { mayWriteBlind } from '../../plan/policy.ts';
import type { SyncContext } from '../context.ts';
import { isLastLook } from '../requeue/requeue.ts';
import type { TaskTrigger } from '../trigger/trigger.ts';
import { type Answers, askEcs, deriveAndLog } from './ask-ecs.ts';
import { type Derivation, isOnDownHost, type TaskDerivation } from './derivation.ts';
import { isMissing, type Observation, startOf, type TaskState, taskState } from './task-state.ts';

/** What is to be done about one task. */
export type TaskDecision = RunningTask | LeavingTask;

export interface RunningTask extends AnyTask {
  readonly state: 'running';
  readonly derivation: Derivation;
  /**
   * Whether its records are read before they are written: not those of a task that has just
   * started.
   */
  readonly actual: 'unread' | 'fetched';
}

/** A task whose records go, unread. `unseen`: ECS has described it in none of its looks. */
export interface LeavingTask extends AnyTask {
  readonly state: 'stopping' | 'expired' | 'unseen';
}

interface AnyTask {
  readonly trigger: TaskTrigger;
  readonly identities: readonly Identity[];
  readonly reason: string;
}

export interface Decisions {
  readonly decisions: readonly TaskDecision[];
  /** Nothing can be said of these just now: to be judged again. */
  readonly unsettled: readonly TaskTrigger[];
  /** Those of them that ECS does not know, or not yet. */
  readonly missing: ReadonlySet<string>;
}

/**
 * Decides what each task needs. A stop is believed as it comes, and so is a fresh start whose event
 * carries all that is to be written; the write is confirmed afterwards. Of everything else ECS is
 * asked first.
 */
export const decide = async (
  triggers: readonly TaskTrigger[],
  context: SyncContext,
  signal: AbortSignal,
): Promise<Decisions> => {
  const told = triggers.filter(isToldByEvent).flatMap(({ event }) => event?.task ?? []);
  const byEvent = await deriveAndLog(told, { hostStates: false }, context, signal);
  const observed: Observed[] = [];
  const open: TaskTrigger[] = [];
  for (const trigger of triggers) {
    const one = observeEvent(trigger, byEvent.get(trigger.arn), context);
    if (one === 'ask') open.push(trigger);
    else if (one) observed.push(one);
  }
  observed.push(...(await observeAnswers(open, byEvent, context, signal)));
  const decisions = observed.flatMap((one) => decisionOf(one, context));
  const isOpen = (one: Observed) => one.state.state === 'unknown' && !isUnseen(one);
  const unsettled = observed.filter(isOpen);
  return {
    decisions: withoutManyExpired(decisions, context),
    unsettled: unsettled.map(({ trigger }) => trigger),
    missing: new Set(
      unsettled.filter(({ state }) => isMissing(state)).map(({ trigger }) => trigger.arn),
    ),
  };
};

/** One task as it was found. Where something is to be done about it, its derivation is there. */
interface Observed extends Pick<RunningTask, 'trigger' | 'actual'> {
  readonly state: TaskState;
  readonly derivation?: Derivation | undefined;
}

/** News of the host makes a start doubtful, and a stop only surer. */
const isToldByEvent = ({ event, isHostLeaving }: TaskTrigger) =>
  event !== undefined && (!isHostLeaving || event.task.desiredStatus === 'STOPPED');

/**
 * What the event alone says; `ask` where that is not enough, nothing where nobody can say anything
 * of the task.
 */
const observeEvent = (
  trigger: TaskTrigger,
  told: TaskDerivation | undefined,
  context: SyncContext,
): Observed | 'ask' | undefined => {
  if (!trigger.event || !told) return 'ask';
  if (told.status !== 'derived') return withoutDerivation(trigger, told);
  const state = taskState({ answer: trigger.event.task }, context.now());
  const isEnough =
    state.state === 'running'
      ? isSelfContained(trigger, told.derivation, context)
      : // Another event will come; only a look that was merged with this one must go on.
        state.state !== 'starting' || !wasLookedAt(trigger);
  if (!isEnough) return 'ask';
  return { trigger, state, derivation: told.derivation, actual: 'unread' };
};

const withoutDerivation = (trigger: TaskTrigger, { status }: TaskDerivation) =>
  status === 'undefinable' ? undefined : ({ trigger, state: UNREAD, actual: 'fetched' } as const);

const UNREAD = taskState({ answer: 'unread' }, 0);

/** Looks are queued for tasks that have run. */
const wasLookedAt = ({ targets }: TaskTrigger) =>
  [...targets.values()].some(({ look }) => look >= 0);

/**
 * A task that has run for longer may be registered under a name that a blind write would take out.
 */
const YOUNG_MS = 300_000;

/**
 * Reasons for which a port has no instance, and of which ECS or EC2 may tell more than the event
 * did.
 */
const LACKING: ReadonlySet<string> = new Set(['no-address', 'no-binding', 'host-unknown']);

/** Whether the event is enough for the first write. */
const isSelfContained = (
  { event }: TaskTrigger,
  { definition, skips }: Derivation,
  { config, now }: SyncContext,
) =>
  event?.fresh === true &&
  now() - (event.task.startedAt ?? now()) < YOUNG_MS &&
  mayWriteBlind(config.policy) &&
  !hasHealthCheck(definition) &&
  skips.every(({ code }) => !LACKING.has(code));

/** What ECS and EC2 say now. */
const observeAnswers = async (
  triggers: readonly TaskTrigger[],
  byEvent: ReadonlyMap<string, TaskDerivation>,
  context: SyncContext,
  signal: AbortSignal,
): Promise<readonly Observed[]> => {
  if (triggers.length === 0) return [];
  const answers = await askEcs(triggers, context, signal);
  const derived = await deriveAndLog(answers.tasks, { hostStates: true }, context, signal);
  return triggers.flatMap((trigger) => {
    const [result, told] = [derived.get(trigger.arn), byEvent.get(trigger.arn)];
    if (result && result.status !== 'derived') return withoutDerivation(trigger, result) ?? [];
    const known = told?.status === 'derived' ? told.derivation : undefined;
    const state = taskState(
      observationOf(trigger, { answers, result, known }, context),
      context.now(),
    );
    const derivation = state.state === 'expired' ? known : result?.derivation;
    return { trigger, state, derivation, actual: 'fetched' };
  });
};

interface Found {
  readonly answers: Answers;
  readonly result: Extract<TaskDerivation, { status: 'derived' }> | undefined;
  /** By the event. */
  readonly known: Derivation | undefined;
}

const observationOf = (
  trigger: TaskTrigger,
  { answers, result, known }: Found,
  { memory }: SyncContext,
) => {
  const answer = answers.answerTo(trigger.arn);
  return {
    answer,
    known: trigger.event?.task,
    startedAt: known && startOf(known.task),
    // A look carries no version, so what was handled while warm counts too.
    isOutdated: typeof answer === 'object' && memory.isAheadOf(answer),
    hasRun: wasLookedAt(trigger),
    host: hostOf(trigger, result),
  };
};

const hostOf = (
  { event, isHostLeaving }: TaskTrigger,
  result: Found['result'],
): NonNullable<Observation['host']> => {
  if (isHostLeaving) return 'leaving';
  if (result && isOnDownHost(result.derivation)) return 'down';
  // Sent by a look or by news of the host: this one may be dead, and would be brought back.
  return result?.hostError !== undefined && !event ? 'unsure' : 'up';
};

const decisionOf = (one: Observed, { telemetry }: SyncContext): TaskDecision[] => {
  const { trigger, derivation, actual } = one;
  const { state, reason } = one.state;
  if (state === 'starting') telemetry.note(reason, { path: 'event', task: trigger.arn });
  const { identities = [] } = derivation ?? {};
  if (state === 'running' && derivation)
    return [{ trigger, identities, reason, state, derivation, actual }];
  if (state === 'stopping' || state === 'expired') return [{ trigger, identities, reason, state }];
  if (!isUnseen(one)) return [];
  return [{ trigger, identities: trigger.unseen ?? [], reason: UNSEEN, state: 'unseen' }];
};

const UNSEEN = 'ECS has described the task in none of its looks';

/**
 * Its event was made up, in all likelihood, so what it wrote is undone. Should ECS lag so far
 * behind, the next round registers the task.
 */
const isUnseen = (one: Observed) =>
  isMissing(one.state) && one.trigger.unseen !== undefined && isLastLook(one.trigger);

/**
 * Records that one batch takes out at most because ECS does not know their tasks any more: it may
 * be wrong about many. What is more is the reconciler's, which knows how many there are in all.
 */
export const MOST_EXPIRED = 10;

const withoutManyExpired = (
  decisions: readonly TaskDecision[],
  { telemetry }: SyncContext,
): readonly TaskDecision[] => {
  const expired = new Set(decisions.filter(({ state }) => state === 'expired'));
  const records = [...expired].reduce((sum, { identities }) => sum + identities.length, 0);
  if (records <= MOST_EXPIRED) return decisions;
  const what = `ECS does not know the tasks of ${records} records: left to the reconciler`;
  telemetry.note(what, { path: 'event' });
  return decisions.filter((decision) => !expired.has(decision));
};
