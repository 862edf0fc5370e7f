import type { Change } from '../model/plan.ts';
import type { Registration } from '../model/registration.ts';
import type { Task } from '../model/task.ts';
import { difference } from '../plan/diff.ts';
import type { SyncDeps } from './deps.ts';
import { type Derivation, deriveTasks } from './derive-tasks.ts';
import { describeByCluster, isLongGone } from './describe.ts';
import { isRunning, type Sight } from './sight.ts';
import { apply, isSettled, tell } from './write.ts';
import { add, contextOf, fitAll, type Written } from './write-sights.ts';

/** Tasks not at rest, by registry. */
export type Unsettled = ReadonlyMap<string, readonly string[]>;

/** What ECS's second word means for one task that was written. */
type Verdict =
  | { readonly kind: 'undo'; readonly reason: string }
  | { readonly kind: 'again' }
  | { readonly kind: 'compare'; readonly task: Task };

/**
 * The read after the write. Whoever registers asks ECS again, also for what failed or timed out, since it may have
 * landed: a task that stopped in between is taken out, a health that changed is written. One DescribeTasks a batch.
 * Returns what must be looked at again, per registry.
 */
export const confirm = async (
  writes: readonly Written[],
  deps: SyncDeps,
  signal: AbortSignal,
): Promise<readonly Unsettled[]> => {
  const sights = new Map(
    writes.flatMap(({ attempted }) => [...attempted].map(([arn, { sight }]) => [arn, sight])),
  );
  if (sights.size === 0) return writes.map(() => new Map());
  const found = await describeByCluster(
    [...sights.values()].map(({ work }) => work),
    deps,
    signal,
  );
  const verdicts = new Map(
    [...sights].map(([arn, sight]) => [
      arn,
      judge(sight, found.tasks.get(arn), found.missing.has(arn), deps.now()),
    ]),
  );
  const running = [...verdicts.values()].flatMap((verdict) =>
    verdict.kind === 'compare' ? [verdict.task] : [],
  );
  const { source, config } = deps;
  const now = await deriveTasks(running, { source, rules: config.rules, hostStates: false }, signal);
  return Promise.all(writes.map((written) => settle(written, { verdicts, now: now.derived }, deps, signal)));
};

const judge = (sight: Sight, task: Task | undefined, missing: boolean, now: number): Verdict => {
  const told = sight.derived.task;
  if (missing && isLongGone(told.startedAt ?? told.createdAt, now)) {
    return { kind: 'undo', reason: 'ECS does not know the task any more' };
  }
  // Missing though young, unreadable, or an answer from before the event: a lagging read, which changes nothing.
  if (!task || task.version < told.version) return { kind: 'again' };
  if (task.desiredStatus === 'STOPPED')
    return { kind: 'undo', reason: 'task stopped while it was registered' };
  return isRunning(task) ? { kind: 'compare', task } : { kind: 'again' };
};

interface Judged {
  readonly verdicts: ReadonlyMap<string, Verdict>;
  readonly now: ReadonlyMap<string, Derivation>;
}

const settle = async (
  { registry, attempted }: Written,
  { verdicts, now }: Judged,
  deps: SyncDeps,
  signal: AbortSignal,
): Promise<Unsettled> => {
  const unsettled = new Map<string, readonly string[]>();
  const changes: Change[] = [];
  const owner = new Map<string, Sight>();
  for (const [arn, { sight, records }] of attempted) {
    const verdict = verdicts.get(arn);
    const derived = now.get(arn);
    for (const record of records) owner.set(registry.key(record), sight);
    if (verdict?.kind === 'undo') changes.push(...undo(records, verdict.reason));
    else if (verdict?.kind !== 'compare' || !derived) unsettled.set(arn, []);
    else {
      const fitted = fitAll(registry, { ...sight, derived }, deps);
      const corrections = correct(fitted, records, registry.key);
      changes.push(...corrections);
      // Written again, so read again: the value read may be old by now.
      if (corrections.length > 0) unsettled.set(arn, []);
    }
  }
  const outcomes = await apply(registry, changes, signal);
  tell(deps.telemetry, registry, outcomes, (ref) => contextOf(owner.get(registry.key(ref))?.work));
  for (const outcome of outcomes) {
    const { change } = outcome;
    const arn = owner.get(registry.key(change.kind === 'remove' ? change.ref : change.record))?.work.arn;
    if (arn === undefined || isSettled(outcome)) continue;
    add(unsettled, arn, outcome.operation ? [outcome.operation] : []);
  }
  return unsettled;
};

const undo = (records: readonly Registration[], reason: string): Change[] =>
  records.map(({ service, id, cluster }) => ({ kind: 'remove', ref: { service, id, cluster }, reason }));

/** What differs between the record as written and as ECS would have it now. */
const correct = (
  fitted: readonly Registration[],
  written: readonly Registration[],
  key: (record: Registration) => string,
): Change[] => {
  const before = new Map(written.map((record) => [key(record), record]));
  return fitted.flatMap((record) => {
    const known = before.get(key(record));
    return known ? (difference(record, known) ?? []) : [];
  });
};
