import { namesIfLost } from '../../derive/names-to-lose.ts';
import {
  type Change,
  isSettled,
  type Outcome,
  operationsOf,
  type Plan,
  refOf,
} from '../../model/plan.ts';
import type { Identity, Registration } from '../../model/registration.ts';
import { planChanges } from '../../plan/plan.ts';
import { refusal } from '../../plan/policy.ts';
import type { LogContext } from '../../platform/telemetry.ts';
import type { Registry } from '../../registries/registry.ts';
import type { SyncContext } from '../context.ts';
import { instancesOf, type Registering, type TaskDecision } from '../observe/decide.ts';
import type { TaskTrigger, Unsettled } from '../trigger/task-trigger.ts';
import { applyChanges, logOutcomes, recordsOf } from './apply.ts';
import { attemptsOf, type ChangeOrigin, type Sent } from './confirm.ts';
import type { Runner } from './grace-period.ts';

/** What became of the decisions at one registry. */
export interface Applied extends Sent {
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
  return { registry, attempts: new Map(), open };
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
  const ready = decisions.map((decision) => {
    const { operations = [] } = decision.trigger.targets.get(registry.name) ?? {};
    if (decision.action !== 'register' || operations.length === 0) return decision;
    leave(decision, operations);
    // A removal waits for nothing.
    return withoutWrites(decision);
  });
  const byTask = new Map(ready.map((decision) => [decision.trigger.arn, decision]));
  const sent: (readonly [Change, ChangeOrigin | undefined])[] = [];
  for (const portion of await portionsOf(ready, registry)) {
    const { made, unwritten } = await applyPortion(registry, portion, context, signal);
    for (const decision of unwritten) leave(decision);
    for (const [decision, outcome] of made) {
      if (!isSettled(outcome)) leave(decision, operationsOf(outcome));
      const whole = byTask.get(decision.trigger.arn);
      sent.push([outcome.change, whole && originIn(whole)]);
    }
  }
  return { registry, attempts: attemptsOf(sent), open };
};

const withoutWrites = ({ derivation: _, ...decision }: Registering): TaskDecision => ({
  ...decision,
  action: 'remove',
});

const originIn = ({ derivation, actual, trigger }: TaskDecision): ChangeOrigin | undefined =>
  derivation && { derivation, isUnread: actual === 'unread', context: logContextOf(trigger) };

/** Records read before they are written, at once. */
const READ_AT_ONCE = 100;

/** What is written together. */
interface Portion {
  /** Written as they are, and whatever goes. */
  readonly blind: readonly TaskDecision[];
  /** Read before they are written. */
  readonly fetched: readonly Registering[];
}

/** Everything at once, but for tasks with hundreds of records to be read. */
const portionsOf = async (
  decisions: readonly TaskDecision[],
  { name }: Registry,
): Promise<readonly Portion[]> => {
  const blind = decisions.map((one) => (isFetched(one) ? withoutWrites(one) : one));
  const fetched = decisions.filter(isFetched);
  if (fetched.every((one) => instancesOf(one).length <= READ_AT_ONCE)) return [{ blind, fetched }];
  // Loaded where it is needed: no other start pays for it.
  const { inPortions } = await import('./portions.ts');
  const parts = inPortions(fetched, name, READ_AT_ONCE);
  return parts.map((part, at) => ({ blind: at === 0 ? blind : [], fetched: part }));
};

interface Written {
  readonly made: readonly (readonly [TaskDecision, Outcome])[];
  /** Of tasks whose records could not be read, or that wait for their first healthy answer. */
  readonly unwritten: readonly TaskDecision[];
}

/**
 * One `apply`, and one `get` before it where something is to be read. Nothing is begun once the
 * time is over.
 */
