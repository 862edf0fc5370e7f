import type { Change, Outcome } from '../model/plan.ts';
import type { Registration } from '../model/registration.ts';
import type { Task } from '../model/task.ts';
import { difference } from '../plan/diff.ts';
import type { Context } from '../platform/telemetry.ts';
import type { Registry } from '../registries/registry.ts';
import type { SyncDeps } from './deps.ts';
import { type Derivation, deriveTasks } from './derive-tasks.ts';
import { describeByCluster, FORGOTTEN, isLongGone } from './describe.ts';
import { isRunning } from './sight.ts';
import { fitAll, tell } from './write.ts';

/** A task of which something was written that registers it or sets its health. */
export interface Attempt {
  /** As it was known when it was written. */
  readonly task: Task;
  /** What was written, whether or not it arrived. */
  readonly records: readonly Registration[];
  /** Nothing was there before: to take it out again is to undo one's own write. */
  readonly isNew?: boolean;
  readonly context: Context;
}

/** What one registry was sent, by task. */
export interface Attempts {
  readonly registry: Registry;
  readonly attempted: ReadonlyMap<string, Attempt>;
}

export interface Confirmed {
  /** What was written again: a task that has stopped taken out, a health that has changed set. */
  readonly corrections: readonly Outcome[];
  /** Tasks of which ECS's answer says nothing yet, or says something else than was written. */
  readonly unsure: ReadonlySet<string>;
  /** Those of them that ECS does not know, or not yet. */
  readonly missing: ReadonlySet<string>;
}

export interface Manner {
  readonly signal: AbortSignal;
  /** Of records that may have been there before, as many go at most because ECS does not know their tasks. */
  readonly mostForgotten: number;
  /** How corrections are made: the event path writes them, the reconciler follows them to their end besides. */
  readonly write: (registry: Registry, changes: readonly Change[]) => Promise<readonly Outcome[]>;
}

/** What ECS's second answer means for one task that was written. */
type Verdict =
  | { readonly kind: 'undo'; readonly reason: string }
  | { readonly kind: 'unsure' }
  | { readonly kind: 'compare'; readonly task: Task };

/**
 * The read after the write. Whoever registers or sets a health asks ECS again, also for what failed or timed out,
 * since it may have landed: a task that stopped in between is taken out, a health that changed is written. One
 * DescribeTasks a cluster and hundred tasks. One answer for each registry, in their order.
 */
export const confirm = async (
  written: readonly Attempts[],
  deps: SyncDeps,
  manner: Manner,
): Promise<readonly Confirmed[]> => {
  const tasks = new Map(
    written.flatMap(({ attempted }) => [...attempted].map(([arn, { task }]) => [arn, task])),
  );
  if (tasks.size === 0)
    return written.map(() => ({ corrections: [], unsure: new Set(), missing: new Set() }));
  const wanted = [...tasks.values()].map(({ arn, clusterArn }) => ({ arn, cluster: clusterArn }));
  const found = await describeByCluster(wanted, deps, manner.signal);
  const verdicts = new Map<string, Verdict>(
    [...tasks].map(([arn, told]) => [
      arn,
      judge(told, found.tasks.get(arn), found.missing.has(arn), deps.now()),
    ]),
  );
  const keepsForgotten = forgottenAt(written, verdicts) > manner.mostForgotten;
  const running = [...verdicts.values()].flatMap((verdict) =>
    verdict.kind === 'compare' ? [verdict.task] : [],
  );
  const { source, config } = deps;
  const options = { source, rules: config.rules, hostStates: false };
  const { derived } = await deriveTasks(running, options, manner.signal);
  const answer = { verdicts, derived, missing: found.missing, keepsForgotten };
  return Promise.all(written.map((one) => correct(one, answer, deps, manner)));
};

/** Records of forgotten tasks at the registry that has most of them. */
const forgottenAt = (written: readonly Attempts[], verdicts: ReadonlyMap<string, Verdict>): number => {
  const counts = written.map(({ attempted }) =>
    [...attempted]
      .filter(([arn, attempt]) => isLimited(attempt, verdicts.get(arn)))
      .reduce((sum, [, { records }]) => sum + records.length, 0),
  );
  return Math.max(0, ...counts);
};

const isLimited = ({ isNew }: Attempt, verdict: Verdict | undefined) =>
  !isNew && verdict?.kind === 'undo' && verdict.reason === FORGOTTEN;

const judge = (told: Task, task: Task | undefined, missing: boolean, now: number): Verdict => {
  if (missing && isLongGone(told.startedAt ?? told.createdAt, now)) {
    return { kind: 'undo', reason: FORGOTTEN };
  }
  // Missing though young, unreadable, or an answer from before the event: a lagging read, which changes nothing.
  if (!task || task.version < told.version) return { kind: 'unsure' };
  if (task.desiredStatus === 'STOPPED')
    return { kind: 'undo', reason: 'task stopped while it was registered' };
  return isRunning(task) ? { kind: 'compare', task } : { kind: 'unsure' };
};

interface Answer {
  readonly missing: ReadonlySet<string>;
  readonly verdicts: ReadonlyMap<string, Verdict>;
  readonly derived: ReadonlyMap<string, Derivation>;
  /** Too many are forgotten for this to be believed here. */
  readonly keepsForgotten: boolean;
}

const correct = async (
  { registry, attempted }: Attempts,
  { verdicts, derived, missing, keepsForgotten }: Answer,
  deps: SyncDeps,
  { write }: Manner,
): Promise<Confirmed> => {
  const unsure = new Set<string>();
  const changes: Change[] = [];
  const contexts = new Map<string, Context>();
  for (const [arn, attempt] of attempted) {
    const { records, context } = attempt;
    const told = verdicts.get(arn);
    const verdict = keepsForgotten && isLimited(attempt, told) ? undefined : told;
    const now = derived.get(arn);
    for (const record of records) contexts.set(registry.key(record), context);
    if (verdict?.kind === 'undo') changes.push(...undo(records, verdict.reason));
    else if (verdict?.kind !== 'compare' || !now) unsure.add(arn);
    else {
      const differences = compare(fitAll(registry, now, context, deps), records, registry.key);
      changes.push(...differences);
      // Written again, so to be read again: the value read may be old by now.
      if (differences.length > 0) unsure.add(arn);
    }
  }
  const corrections = changes.length > 0 ? await write(registry, changes) : [];
  const contextOf = (key: string) => contexts.get(key) ?? { path: 'event' as const };
  tell(deps.telemetry, registry, corrections, (ref) => contextOf(registry.key(ref)));
  return { corrections, unsure, missing: new Set([...unsure].filter((arn) => missing.has(arn))) };
};

const undo = (records: readonly Registration[], reason: string): Change[] =>
  records.map((record) => {
    const { service, id, cluster } = record;
    return { kind: 'remove', ref: { service, id, cluster }, before: record, reason };
  });

/** What differs between the records as written and as ECS would have them now. */
const compare = (
  wanted: readonly Registration[],
  written: readonly Registration[],
  key: (record: Registration) => string,
): Change[] => {
  const before = new Map(written.map((record) => [key(record), record]));
  return wanted.flatMap((record) => {
    const known = before.get(key(record));
    return known ? (difference(record, known) ?? []) : [];
  });
};
