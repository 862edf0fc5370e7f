import { type Change, type ChangeResult, type Outcome, operationsOf, type Plan } from '../model/plan.ts';
import { KEY } from '../model/registration.ts';
import { refOf, taskOf } from '../plan/plan.ts';
import { mapBounded } from '../platform/concurrency.ts';
import type { Context } from '../platform/telemetry.ts';
import { withTimeout } from '../platform/timeout.ts';
import { failed, notAttempted } from '../registries/outcome.ts';
import type { Registry } from '../registries/registry.ts';
import { type Attempt, confirm } from './confirm.ts';
import type { SyncDeps } from './deps.ts';
import { toSlices } from './slices.ts';
import type { Truth } from './truth.ts';
import { apply, tell } from './write.ts';

/** When work ends, and when whatever must still be said ends too. */
export interface Signals {
  readonly working: AbortSignal;
  readonly closing: AbortSignal;
}

/** Slices at once: while one waits for its writes to be in force, others write. */
const SLICES_AT_ONCE = 3;

/**
 * Carries a plan out in slices: what is added or corrected first, each write followed to its end and confirmed with
 * ECS, then the removals. A running task's old records go last, and stay where their replacement did not come about.
 */
export const carryOut = async (
  registry: Registry,
  plan: Plan,
  truth: Truth,
  deps: SyncDeps,
  signals: Signals,
): Promise<readonly Outcome[]> => {
  const round: Round = { registry, truth, deps, signals };
  const isReplaced = (change: Change) => change.kind === 'remove' && truth.running.has(taskOf(change));
  const slices = toSlices(plan.changes.filter((change) => !isReplaced(change)));
  const outcomes = (await mapBounded(slices, SLICES_AT_ONCE, (slice) => carrySlice(slice, round))).flat();
  const unfinished = new Set([
    ...outcomes.filter((outcome) => !isInForce(outcome)).map(({ change }) => taskOf(change)),
    // A name that somebody else holds.
    ...plan.forbidden.filter(isWrite).map(taskOf),
    ...plan.waiting.map((record) => record.metadata[KEY.task] ?? ''),
  ]);
  const replaced = plan.changes.filter((change) => isReplaced(change) && !unfinished.has(taskOf(change)));
  return [...outcomes, ...(await carrySlice(replaced, round))];
};

interface Round {
  readonly registry: Registry;
  readonly truth: Truth;
  readonly deps: SyncDeps;
  readonly signals: Signals;
}

const isWrite = ({ kind }: Change) => kind !== 'remove';

const carrySlice = async (slice: readonly Change[], round: Round): Promise<readonly Outcome[]> => {
  const { registry, truth, deps, signals } = round;
  if (signals.working.aborted) return slice.map((change) => notAttempted(change));
  const written = await settle(slice.filter(isWrite), round);
  const corrected = await confirmWritten(written, round);
  const removed = await settle(
    slice.filter((change) => !isWrite(change)),
    round,
  );
  const outcomes = [...written, ...removed];
  const tasks = new Map(outcomes.map(({ change }) => [registry.key(refOf(change)), taskOf(change)]));
  const news = outcomes.filter((outcome) => isNews(outcome, registry, deps));
  tell(deps.telemetry, registry, news, (ref) => contextOf(truth, tasks.get(registry.key(ref))));
  if (news.length < outcomes.length)
    deps.telemetry.count('Failed', outcomes.length - news.length, registry.name);
  return [...outcomes, ...corrected];
};

/** A refusal stands until somebody changes something: thousands above a quota would each be told every minute. */
const isNews = (outcome: Outcome, registry: Registry, { memory }: SyncDeps) =>
  outcome.status !== 'refused' ||
  memory.isNews(`${registry.name} ${registry.key(refOf(outcome.change))} ${outcome.reason}`);

/** Makes the changes, and waits until they are in force. */
const settle = async (changes: readonly Change[], { registry, deps, signals }: Round) =>
  follow(registry, await apply(registry, changes, signals.working), deps, signals.working);

const isInForce = ({ status }: Outcome) => status === 'done' || status === 'unchanged';

const contextOf = (truth: Truth, task: string | undefined): Context => ({
  path: 'reconcile',
  cluster: truth.cluster,
  ...(task && { task }),
});

const POLL_MS = 500;
/** An operation of Cloud Map's takes a second or two; one that takes longer is looked at in the next round. */
const POLLS = 20;

/** Waits until accepted writes are in force, or for ten seconds. */
const follow = async (
  registry: Registry,
  outcomes: readonly Outcome[],
  { sleep }: SyncDeps,
  signal: AbortSignal,
) => {
  let pending = outcomes.flatMap(operationsOf);
  /** Undefined: nothing says whether it is in force. */
  const ended = new Map<string, ChangeResult | undefined>();
  for (let poll = 0; registry.follow && pending.length > 0 && poll < POLLS && !signal.aborted; poll++) {
    if (poll > 0) await sleep(POLL_MS);
    const answers = await registry.follow(pending, signal).catch(() => []);
    for (const answer of answers) {
      const { operation, status } = answer;
      if (status === 'done') ended.set(operation, { status });
      if (answer.status === 'failed') ended.set(operation, failed(answer.reason));
      // It stays pending, and the next round reads whether it is in force.
      if (status === 'forgotten') ended.set(operation, undefined);
    }
    pending = pending.filter((operation) => !ended.has(operation));
  }
  return outcomes.map((outcome): Outcome => {
    const { change, notes } = outcome;
    const result = ended.get(operationsOf(outcome)[0] ?? '');
    return result ? { change, ...(notes && { notes }), ...result } : outcome;
  });
};

/** Milliseconds for the confirmation of what was written when the time for work is over. */
const LAST_WORD_MS = 2_000;

/** Corrections are confirmed in their turn; a task that changes faster than this is the next round's. */
const CONFIRMATIONS = 3;

/** Whoever writes asks ECS again, also for what failed. Gives what was corrected. */
const confirmWritten = async (written: readonly Outcome[], round: Round): Promise<readonly Outcome[]> => {
  const { registry, deps, signals } = round;
  const corrected: Outcome[] = [];
  let attempted = attemptsOf(written, round);
  for (let pass = 0; pass < CONFIRMATIONS && attempted.size > 0; pass++) {
    const { working, closing } = signals;
    const signal = working.aborted ? withTimeout(LAST_WORD_MS, closing) : working;
    const write = async (_: Registry, changes: readonly Change[]) =>
      follow(registry, await apply(registry, changes, signal), deps, signal);
    // Whether a record goes whose task ECS has forgotten the next round judges, within the delete limit.
    const manner = { signal, write, mostForgotten: 0 };
    const [confirmed] = await confirm([{ registry, attempted }], deps, manner);
    corrected.push(...(confirmed?.corrections ?? []));
    attempted = attemptsOf(confirmed?.corrections ?? [], round);
  }
  return corrected;
};

/** What registers or sets a health, by task. */
const attemptsOf = (outcomes: readonly Outcome[], { truth }: Round) => {
  const attempted = new Map<string, Attempt>();
  for (const { change } of outcomes) {
    const task = truth.running.get(taskOf(change))?.task;
    if (change.kind === 'remove' || !task) continue;
    const known = attempted.get(task.arn);
    const records = [...(known?.records ?? []), change.record];
    const isNew = !change.before && known?.isNew !== false;
    attempted.set(task.arn, { task, records, isNew, context: contextOf(truth, task.arn) });
  }
  return attempted;
};