const applyPortion = async (
  registry: Registry,
  portion: Portion,
  context: SyncContext,
  signal: AbortSignal,
): Promise<Written> => {
  const decisions = [...portion.blind, ...portion.fetched];
  if (signal.aborted) return { made: [], unwritten: decisions };
  const blind = planAt(registry, portion.blind, undefined, context);
  const read = await readAndPlan(registry, portion.fetched, context, signal);
  const changes = [...blind.changes, ...(read?.changes ?? [])];
  const byKey = new Map(
    decisions.flatMap((decision) =>
      refsOf(registry, [...decision.gone, ...instancesOf(decision)]).map(
        (ref) => [registry.key(ref), decision] as const,
      ),
    ),
  );
  const outcomes = await applyChanges(registry, changes, signal);
  const decisionOf = (change: Change) => byKey.get(registry.key(refOf(change)));
  logOutcomes(context, registry, outcomes, (change) => logContextOf(decisionOf(change)?.trigger));
  const made = outcomes.flatMap((outcome) => {
    const decision = decisionOf(outcome.change);
    return decision ? [[decision, outcome] as const] : [];
  });
  const waits = read?.waiting.flatMap((record) => byKey.get(registry.key(record)) ?? []);
  return { made, unwritten: waits ?? portion.fetched };
};

type Planned = Pick<Plan, 'changes' | 'waiting'>;

/** Undefined where the records cannot be read. */
const readAndPlan = async (
  registry: Registry,
  decisions: readonly Registering[],
  context: SyncContext,
  signal: AbortSignal,
): Promise<Planned | undefined> => {
  const refs = decisions.flatMap((one) =>
    refsOf(registry, [...instancesOf(one), ...otherNamesOf(one, context)]),
  );
  try {
    const records = refs.length > 0 ? await registry.get(refs, signal) : [];
    return planAt(registry, decisions, records, context);
  } catch (error) {
    const { telemetry } = context;
    telemetry.count('Failed', 1, registry.name);
    telemetry.fault(`${registry.name}: records cannot be read now`, error, { path: 'event' });
    return undefined;
  }
};

/** Who has a name is a round's to say: a task that lost one to another is found under these. */
const otherNamesOf = ({ derivation }: Registering, { config }: SyncContext): readonly Identity[] =>
  config.rules.names.shared === 'refuse' && derivation.instances.length > 0
    ? namesIfLost(derivation, config.rules).map(({ identity }) => identity)
    : [];

/** `records`: the current records. Undefined: blind pass, which also plans all removals. */
const planAt = (
  registry: Registry,
  decisions: readonly TaskDecision[],
  records: readonly Registration[] | undefined,
  context: SyncContext,
): Planned => {
  const { config, telemetry } = context;
  const clusters = Map.groupBy(decisions, ({ trigger }) => trigger.cluster);
  const plans = [...clusters].map(([cluster, members]) => {
    const desired = members.flatMap((one) =>
      recordsOf(registry, instancesOf(one), (note) =>
        telemetry.note(note, logContextOf(one.trigger)),
      ),
    );
    const gone = members.filter((one) => !isUndoing(one)).flatMap(goneAt(registry));
    const actual = records
      ? ({ kind: 'fetched', records } as const)
      : ({ kind: 'unread', gone } as const);
    return planChanges({ registry, cluster, config, desired, actual });
  });
  for (const change of plans.flatMap(({ forbidden }) => forbidden)) {
    const fields = { registry: registry.name, policy: config.policy, change };
    telemetry.note(refusal(config.policy, change), { path: 'event' }, fields);
  }
  // Bound by no policy: a call may always undo its own write.
  const undone = decisions.filter(isUndoing).flatMap(goneAt(registry));
  const undoing = undone.map((gone): Change => ({ kind: 'remove', ...gone }));
  return {
    changes: [...plans.flatMap(({ changes }) => changes), ...undoing],
    waiting: plans.flatMap(({ waiting }) => waiting),
  };
};

/** What goes, and why; once, where a registry takes two names for one record. */
const goneAt =
  (registry: Registry) =>
  ({ gone, reason }: TaskDecision) => {
    const removals = gone.flatMap(({ isGuess, ...identity }) =>
      registry.refs(identity).map((ref) => ({ ref, reason, ...(isGuess && { isGuess }) })),
    );
    const byKey = Map.groupBy(removals, ({ ref }) => registry.key(ref));
    return [...byKey.values()].flatMap(([first]) => first ?? []);
  };

const refsOf = (registry: Registry, identities: readonly Identity[]) =>
  identities.flatMap((identity) => registry.refs(identity));

/** Whether its records are read before they are written. */
const isFetched = (decision: TaskDecision): decision is Registering =>
  decision.action === 'register' && decision.actual === 'fetched';

const isUndoing = ({ action }: TaskDecision) => action === 'undo';

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
