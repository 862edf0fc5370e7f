import { hasHealthCheck } from '../derive/needs.ts';
import type { Task } from '../model/task.ts';
import { mayWriteBlind } from '../plan/policy.ts';
import type { Context } from '../platform/telemetry.ts';
import type { Work } from './collect.ts';
import type { SyncDeps } from './deps.ts';
import { type Derivation, deriveTasks } from './derive-tasks.ts';
import { describeByCluster, FORGOTTEN, isLongGone, MOST_FORGOTTEN } from './describe.ts';

/** What is to be done about one task, and on whose word. */
export interface Sight {
  readonly work: Work;
  readonly derived: Derivation;
  readonly action: 'register' | 'remove';
  /** Written without a look at the registry first. A removal always is. */
  readonly blind: boolean;
  readonly reason: string;
}

export interface Sights {
  readonly sights: readonly Sight[];
  /** Could not be judged just now (ECS throttled, an answer behind the event): to be looked at again. */
  readonly unsettled: readonly Work[];
  /** Those of them that ECS does not know, or not yet. */
  readonly missing: ReadonlySet<string>;
}

/**
 * Decides what each task needs. A stop is believed as it comes; a fresh start that carries all it takes is too,
 * and is confirmed after the write. Everything else is read from ECS first.
 */
export const see = async (works: readonly Work[], deps: SyncDeps, signal: AbortSignal): Promise<Sights> => {
  const byEvent = works.filter(isToldByEvent);
  const told = await deriveFor(
    byEvent.flatMap(({ event }) => event?.task ?? []),
    deps,
    { hostStates: false },
    signal,
  );
  const sights: Sight[] = [];
  const unsettled: Work[] = [];
  const toDescribe: Work[] = works.filter((work) => !isToldByEvent(work));
  for (const work of byEvent) {
    const task = work.event?.task;
    const derived = told.derived.get(work.arn);
    if (!task || told.gone.has(work.arn)) continue;
    if (!derived) unsettled.push(work);
    else if (task.desiredStatus === 'STOPPED') sights.push(removal(work, derived, 'task is stopping'));
    else if (!isRunning(task)) {
      // Another event will come; only a look that met it here must go on.
      if (hasLooks(work)) toDescribe.push(work);
      else tellOnItsWay(task, deps);
    } else if (isSelfContained(work, derived, deps)) {
      sights.push({ work, derived, action: 'register', blind: true, reason: 'task is running' });
    } else toDescribe.push(work);
  }
  const read = await readFirst(toDescribe, told.derived, deps, signal);
  const judged = withinLimit(read.sights, deps);
  return { ...read, sights: [...sights, ...judged], unsettled: [...unsettled, ...read.unsettled] };
};

/** ECS that knows none of many tasks may be wrong: then the reconciler removes, within the delete limit. */
const withinLimit = (sights: readonly Sight[], { telemetry }: SyncDeps): readonly Sight[] => {
  const isForgotten = ({ reason }: Sight) => reason === FORGOTTEN;
  const forgotten = sights.filter(isForgotten);
  const records = forgotten.reduce((sum, { derived }) => sum + derived.identities.length, 0);
  if (records <= MOST_FORGOTTEN) return sights;
  const what = `ECS does not know the tasks of ${records} records: left to the reconciler`;
  telemetry.note(what, { path: 'event' });
  return sights.filter((sight) => !isForgotten(sight));
};

/** What is known of the host makes a start doubtful, and a stop only surer. */
const isToldByEvent = ({ event, hostDown }: Work) =>
  event !== undefined && (!hostDown || event.task.desiredStatus === 'STOPPED');

export const isRunning = (task: Task) => task.desiredStatus === 'RUNNING' && task.lastStatus === 'RUNNING';

const hasLooks = (work: Work) => [...work.targets.values()].some(({ look }) => look >= 0);

/** Whether the event alone is enough for the first write. Without instances it may lack what ECS can tell. */
const isSelfContained = ({ event }: Work, derived: Derivation, { config, now }: SyncDeps) =>
  event?.fresh === true &&
  // One that has run for a while may be registered under a name that this write would take out.
  now() - (event.task.startedAt ?? now()) < YOUNG_MS &&
  mayWriteBlind(config.policy) &&
  !hasHealthCheck(derived.definition) &&
  derived.skips.every(({ code }) => !LACKING.has(code));

