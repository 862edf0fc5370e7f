import type { TaskArn } from '../../model/arn.ts';
import type { Change, Outcome } from '../../model/plan.ts';
import type { Registration } from '../../model/registration.ts';
import { difference } from '../../plan/diff.ts';
import { taskOf, toRemoval, underName } from '../../plan/plan.ts';
import type { LogContext } from '../../platform/telemetry.ts';
import type { Registry } from '../../registries/registry.ts';
import type { SyncContext } from '../context.ts';
import { derivationOf, type Observed, observeAndLog } from '../observe/observe.ts';
import { contradicts, type Derivation, type TaskRequest } from '../observe/task-request.ts';
import {
  CONTAINER_STOPPED,
  hasRecord,
  isMissing,
  isOfStopped,
  isUnread,
  type TaskState,
} from '../observe/task-state.ts';
import { logOutcomes, recordsOf } from './apply.ts';

/** A task of which something was written that registers it or sets its health. */
export interface Attempt {
  /** What the records were derived from. */
  readonly derivation: Derivation;
  /** What was written, whether or not it arrived. */
  readonly records: readonly Registration[];
  /** Nothing was there before: to take it out again is to undo one's own write. */
  readonly isNew: boolean;
  /** On its event's word alone, nothing being read before: what ECS does not name is taken back. */
  readonly isUnread: boolean;
  readonly context: LogContext;
}

/** A task of which something was taken out because of its event, before ECS was asked. */
export type EventRemoval = Pick<Attempt, 'derivation' | 'context'>;

/** What one registry was sent, by task. */
export interface Attempts {
  readonly registry: Registry;
  readonly attempted: ReadonlyMap<TaskArn, Attempt>;
  readonly removed: ReadonlyMap<TaskArn, EventRemoval>;
}

interface Written extends Pick<Attempt, 'derivation' | 'context'> {
  /** Whether its records were read before they were written. */
  readonly wasRead: boolean;
}

/** What is to be confirmed of writes; `writtenOf` says what each task's come from. */
export const attemptsOf = (
  registry: Registry,
  outcomes: readonly Outcome[],
  writtenOf: (task: TaskArn) => Written | undefined,
): Attempts => {
  const attempted = new Map<TaskArn, Attempt>();
  for (const { change } of outcomes) {
    const task = taskOf(change);
    const written = task && writtenOf(task);
    if (change.kind === 'remove' || !written) continue;
    const { wasRead, ...rest } = written;
    const { records = [], isNew = true } = attempted.get(task) ?? {};
    attempted.set(task, {
      ...rest,
      records: [...records, change.record],
      isNew: isNew && wasRead && !change.before,
      isUnread: !wasRead,
    });
  }
  return { registry, attempted, removed: new Map() };
};

/** What confirmation has found at one registry. */
export interface Confirmed {
  readonly registry: Registry;
  /** What was written again: a task that has stopped taken out, a health that has changed set. */
  readonly corrections: readonly Outcome[];
  /**
   * Tasks of which ECS's last answer says nothing yet, or says something else than was written; and
   * what it says.
   */
  readonly unsure: ReadonlyMap<TaskArn, TaskState | undefined>;
  /** Tasks whose event is not true: they run by ECS, or are not what the event says. */
  readonly contradicted: ReadonlySet<TaskArn>;
  /**
   * Tasks of which ECS has answered something else than their event says, which of the two is the
   * newer not being known. No answer speaks against no event.
   */
  readonly doubted: ReadonlySet<TaskArn>;
}

