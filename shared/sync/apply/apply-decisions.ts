import { type Change, type Outcome, operationsOf, refOf } from '../../model/plan.ts';
import type { Registration } from '../../model/registration.ts';
import { planChanges } from '../../plan/plan.ts';
import { refusal } from '../../plan/policy.ts';
import type { LogContext } from '../../platform/telemetry.ts';
import type { Registry } from '../../registries/registry.ts';
import type { SyncContext } from '../context.ts';
import type { RunningTask, TaskDecision } from '../observe/decide.ts';
import type { Unsettled } from '../requeue/requeue.ts';
import type { TaskTrigger } from '../trigger/trigger.ts';
import { applyChanges, fitInstances, isSettled, logOutcomes } from './apply.ts';
import type { Attempt, Attempts } from './confirm.ts';
import type { Runner } from './side-by-side.ts';

/** What became of the decisions at one registry. */
export interface Applied extends Attempts {
  readonly open: readonly Unsettled[];
}

/**
 * Brings decisions to one registry: one `apply` for the batch, nothing read where nothing needs it.
 * A registry that does not answer is left to looks.
 */
export const applyDecisions = async (
  registry: Registry,
  decisions: readonly TaskDecision[],
  context: SyncContext,
  run: Runner,
): Promise<Applied> => {
  const here = decisions.filter(({ trigger }) => trigger.targets.has(registry.name));
  if (here.length > 0 && !registry.isSilent?.())
    return run(registry, (signal) => applyHere(registry, here, context, signal));
  const open = here.map(({ trigger }) => ({ trigger, registry: registry.name, operations: [] }));
  return { registry, attempted: new Map(), open };
};

const applyHere = async (
  registry: Registry,
  decisions: readonly TaskDecision[],
  context: SyncContext,
  signal: AbortSignal,
): Promise<Applied> => {
  const open: Unsettled[] = [];
  const leave = ({ trigger }: TaskDecision, operations: readonly string[] = []) =>
    open.push({ trigger, registry: registry.name, operations });
  const ready = decisions.filter((decision) => {
    const { operations = [] } = decision.trigger.targets.get(registry.name) ?? {};
    // A removal waits for nothing.
    const isReady = decision.state !== 'running' || operations.length === 0;
    if (!isReady) leave(decision, operations);
    return isReady;
  });
  const attempted = new Map<string, Attempt & { readonly records: Registration[] }>();
  for (const portion of await portionsOf(ready, registry)) {
    const { outcomes, unwritten } = await applyPortion(registry, portion, context, signal);
    for (const decision of unwritten) leave(decision);
    for (const [decision, outcome] of outcomes) {
      if (!isSettled(outcome)) leave(decision, operationsOf(outcome));
      if (outcome.change.kind === 'remove' || decision.state !== 'running') continue;
      const { trigger, derivation } = decision;
      const context = logContextOf(trigger);
      const attempt = attempted.get(trigger.arn) ?? { derivation, records: [], context };
      attempt.records.push(outcome.change.record);
      attempted.set(trigger.arn, attempt);
    }
  }
  return { registry, attempted, open };
};

/** Records read before they are written, at once. */
const READ_AT_ONCE = 100;

/** What is read and written together: everything, but for tasks with hundreds of records. */
const portionsOf = async (decisions: readonly TaskDecision[], { name }: Registry) => {
  const fetched = decisions.filter(isFetched);
  if (!fetched.some((one) => one.identities.length > READ_AT_ONCE)) return [decisions];
  const unread = decisions.filter((decision) => !isFetched(decision));
  // Loaded where it is needed: no other start pays for it.
  const { inPortions } = await import('./portions.ts');
  return inPortions({ fetched, unread }, name, READ_AT_ONCE);
};

interface Portion {
  readonly outcomes: readonly (readonly [TaskDecision, Outcome])[];
  /** Of tasks whose records could not be read, or that wait for their first healthy answer. */
  readonly unwritten: readonly TaskDecision[];
}

/**
 * One `apply`, and one `get` before it where something is to be read. Nothing is begun once the
 * time is over.
 */
