import { withTimeout } from '../platform/timeout.ts';
import { applyChanges } from './apply/apply.ts';
import { type Applied, applyDecisions, logContextOf } from './apply/apply-decisions.ts';
import { type Confirmed, confirm } from './apply/confirm.ts';
import { withGracePeriod } from './apply/grace-period.ts';
import type { FollowedTriggers } from './apply/operations.ts';
import type { EventContext } from './context.ts';
import { decide, MOST_EXPIRED, type TaskDecision } from './observe/decide.ts';
import { unsettledAfter } from './requeue/unsettled.ts';
import { isLook, type TaskTrigger, type Unsettled } from './trigger/task-trigger.ts';
import { type Delivery, readTriggers } from './trigger/trigger.ts';

/**
 * One batch of the event queue, through the controller's stages: trigger, observe, plan, apply,
 * confirm, requeue. Returns the ids of the messages that must be handed out again: those that
 * cannot be read, and those whose look could not be queued. Nothing else fails a message, least of
 * all a registry that is down.
 */
export const handleBatch = async (
  deliveries: readonly Delivery[],
  context: EventContext,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const { triggers, failed, followed, decided } = await withTimeout(READ_MS, signal, (limited) =>
    read(deliveries, context, limited),
  );
  logReasons(decided.decisions, context);
  const applied = await withTimeout(WRITE_MS, signal, (limited) =>
    applyEverywhere(decided.decisions, context, limited),
  );
  const confirmed = await withTimeout(CONFIRM_MS, signal, (limited) =>
    confirmEverywhere(applied, context, limited),
  );
  const open = [...followed.open, ...unsettledAfter(decided, applied, confirmed)];
  const unqueued = await requeueAll(open, context, signal);
  remember({ triggers, decisions: decided.decisions, confirmed, unqueued }, context);
  return [...new Set([...failed, ...unqueued.flatMap(({ messageIds }) => messageIds)])];
};

/**
 * Milliseconds. Neither AWS nor a registry may take longer: together they leave 8 of the function's
 * 30 s to queue the looks, of which one try takes up to 5.
 */
const READ_MS = 7_000;
/**
 * Of that: what is not known by then is asked again, and everything else in the batch waits for it.
 */
const FOLLOW_MS = 2_000;
const WRITE_MS = 9_000;
const CONFIRM_MS = 6_000;

/** What is before the first write. */
const read = async (
  deliveries: readonly Delivery[],
  context: EventContext,
  signal: AbortSignal,
) => {
  const { triggers, failed } = await readTriggers(deliveries, context, signal);
  const followed = await follow(triggers, context, signal);
  const decided = await decide(followed.triggers, context, signal);
  return { triggers, failed, followed, decided };
};

/** Loaded where a look has come: no other start pays for it. */
const follow = async (
  triggers: readonly TaskTrigger[],
  context: EventContext,
  signal: AbortSignal,
): Promise<FollowedTriggers> => {
  const waits = ({ targets }: TaskTrigger) =>
    [...targets.values()].some(({ operations }) => operations.length > 0);
  if (!triggers.some((one) => isLook(one) || waits(one))) return { triggers, open: [] };
  const { followOperations } = await import('./apply/operations.ts');
  return withTimeout(FOLLOW_MS, signal, (limited) => followOperations(triggers, context, limited));
};

const logReasons = (decisions: readonly TaskDecision[], { telemetry }: EventContext) => {
  for (const one of decisions) {
    if (one.action !== 'register') continue;
    const context = logContextOf(one.trigger);
    for (const skip of one.derivation.skips) telemetry.skip(skip, context);
    for (const note of one.derivation.notes) telemetry.note(note, context);
  }
};

const applyEverywhere = (
  decisions: readonly TaskDecision[],
  context: EventContext,
  signal: AbortSignal,
): Promise<readonly Applied[]> => {
  const run = withGracePeriod(context, signal);
  return Promise.all(
    context.registries.map((registry) => applyDecisions(registry, decisions, context, run)),
  );
};

const confirmEverywhere = (
  applied: readonly Applied[],
  context: EventContext,
  signal: AbortSignal,
): Promise<readonly Confirmed[]> => {
  const run = withGracePeriod(context, signal);
  return confirm(applied, context, {
    path: 'event',
    signal: () => signal,
    mostExpired: MOST_EXPIRED,
    write: (registry, changes) =>
      run(registry, (limited) => applyChanges(registry, changes, limited)),
  });
};

/** Loaded where something is left open: no other start pays for it. */
const requeueAll = async (
  open: readonly Unsettled[],
  context: EventContext,
  signal: AbortSignal,
): Promise<readonly TaskTrigger[]> => {
  if (open.length === 0) return [];
  const { requeue } = await import('./requeue/requeue.ts');
  return requeue(open, context, signal);
};

interface Handled {
  readonly triggers: readonly TaskTrigger[];
  readonly decisions: readonly TaskDecision[];
  readonly confirmed: readonly Confirmed[];
  readonly unqueued: readonly TaskTrigger[];
}

/**
 * What was handled, so that it is not handled again; what comes again must not be taken for
 * handled, nor an event for true that ECS contradicts.
 */
const remember = (
  { triggers, decisions, confirmed, unqueued }: Handled,
  { handled, telemetry, now }: EventContext,
) => {
  for (const { event } of triggers) if (event) handled.add(event.task, now());
  for (const one of decisions)
    if (one.action === 'register' && one.actual === 'fetched')
      handled.correct(one.derivation.task, now());
  for (const arn of confirmed.flatMap(({ doubted }) => [...doubted])) handled.doubt(arn);
  for (const arn of new Set(confirmed.flatMap(({ contradicted }) => [...contradicted]))) {
    const what = `an event says of task ${arn} what ECS contradicts`;
    telemetry.fault(what, 'it is looked at again', { path: 'event', task: arn });
    handled.delete(arn);
  }
  for (const { arn } of unqueued) handled.delete(arn);
};
