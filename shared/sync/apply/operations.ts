import { type ChangeResult, type Outcome, operationsOf } from '../../model/plan.ts';
import { failed } from '../../registries/outcome.ts';
import type { Followed, Registry } from '../../registries/registry.ts';
import type { SyncContext } from '../context.ts';
import { isLook, type Unsettled } from '../trigger/looks.ts';
import type { Progress, TaskTrigger } from '../trigger/trigger.ts';

/**
 * Polls the operations that triggers wait for. A look at a registry that does not answer goes back
 * as it came; so does one that waits for operations alone while they run, and it ends with them,
 * since what was written was confirmed when it was written. Returns the triggers that are left to
 * be decided on, and what goes back to the queue.
 */
export const followOperations = async (
  triggers: readonly TaskTrigger[],
  context: SyncContext,
  signal: AbortSignal,
): Promise<{ readonly triggers: readonly TaskTrigger[]; readonly open: readonly Unsettled[] }> => {
  const open: Unsettled[] = [];
  const left = new Map(triggers.map((trigger) => [trigger, new Map(trigger.targets)]));
  const followAt = async (registry: Registry) => {
    const { name } = registry;
    const here = triggers.filter(({ targets }) => targets.has(name));
    const isOff = here.some(isLook) && registry.takesLooks?.() === false;
    const goesBack = (trigger: TaskTrigger) => isOff && isLook(trigger);
    const progressOf = ({ targets }: TaskTrigger) => targets.get(name) ?? NONE;
    const asked = here.filter((trigger) => !goesBack(trigger));
    const operations = asked.flatMap((trigger) => progressOf(trigger).operations);
    const statuses = await statusesOf(registry, operations, context, signal);
    const nextOf = (trigger: TaskTrigger): Step => {
      const progress = progressOf(trigger);
      if (goesBack(trigger)) return { next: 'wait', operations: progress.operations };
      return stepOf(progress, isLook(trigger), statuses);
    };
    for (const trigger of here) {
      const step = nextOf(trigger);
      const targets = left.get(trigger);
      switch (step.next) {
        case 'decide':
          targets?.set(name, step.progress);
          break;
        case 'wait':
          targets?.delete(name);
          open.push({ trigger, registry: name, operations: step.operations });
          break;
        case 'done':
          targets?.delete(name);
      }
    }
  };
  await Promise.all(context.registries.map(followAt));
  const rest = triggers.map(
    (one): TaskTrigger => ({ ...one, targets: left.get(one) ?? one.targets }),
  );
  return { triggers: rest.filter(({ targets }) => targets.size > 0), open };
};

const NONE: Progress = { look: -1, operations: [] };

type Status = Followed['status'];

/** What a trigger needs at one registry. */
type Step =
  | { readonly next: 'decide'; readonly progress: Progress }
  /** It goes back to the queue, for these operations; for none: everything is read anew. */
  | { readonly next: 'wait'; readonly operations: readonly string[] }
  | { readonly next: 'done' };

const stepOf = (
  progress: Progress,
  isLook: boolean,
  statuses: ReadonlyMap<string, Status>,
): Step => {
  const { operations } = progress;
  const ends = operations.map((operation) => statuses.get(operation) ?? 'forgotten');
  const running = operations.filter((_, at) => ends[at] === 'pending');
  const decide = (left: readonly string[]): Step => ({
    next: 'decide',
    progress: { ...progress, operations: left },
  });
  if (operations.length === 0 || !isLook) return decide(running);
  // Of an operation that failed, or is forgotten, everything is read anew.
  if (ends.some((status) => status === 'failed' || status === 'forgotten')) return decide([]);
  return running.length > 0 ? { next: 'wait', operations: running } : { next: 'done' };
};

/**
 * Where operations stand; all of them pending where that cannot be read now. What failed is logged.
 */
const statusesOf = async (
  registry: Registry,
  operations: readonly string[],
  { telemetry }: SyncContext,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Status>> => {
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
