import { hasHealthCheck } from '../../derive/needs.ts';
import type { Change, Outcome } from '../../model/plan.ts';
import type { Registration } from '../../model/registration.ts';
import type { Task } from '../../model/task.ts';
import { difference } from '../../plan/diff.ts';
import { taskOf, toRemoval, underName } from '../../plan/plan.ts';
import type { LogContext } from '../../platform/telemetry.ts';
import type { Registry } from '../../registries/registry.ts';
import type { SyncContext } from '../context.ts';
import { askEcs } from '../observe/ask-ecs.ts';
import { type Derivation, derivationsIn, deriveTasks } from '../observe/derivation.ts';
import { isMissing, startOf, type TaskState, taskState } from '../observe/task-state.ts';
import { fitInstances, logOutcomes } from './apply.ts';

/** A task of which something was written that registers it or sets its health. */
export interface Attempt {
  /** What the records were derived from. */
  readonly derivation: Derivation;
  /** What was written, whether or not it arrived. */
  readonly records: readonly Registration[];
  /** Nothing was there before: to take it out again is to undo one's own write. */
  readonly isNew?: boolean;
  readonly context: LogContext;
}

/** What one registry was sent, by task. */
export interface Attempts {
  readonly registry: Registry;
  readonly attempted: ReadonlyMap<string, Attempt>;
}

export interface Confirmed {
  /** What was written again: a task that has stopped taken out, a health that has changed set. */
  readonly corrections: readonly Outcome[];
  /** Tasks of which ECS's last answer says nothing yet, or says something else than was written. */
  readonly unsure: ReadonlySet<string>;
  /** Those of them that ECS does not know, or not yet. */
  readonly missing: ReadonlySet<string>;
}

export interface ConfirmOptions {
  /** When to give up; asked for before each answer. */
  readonly signal: () => AbortSignal;
  /**
   * Of records that may have been there before, as many go at most because ECS does not know their
   * tasks.
   */
  readonly mostExpired: number;
  /**
   * How corrections are made: the event path writes them, the reconciler follows them to their end
   * besides.
   */
  readonly write: (
    registry: Registry,
    changes: readonly Change[],
    signal: AbortSignal,
  ) => Promise<readonly Outcome[]>;
}

/**
 * Answers of ECS to one write and its corrections: a task that changes faster than this is left
 * unsure.
 */
const MAX_ANSWERS = 3;

/**
 * The read after the write. Whoever registers or sets a health asks ECS again, also for what failed
 * or timed out, since it may have landed: a task that has stopped meanwhile is taken out, a health
 * that has changed is written, and such a write is confirmed in its turn. One DescribeTasks a
 * cluster and hundred tasks. One result for each registry, in their order.
 */
export const confirm = async (
  written: readonly Attempts[],
  context: SyncContext,
  options: ConfirmOptions,
): Promise<readonly Confirmed[]> => {
  let attempts = written;
  let results: readonly Confirmed[] = written.map(() => NOTHING);
  for (let answer = 0; answer < MAX_ANSWERS && attempts.some(isAny); answer++) {
    const answered = await confirmOnce(attempts, context, options);
    results = results.map((known, at) => merge(known, attempts[at], answered[at]));
    attempts = answered.map(({ next }) => next);
  }
  return results;
};

const NOTHING: Confirmed = { corrections: [], unsure: new Set(), missing: new Set() };

const isAny = ({ attempted }: Attempts) => attempted.size > 0;

/** Of a task that was asked about again the last answer counts. */
const merge = (known: Confirmed, asked?: Attempts, answered?: Confirmed): Confirmed => {
  const kept = (arns: ReadonlySet<string>) => [...arns].filter((arn) => !asked?.attempted.has(arn));
  const { corrections, unsure, missing } = answered ?? NOTHING;
  return {
    corrections: [...known.corrections, ...corrections],
    unsure: new Set([...kept(known.unsure), ...unsure]),
    missing: new Set([...kept(known.missing), ...missing]),
  };
};

interface Answered extends Confirmed {
  /** What the corrections register or whose health they set: to be confirmed. */
  readonly next: Attempts;
}

const confirmOnce = async (
  written: readonly Attempts[],
  context: SyncContext,
  options: ConfirmOptions,
): Promise<readonly Answered[]> => {
  const signal = options.signal();
  const tasks = new Map(
    written.flatMap(({ attempted }) =>
      [...attempted].map(([arn, { derivation }]) => [arn, derivation] as const),
    ),
  );
  const now = await observeAgain(tasks, context, signal);
  const expired = written.map(({ attempted }) => countExpired(attempted, now));
  const keepsExpired = Math.max(0, ...expired) > options.mostExpired;
  const write = (registry: Registry, changes: readonly Change[]) =>
    options.write(registry, changes, signal);
  const found = { now, keepsExpired, write };
  return Promise.all(written.map((attempts) => correct(attempts, found, context)));
};