export interface ConfirmOptions extends Pick<LogContext, 'path'> {
  /** When to give up; asked for before each answer. */
  readonly signal: () => AbortSignal;
  /**
   * At most this many records of one registry that may have been there before are removed because
   * ECS does not know their tasks; if there are more, none is.
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
 * that has changed is written, and such a write is confirmed in its turn. What was taken out on an
 * event's word is asked for by the same call, and stays unsure unless ECS agrees. One DescribeTasks
 * a cluster and hundred tasks. One result for each registry, in their order.
 */
export const confirm = async (
  written: readonly Attempts[],
  context: SyncContext,
  options: ConfirmOptions,
): Promise<readonly Confirmed[]> => {
  const all = written.map((attempts): Confirming => {
    const { registry } = attempts;
    const found = {
      unsure: new Map(),
      contradicted: new Set<TaskArn>(),
      doubted: new Set<TaskArn>(),
    };
    return { registry, attempts, corrections: [], ...found };
  });
  for (let answer = 0; answer < MAX_ANSWERS && all.some(isOpen); answer++)
    await confirmOnce(all, context, options);
  return all;
};

interface Confirming extends Confirmed {
  /** What is to be confirmed still. */
  attempts: Attempts;
  readonly corrections: Outcome[];
  readonly unsure: Map<TaskArn, TaskState | undefined>;
  readonly contradicted: Set<TaskArn>;
  readonly doubted: Set<TaskArn>;
}

const isOpen = ({ attempts: { attempted, removed } }: Confirming) =>
  attempted.size + removed.size > 0;

const confirmOnce = async (
  all: readonly Confirming[],
  context: SyncContext,
  options: ConfirmOptions,
): Promise<void> => {
  const signal = options.signal();
  const attempts = all.map((one) => one.attempts);
  // Each task once, however many registries it was written to.
  const touched = new Map(attempts.flatMap(({ attempted, removed }) => [...removed, ...attempted]));
  const requests = [...touched.values()].map(toRequest);
  const now = await observeAndLog(requests, { ...AGAIN, path: options.path }, context, signal);
  const expired = attempts.map(({ attempted }) => countExpired(attempted, now));
  const keepsExpired = Math.max(0, ...expired) > options.mostExpired;
  const write = (registry: Registry, changes: readonly Change[]) =>
    options.write(registry, changes, signal);
  const found = { now, keepsExpired, path: options.path, write };
  await Promise.all(all.map((one) => correct(one, found, context)));
};

/** Of a task that stops the records are known. */
const AGAIN = { derives: 'running', hostStates: false } as const;

const toRequest = ({ derivation: written }: EventRemoval): TaskRequest => ({
  arn: written.task.arn,
  cluster: written.task.clusterArn,
  from: 'write',
  written,
});

/** Tasks as they are after the write. */
type Now = ReadonlyMap<TaskArn, Observed>;

const isLimited = ({ isNew }: Pick<Attempt, 'isNew'>, observed: Observed | undefined) =>
  !isNew && observed?.state.state === 'expired';

const countExpired = (attempted: Attempts['attempted'], now: Now): number =>
  [...attempted]
    .filter(([arn, attempt]) => isLimited(attempt, now.get(arn)))
    .reduce((sum, [, { records }]) => sum + records.length, 0);

interface Found extends Pick<ConfirmOptions, 'path'> {
  readonly now: Now;
  readonly keepsExpired: boolean;
  readonly write: (registry: Registry, changes: readonly Change[]) => Promise<readonly Outcome[]>;
}

/** Makes the corrections at one registry, and leaves what they write to be confirmed. */
const correct = async (
  one: Confirming,
  { now, keepsExpired, path, write }: Found,
  context: SyncContext,
): Promise<void> => {
  const { registry, unsure, contradicted, doubted } = one;
  const { attempted, removed } = one.attempts;
  const changes: Change[] = [];
  for (const [arn, attempt] of attempted) {
    const observed = now.get(arn);
    const its = correctionsFor(attempt, observed, registry, keepsExpired);
    changes.push(...its.changes);
    // Of a task that was asked about again the last answer counts.
    unsure.delete(arn);
    doubted.delete(arn);
    if (its.isUnsure) unsure.set(arn, observed?.state);
    if (its.isUnsure && !derivationOf(observed) && !isUnread(observed?.state)) doubted.add(arn);
    const answer = derivationOf(observed)?.task;
    if (answer && contradicts(answer, attempt.derivation.task)) contradicted.add(arn);
    for (const note of its.notes) context.telemetry.note(note, attempt.context);
  }
  for (const [arn, { derivation }] of removed) {
    if (attempted.has(arn)) continue;
    const observed = now.get(arn);
    const state = observed?.state;
    // Of what ECS does not know there is nothing to put back.
    if (state?.state === 'stopping' || isMissing(state)) continue;
    const { task } = derivation;
    const answer = derivationOf(observed)?.task;
    // A container has stopped of a task that runs: an answer in which it does not is outdated.
    if (answer && task.desiredStatus !== 'STOPPED' && !contradicts(answer, task)) continue;
    unsure.set(arn, state);
    // Without a version nothing says which of the two is the newer.
    if (state?.state === 'running' && task.version > 0) contradicted.add(arn);
    else if (!isUnread(state)) doubted.add(arn);
  }
  const corrections = changes.length > 0 ? await write(registry, changes) : [];
  const contextOf = (change: Change) => {
    const task = taskOf(change);
    return { path, ...(task && attempted.get(task)?.context) };
  };
  logOutcomes(context, registry, corrections, contextOf);
  one.corrections.push(...corrections);
  one.attempts = attemptsOf(registry, corrections, (task) => {
    const derivation = derivationOf(now.get(task));
    const before = attempted.get(task);
    return derivation && before && { derivation, context: before.context, wasRead: true };
  });
};

/** What ECS's answer makes of what was written of one task. */
interface Corrections {
  readonly changes: readonly Change[];
  /** The answer says nothing yet, or something else than was written: ECS is to be asked again. */
  readonly isUnsure: boolean;
  /** What was mapped or left out on the way. */
  readonly notes: readonly string[];
}

/**
 * What is to be corrected of what was written of one task, by what ECS says of it now.
 * `keepsExpired`: what may have been there before stays, though ECS does not know its task. Pure.
 */
export const correctionsFor = (
  attempt: Omit<Attempt, 'context'>,
  observed: Observed | undefined,
  registry: Registry,
  keepsExpired: boolean,
): Corrections => {
  const { records } = attempt;
  const state = observed?.state;
  const derivation = derivationOf(observed);
  const removing = (those: readonly Registration[], reason: string) =>
    those.map((record) => toRemoval(record, { reason }));
  const isKept = keepsExpired && isLimited(attempt, observed);
  if (state?.state === 'stopping' || (state?.state === 'expired' && !isKept))
    return { changes: removing(records, state.reason), isUnsure: false, notes: [] };
  if (!derivation) return { changes: [], isUnsure: true, notes: [] };
  if (derivation === attempt.derivation) return { changes: [], isUnsure: false, notes: [] };
  const notes: string[] = [];
  const wanted = recordsOf(registry, derivation.instances, (note) => notes.push(note));
  const stopped = records.filter((record) => isOfStopped(record, derivation));
  // What it has under no name by what ECS says of it.
  const isMadeUp = (record: Registration) =>
    !hasRecord(derivation, record, registry) && !isOfStopped(record, derivation);
  const madeUp = attempt.isUnread ? records.filter(isMadeUp) : [];
  const differences = compare(wanted, attempt, registry);
  const changes = [
    ...removing(stopped, CONTAINER_STOPPED),
    ...removing(madeUp, 'ECS does not say of the task what its event said'),
    ...differences,
  ];
  // Written again, so to be read again: the value read may be old by now.
  return { changes, isUnsure: differences.length + madeUp.length > 0, notes };
};

/** What differs between the records as written and as ECS would have them now. */
const compare = (
  wanted: readonly Registration[],
  { records, isUnread }: Pick<Attempt, 'records' | 'isUnread'>,
  { key }: Registry,
): Change[] => {
  const before = new Map(records.map((record) => [key(record), record]));
  return wanted.flatMap((record) => {
    const known = before.get(key(record));
    // What was written under an old name keeps it: renamings are limited, and not made here.
    return known ? (difference(isUnread ? record : underName(known, record), known) ?? []) : [];
  });
};