const applyPortion = async (
  registry: Registry,
  decisions: readonly TaskDecision[],
  context: SyncContext,
  signal: AbortSignal,
): Promise<Portion> => {
  if (signal.aborted) return { outcomes: [], unwritten: decisions };
  const byKey = new Map(
    decisions.flatMap((decision) =>
      refsOf(registry, decision).map((ref) => [registry.key(ref), decision] as const),
    ),
  );
  const { changes, waiting, unread } = await planDecisions(registry, decisions, context, signal);
  const outcomes = await applyChanges(registry, changes, signal);
  const decisionOf = (change: Change) => byKey.get(registry.key(refOf(change)));
  logOutcomes(context, registry, outcomes, (change) => logContextOf(decisionOf(change)?.trigger));
  const told = outcomes.flatMap((outcome) => {
    const decision = decisionOf(outcome.change);
    return decision ? [[decision, outcome] as const] : [];
  });
  const waits = waiting.flatMap((record) => byKey.get(registry.key(record)) ?? []);
  return { outcomes: told, unwritten: [...waits, ...unread] };
};

const refsOf = (registry: Registry, { identities }: TaskDecision) =>
  identities.flatMap((identity) => registry.refs(identity));

interface Planned {
  readonly changes: readonly Change[];
  readonly waiting: readonly Registration[];
  /** Of tasks whose records could not be read. */
  readonly unread: readonly TaskDecision[];
}

/** Plans what needs no look, and reads the records of the rest before they are planned. */
const planDecisions = async (
  registry: Registry,
  decisions: readonly TaskDecision[],
  context: SyncContext,
  signal: AbortSignal,
): Promise<Planned> => {
  const fetched = decisions.filter(isFetched);
  const unread = decisions.filter((decision) => !isFetched(decision));
  const blind = planAt(registry, unread, undefined, context);
  try {
    const refs = fetched.flatMap((decision) => refsOf(registry, decision));
    const records = refs.length > 0 ? await registry.get(refs, signal) : [];
    const read = planAt(registry, fetched, records, context);
    return { changes: [...blind.changes, ...read.changes], waiting: read.waiting, unread: [] };
  } catch (error) {
    const { telemetry } = context;
    telemetry.count('Failed', 1, registry.name);
    telemetry.fault(`${registry.name}: records cannot be read now`, error, { path: 'event' });
    return { ...blind, unread: fetched };
  }
};

const planAt = (
  registry: Registry,
  decisions: readonly TaskDecision[],
  records: readonly Registration[] | undefined,
  context: SyncContext,
): Pick<Planned, 'changes' | 'waiting'> => {
  const { config, telemetry } = context;
  const clusters = Map.groupBy(decisions, ({ trigger }) => trigger.cluster);
  const plans = [...clusters].map(([cluster, members]) => {
    const desired = members
      .filter(isRunning)
      .flatMap(({ derivation, trigger }) =>
        fitInstances(registry, derivation, logContextOf(trigger), context),
      );
    const gone = goneOf(registry, members.filter(isLeaving));
    const actual = records
      ? ({ kind: 'fetched', records } as const)
      : ({ kind: 'unread', gone } as const);
    return planChanges({ registry, cluster, config, desired, actual });
  });
  for (const change of plans.flatMap(({ forbidden }) => forbidden)) {
    const fields = { registry: registry.name, policy: config.policy, change };
    telemetry.note(refusal(config.policy, change), { path: 'event' }, fields);
  }
  return {
    changes: [...plans.flatMap(({ changes }) => changes), ...undoing(registry, decisions)],
    waiting: plans.flatMap(({ waiting }) => waiting),
  };
};

/** Bound by no policy: a call may always undo its own write. */
const undoing = (registry: Registry, decisions: readonly TaskDecision[]): readonly Change[] =>
  goneOf(
    registry,
    decisions.filter(({ state }) => state === 'unseen'),
  ).map((gone) => ({ kind: 'remove', ...gone }));

/** What goes, and why. */
const goneOf = (registry: Registry, decisions: readonly TaskDecision[]) =>
  decisions.flatMap((decision) =>
    refsOf(registry, decision).map((ref) => ({ ref, reason: decision.reason })),
  );

const isRunning = (decision: TaskDecision) => decision.state === 'running';
const isLeaving = ({ state }: TaskDecision) => state === 'stopping' || state === 'expired';

/** Whether its records are read before they are written. */
const isFetched = (decision: TaskDecision): decision is RunningTask =>
  decision.state === 'running' && decision.actual === 'fetched';

/** Where a change came from, for its log line. */
export const logContextOf = (trigger: TaskTrigger | undefined): LogContext => ({
  path: trigger?.event || trigger?.isHostLeaving ? 'event' : 'look',
  ...(trigger && { cluster: trigger.cluster, task: trigger.arn }),
  ...(trigger?.event && {
    eventId: trigger.event.id,
    version: trigger.event.task.version,
    eventTime: trigger.event.time,
  }),
});
