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
  isUnread,
  type TaskState,
} from '../observe/task-state.ts';
import { logOutcomes, recordsOf } from './apply.ts';

/** What one registry was sent of a task, whether or not it arrived: it is to be confirmed. */
export interface Attempt {
  /** What the records were derived from. */
  readonly derivation: Derivation;
  /**
   * What was written. Nothing: something was taken out because of its event, before ECS was asked.
   */
  readonly records: readonly Registration[];
  /** Nothing was there before: to take it out again is to undo one's own write. */
  readonly isNew: boolean;
  /** On its event's word alone, nothing being read before: what ECS does not name is taken back. */
  readonly isUnread: boolean;
  readonly context: LogContext;
}

/** By task. */
export type Attempts = ReadonlyMap<TaskArn, Attempt>;

/** What a change comes from. */
export type ChangeOrigin = Pick<Attempt, 'derivation' | 'isUnread' | 'context'>;

/** What is to be confirmed of changes; of those that come from nothing that is known, nothing. */
export const attemptsOf = (
  sent: readonly (readonly [Change, ChangeOrigin | undefined])[],
): Attempts => {
  const attempts = new Map<TaskArn, Attempt>();
  for (const [change, origin] of sent) {
    // What is taken out after ECS was asked is confirmed by that.
    if (!origin || (change.kind === 'remove' && !origin.isUnread)) continue;
    const { arn } = origin.derivation.task;
    const { records = [], isNew = true } = attempts.get(arn) ?? {};
    const written = change.kind === 'remove' ? [] : [change.record];
    attempts.set(arn, {
      ...origin,
      records: [...records, ...written],
      isNew: isNew && !origin.isUnread && !change.before,
    });
  }
  return attempts;
};

/** What one registry was sent. */
export interface Sent {
  readonly registry: Registry;
  readonly attempts: Attempts;
}

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
  sent: readonly Sent[],
  context: SyncContext,
  options: ConfirmOptions,
): Promise<readonly Confirmed[]> => {
  const all = sent.map(({ registry, attempts }): Confirming => {
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

const isOpen = ({ attempts }: Confirming) => attempts.size > 0;

const confirmOnce = async (
  all: readonly Confirming[],
  context: SyncContext,
  options: ConfirmOptions,
): Promise<void> => {
  const signal = options.signal();
  const attempts = all.map((one) => one.attempts);
  // Each task once, however many registries it was written to.
  const touched = new Map(attempts.flatMap((one) => [...one]));
  const requests = [...touched.values()].map(toRequest);
  const now = await observeAndLog(requests, { ...AGAIN, path: options.path }, context, signal);
  const expired = attempts.map((one) => countExpired(one, now));
  const keepsExpired = Math.max(0, ...expired) > options.mostExpired;
  const write = (registry: Registry, changes: readonly Change[]) =>
    options.write(registry, changes, signal);
  const found = { now, keepsExpired, path: options.path, write };
  await Promise.all(all.map((one) => correct(one, found, context)));
};

/** Of a task that stops the records are known. */
const AGAIN = { derives: 'running', hostStates: false } as const;

const toRequest = ({ derivation: written }: Attempt): TaskRequest => ({
  arn: written.task.arn,
  cluster: written.task.clusterArn,
  from: 'write',
  written,
});

/** Tasks as they are after the write. */
type Now = ReadonlyMap<TaskArn, Observed>;

const isLimited = ({ isNew }: Pick<Attempt, 'isNew'>, observed: Observed | undefined) =>
  !isNew && observed?.state.state === 'expired';

const countExpired = (attempts: Attempts, now: Now): number =>
  [...attempts]
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
  const { registry, attempts, unsure, contradicted, doubted } = one;
  const changes: Change[] = [];
  for (const [arn, attempt] of attempts) {
    const observed = now.get(arn);
    const state = observed?.state;
    const answer = derivationOf(observed)?.task;
    const { task } = attempt.derivation;
    const its = correctionsFor(attempt, observed, registry, keepsExpired);
    changes.push(...its.changes);
    // Of a task that was asked about again the last answer counts.
    unsure.delete(arn);
    doubted.delete(arn);
    if (its.isUnsure) unsure.set(arn, state);
    const isRemoval = attempt.records.length === 0;
    // Without a version nothing says which of the two is the newer.
    const isRevived = its.isUnsure && state?.state === 'running' && task.version > 0;
    if (isRemoval ? isRevived : answer && contradicts(answer, task)) contradicted.add(arn);
    else if (its.isUnsure && (isRemoval || !answer) && !isUnread(state)) doubted.add(arn);
    for (const note of its.notes) context.telemetry.note(note, attempt.context);
  }
  const corrections = changes.length > 0 ? await write(registry, changes) : [];
  const attemptOf = (change: Change) => {
    const task = taskOf(change);
    return task && attempts.get(task);
  };
  logOutcomes(context, registry, corrections, (change) => ({
    path,
    ...attemptOf(change)?.context,
  }));
  one.corrections.push(...corrections);
  one.attempts = attemptsOf(
    corrections.map(({ change }) => {
      const attempt = attemptOf(change);
      const derivation = attempt && derivationOf(now.get(attempt.derivation.task.arn));
      return [change, derivation && { ...attempt, derivation, isUnread: false }];
    }),
  );
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
  if (records.length === 0)
    return { changes: [], isUnsure: !isAgreed(attempt.derivation, observed), notes: [] };
  const removing = (those: readonly Registration[], reason: string) =>
    those.map((record) => toRemoval(record, { reason }));
  const isKept = keepsExpired && isLimited(attempt, observed);
  if (state?.state === 'stopping' || (state?.state === 'expired' && !isKept))
    return { changes: removing(records, state.reason), isUnsure: false, notes: [] };
  if (!derivation) return { changes: [], isUnsure: true, notes: [] };
  if (derivation === attempt.derivation) return { changes: [], isUnsure: false, notes: [] };
  const notes: string[] = [];
  const wanted = recordsOf(registry, derivation.instances, (note) => notes.push(note));
  const isStopped = ({ id }: Registration) => derivation.stoppedIds.has(id);
  // What it has under no name by what ECS says of it.
  const isMadeUp = (record: Registration) =>
    attempt.isUnread && !hasRecord(derivation, record, registry) && !isStopped(record);
  const madeUp = records.filter(isMadeUp);
  const differences = compare(wanted, attempt, registry);
  const changes = [
    ...removing(records.filter(isStopped), CONTAINER_STOPPED),
    ...removing(madeUp, 'ECS does not say of the task what its event said'),
    ...differences,
  ];
  // Written again, so to be read again: the value read may be old by now.
  return { changes, isUnsure: differences.length + madeUp.length > 0, notes };
};

/** Whether ECS's answer agrees to a removal. Of what it does not know nothing is to be put back. */
const isAgreed = ({ task }: Derivation, observed: Observed | undefined): boolean => {
  const state = observed?.state;
  if (state?.state === 'stopping' || isMissing(state)) return true;
  const answer = derivationOf(observed)?.task;
  // A container has stopped of a task that runs: an answer in which it does not is outdated.
  return answer !== undefined && task.desiredStatus !== 'STOPPED' && !contradicts(answer, task);
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