const YOUNG_MS = 300_000;

const LACKING: ReadonlySet<string> = new Set(['no-address', 'no-binding', 'host-unknown']);

const removal = (work: Work, derived: Derivation, reason: string): Sight => ({
  work,
  derived,
  action: 'remove',
  blind: true,
  reason,
});

const readFirst = async (
  works: readonly Work[],
  told: ReadonlyMap<string, Derivation>,
  deps: SyncDeps,
  signal: AbortSignal,
): Promise<Sights> => {
  if (works.length === 0) return { sights: [], unsettled: [], missing: new Set() };
  const described = await describeByCluster(works, deps, signal);
  const tasks = works.flatMap(({ arn }) => described.tasks.get(arn) ?? []);
  const { derived, gone, unsure } = await deriveFor(tasks, deps, { hostStates: true }, signal);
  const sights: Sight[] = [];
  const unsettled: Work[] = [];
  for (const work of works) {
    const task = described.tasks.get(work.arn);
    const derivation = derived.get(work.arn);
    const replayed = told.get(work.arn);
    if (gone.has(work.arn)) continue;
    if (replayed && described.missing.has(work.arn) && isForgotten(replayed.task, deps)) {
      sights.push(removal(work, replayed, FORGOTTEN));
    } else if (!task || !derivation || isBehind(task, work, deps)) unsettled.push(work);
    else if (task.desiredStatus === 'STOPPED') sights.push(removal(work, derivation, 'task is stopping'));
    else if (work.hostDown) sights.push(removal(work, derivation, 'its host is going down'));
    else if (derivation.skips.some(({ code }) => code === 'host-down')) {
      sights.push(removal(work, derivation, 'its host is down'));
    } else if (unsure.has(work.arn) && !work.event) {
      // Sent by a look or by news of the host: this one may be dead, and would be brought back.
      unsettled.push(work);
    } else if (isRunning(task)) {
      sights.push({ work, derived: derivation, action: 'register', blind: false, reason: 'task is running' });
    } else if (hasLooks(work)) {
      // Looks are queued for tasks that have run, and none goes back: the answer is an old one.
      unsettled.push(work);
    } else tellOnItsWay(task, deps);
  }
  return { sights, unsettled, missing: described.missing };
};

const tellOnItsWay = (task: Task, { telemetry }: SyncDeps) =>
  telemetry.note(`task is ${task.lastStatus}: it is registered once it is RUNNING`, contextOf(task));

/** Missing for less than that is a lagging read. */
const isForgotten = ({ startedAt, createdAt }: Task, { now }: SyncDeps) =>
  isLongGone(startedAt ?? createdAt, now());

/** A look carries no version, so what was handled while warm counts too. */
const isBehind = (answer: Task, { event }: Work, { memory }: SyncDeps) =>
  answer.version < (event?.task.version ?? 0) || memory.isAheadOf(answer);

/** Derives, and says what cannot be derived at all: a task whose definition ECS has forgotten. */
const deriveFor = async (
  tasks: readonly Task[],
  deps: SyncDeps,
  options: { hostStates: boolean },
  signal: AbortSignal,
) => {
  const { source, config, telemetry } = deps;
  const result = await deriveTasks(tasks, { source, rules: config.rules, ...options }, signal);
  for (const skip of result.undefinable) telemetry.skip(skip, { path: 'event' });
  for (const [arn, error] of result.failed) {
    telemetry.fault(`task ${arn} cannot be derived now`, error, { path: 'event', task: arn });
  }
  for (const [arn, error] of result.unsure) {
    telemetry.fault(`the host of task ${arn} cannot be read now`, error, { path: 'event', task: arn });
  }
  const gone = new Set(result.undefinable.map(({ task }) => task));
  return { derived: result.derived, gone, unsure: result.unsure };
};

const contextOf = (task: Task): Context => ({ path: 'event', task: task.arn, version: task.version });
