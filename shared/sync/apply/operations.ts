import { type ChangeResult, type Outcome, operationsOf } from '../../model/plan.ts';
import { failed } from '../../registries/outcome.ts';
import type { Followed, Registry } from '../../registries/registry.ts';
import type { SyncContext } from '../context.ts';
import {
  isLook,
  type Progress,
  type TaskTrigger,
  type Unsettled,
} from '../trigger/task-trigger.ts';

/** Triggers that are left to be decided on, and what goes back to the queue. */
export interface FollowedTriggers {
  readonly triggers: readonly TaskTrigger[];
  readonly open: readonly Unsettled[];
}

/**
 * Polls the operations that triggers wait for. A look at a registry that does not answer goes back
 * as it came; so does one that waits for operations alone while they run, and it ends with them,
 * since what was written was confirmed when it was written.
 */
export const followOperations = async (
  triggers: readonly TaskTrigger[],
  context: SyncContext,
  signal: AbortSignal,
): Promise<FollowedTriggers> => {
  const all = await Promise.all(
    context.registries.map((registry) => stepsAt(registry, triggers, context, signal)),
  );
  const steps = Map.groupBy(all.flat(), ({ next }) => next);
  const left = Map.groupBy(steps.get('decide') ?? [], ({ trigger }) => trigger);
  return {
    triggers: [...left].map(([trigger, here]) => ({
      ...trigger,
      targets: new Map(
        here.map(({ registry, look, operations }) => [registry, { look, operations }]),
      ),
    })),
    open: steps.get('wait') ?? [],
  };
};

/** What is next for a trigger at one registry, with what it still waits for there. */
interface Step extends Unsettled, Progress {
  /** To be decided on; to go back to the queue; or nothing. */
  readonly next: 'decide' | 'wait' | 'done';
}

const stepsAt = async (
  registry: Registry,
  triggers: readonly TaskTrigger[],
  context: SyncContext,
  signal: AbortSignal,
): Promise<readonly Step[]> => {
  const { name } = registry;
  const here = triggers.flatMap((trigger) => {
    const progress = trigger.targets.get(name);
    return progress ? [{ trigger, registry: name, ...progress }] : [];
  });
  const isOff = here.some(({ trigger }) => isLook(trigger)) && registry.takesLooks?.() === false;
  const isBack = ({ trigger }: Unsettled) => isOff && isLook(trigger);
  const asked = here.filter((one) => !isBack(one)).flatMap(({ operations }) => operations);
  const statuses = await statusesOf(registry, asked, context, signal);
  return here.map((one) => ({
    ...one,
    ...(isBack(one) ? { next: 'wait' } : nextOf(one, statuses)),
  }));
};

const nextOf = (
  { trigger, operations }: Unsettled,
  statuses: ReadonlyMap<string, Followed['status']>,
): Pick<Step, 'next' | 'operations'> => {
  const ends = operations.map((operation) => statuses.get(operation) ?? 'forgotten');
  const running = operations.filter((_, at) => ends[at] === 'pending');
  if (operations.length === 0 || !isLook(trigger)) return { next: 'decide', operations: running };
  // Of an operation that failed, or is forgotten, everything is read anew.
  if (ends.some((status) => status === 'failed' || status === 'forgotten'))
    return { next: 'decide', operations: [] };
  return { next: running.length > 0 ? 'wait' : 'done', operations: running };
};

/**
 * Where operations stand; all of them pending where that cannot be read now. What failed is logged.
 */
const statusesOf = async (
  registry: Registry,
  operations: readonly string[],
  { telemetry }: SyncContext,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Followed['status']>> => {
  try {
    const followed = await poll(registry, operations, signal);
    for (const one of followed) {
      if (one.status !== 'failed') continue;
      telemetry.count('Failed', 1, registry.name);
      const what = `${registry.name}: operation ${one.operation} failed`;
      telemetry.fault(what, one.reason, { path: 'look' });
    }
    return new Map(followed.map(({ operation, status }) => [operation, status]));
  } catch (error) {
    const what = `${registry.name}: operations cannot be followed now`;
    telemetry.fault(what, error, { path: 'look' });
    return new Map(operations.map((operation) => [operation, 'pending']));
  }
};

const POLL_MS = 500;
/**
 * An operation of Cloud Map's takes a second or two; one that takes longer is looked at in the next
 * round.
 */
const POLLS = 20;

/** Waits until accepted writes are in force, or for ten seconds. */
export const followToEnd = async (
  registry: Registry,
  outcomes: readonly Outcome[],
  { sleep }: SyncContext,
  signal: AbortSignal,
): Promise<readonly Outcome[]> => {
  /** Undefined: nothing says whether it is in force. It stays pending, and the next round reads. */
  const ended = new Map<string, ChangeResult | undefined>();
  let pending = outcomes.flatMap(operationsOf);
  for (let at = 0; pending.length > 0 && at < POLLS && !signal.aborted; at++) {
    if (at > 0) await sleep(POLL_MS);
    for (const one of await poll(registry, pending, signal).catch(() => [])) {
      if (one.status === 'done') ended.set(one.operation, { status: 'done' });
      if (one.status === 'failed') ended.set(one.operation, failed(one.reason));
      if (one.status === 'forgotten') ended.set(one.operation, undefined);
    }
    pending = pending.filter((operation) => !ended.has(operation));
  }
  return outcomes.map((outcome): Outcome => {
    const { change, notes } = outcome;
    const result = ended.get(operationsOf(outcome)[0] ?? '');
    return result ? { change, ...(notes && { notes }), ...result } : outcome;
  });
};

/** Rejects where the registry cannot be asked. One that writes at once has no operations. */
const poll = async (
  registry: Registry,
  operations: readonly string[],
  signal: AbortSignal,
): Promise<readonly Followed[]> =>
  operations.length > 0 ? ((await registry.follow?.([...new Set(operations)], signal)) ?? []) : [];