/** Tasks as they are after the write. */
interface Now {
  readonly states: ReadonlyMap<string, TaskState>;
  /** Of running tasks. */
  readonly derived: ReadonlyMap<string, Derivation>;
}

const observeAgain = async (
  written: ReadonlyMap<string, Derivation>,
  context: SyncContext,
  signal: AbortSignal,
): Promise<Now> => {
  const tasks = [...written.values()].map(({ task }) => task);
  const wanted = tasks.map(({ arn, clusterArn }) => ({ arn, cluster: clusterArn }));
  const answers = await askEcs(wanted, context, signal);
  const states = new Map(
    tasks.map((known) => {
      const answer = answers.answerTo(known.arn);
      const seen = { answer, known, startedAt: startOf(known), hasRun: true };
      return [known.arn, taskState(seen, context.now())];
    }),
  );
  const running = answers.tasks.filter(({ arn }) => states.get(arn)?.state === 'running');
  const derived = new Map<string, Derivation>();
  const changed: Task[] = [];
  for (const task of running) {
    const before = written.get(task.arn);
    if (before && derivesAlike(before, task)) derived.set(task.arn, before);
    else changed.push(task);
  }
  const { source, config } = context;
  const options = { source, rules: config.rules, hostStates: false };
  for (const one of derivationsIn(await deriveTasks(changed, options, signal)))
    derived.set(one.task.arn, one);
  return { states, derived };
};

/** Whether a task still derives the same: deriving costs more than to compare what it goes by. */
const derivesAlike = ({ task, definition }: Derivation, now: Task): boolean =>
  // Events lack the health, which says nothing where nothing is checked.
  hasHealthCheck(definition)
    ? textOf(task) === textOf(now)
    : textOf(withoutHealth(task)) === textOf(withoutHealth(now));

const textOf = (task: Task) =>
  JSON.stringify({ ...task, version: 0, desiredStatus: '', lastStatus: '' });

const withoutHealth = ({ health: _, ...task }: Task): Task => ({
  ...task,
  containers: task.containers.map(({ health: _health, ...container }) => container),
});

const isLimited = ({ isNew }: Attempt, state: TaskState | undefined) =>
  !isNew && state?.state === 'expired';

const countExpired = (attempted: Attempts['attempted'], { states }: Now): number =>
  [...attempted]
    .filter(([arn, attempt]) => isLimited(attempt, states.get(arn)))
    .reduce((sum, [, { records }]) => sum + records.length, 0);

interface Found {
  readonly now: Now;
  readonly keepsExpired: boolean;
  readonly write: (registry: Registry, changes: readonly Change[]) => Promise<readonly Outcome[]>;
}

const correct = async (
  { registry, attempted }: Attempts,
  { now, keepsExpired, write }: Found,
  context: SyncContext,
): Promise<Answered> => {
  const changes: Change[] = [];
  const unsure = new Set<string>();
  for (const [arn, attempt] of attempted) {
    const { records } = attempt;
    const state = now.states.get(arn);
    const derivation = now.derived.get(arn);
    const isKept = keepsExpired && isLimited(attempt, state);
    if (state?.state === 'stopping' || (state?.state === 'expired' && !isKept)) {
      changes.push(...records.map((record) => toRemoval(record, { reason: state.reason })));
    } else if (derivation && derivation !== attempt.derivation) {
      const wanted = fitInstances(registry, derivation, attempt.context, context);
      const differences = compare(wanted, records, registry);
      changes.push(...differences);
      // Written again, so to be read again: the value read may be old by now.
      if (differences.length > 0) unsure.add(arn);
    } else if (!derivation) unsure.add(arn);
  }
  const corrections = changes.length > 0 ? await write(registry, changes) : [];
  const attemptOf = (change: Change) => attempted.get(taskOf(change));
  logOutcomes(context, registry, corrections, (change) => attemptOf(change)?.context ?? EVENT);
  const missing = new Set([...unsure].filter((arn) => isMissing(now.states.get(arn))));
  const next = new Map<string, Attempt>();
  for (const { change } of corrections) {
    const derivation = now.derived.get(taskOf(change));
    const before = attemptOf(change);
    if (change.kind === 'remove' || !derivation || !before) continue;
    const records = [...(next.get(derivation.task.arn)?.records ?? []), change.record];
    next.set(derivation.task.arn, { derivation, records, context: before.context });
  }
  return { corrections, unsure, missing, next: { registry, attempted: next } };
};

const EVENT: LogContext = { path: 'event' };

/** What differs between the records as written and as ECS would have them now. */
const compare = (
  wanted: readonly Registration[],
  written: readonly Registration[],
  { key }: Registry,
): Change[] => {
  const before = new Map(written.map((record) => [key(record), record]));
  return wanted.flatMap((record) => {
    const known = before.get(key(record));
    // What was written under an old name keeps it: renamings are limited, and not made here.
    return known ? (difference(underName(known, record), known) ?? []) : [];
  });
};
