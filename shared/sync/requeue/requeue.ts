import type { RegistryName } from '../../model/registration.ts';
import { packed } from '../../platform/concurrency.ts';
import type { Unseen } from '../../source/message.ts';
import type { DelayedLook, SyncContext } from '../context.ts';
import {
  DELAYS,
  LOOKS,
  nextLook,
  TASKS_PER_LOOK,
  type TaskTrigger,
  type Unsettled,
} from '../trigger/task-trigger.ts';

/**
 * Queues the next look for what is not at rest; what has had its five is the reconciler's.
 * Returns the triggers whose look could not be queued: their messages must come again.
 */
export const requeue = async (
  unsettled: readonly Unsettled[],
  context: SyncContext,
  signal: AbortSignal,
): Promise<readonly TaskTrigger[]> => {
  const { registries, telemetry, queue, now } = context;
  const open = merged(unsettled);
  const due = open.filter((one) => nextLook(one) < LOOKS);
  const isOver = (one: Unsettled) => nextLook(one) === LOOKS;
  for (const { trigger, registry } of open.filter(isOver)) {
    const what = 'left to the reconciler after five looks';
    telemetry.note(what, { path: 'look', task: trigger.arn }, { registry });
  }
  if (due.length === 0) return [];
  const isPutOff = ({ registry }: DelayedLook) => {
    const one = registries.find(({ name }) => name === registry);
    return one?.isSilent?.() || one?.isRecovering?.();
  };
  try {
    const looks = toLooks(due, registries.length);
    await queue.send(
      looks.map((look) => (isPutOff(look) ? aligned(look, now()) : look)),
      signal,
    );
    return [];
  } catch (error) {
    telemetry.fault('looks cannot be queued', error, { path: 'event' });
    return due.map(({ trigger }) => trigger);
  }
};

/**
 * One entry per task and registry. `operations` empty: read everything again. Otherwise: poll
 * these.
 */
const merged = (unsettled: readonly Unsettled[]): readonly Unsettled[] => {
  const groups = Map.groupBy(unsettled, ({ trigger, registry }) => `${registry} ${trigger.arn}`);
  return [...groups.values()].flatMap((reasons) => {
    const [first] = reasons;
    const isPolled = reasons.every(({ operations }) => operations.length > 0);
    const operations = isPolled ? reasons.flatMap((one) => one.operations) : [];
    return first ? [{ ...first, operations }] : [];
  });
};

/**
 * Seconds: looks at a registry that does not answer come due at these moments, all of them
 * together.
 */
const ALIGNED_TO = 10;

/**
 * A hundred looks that come one by one once the registry answers again would cost a DescribeTasks
 * each, and ECS would throttle those that the other registries need; together they cost one.
 */
const aligned = (look: DelayedLook, now: number): DelayedLook => {
  const due = Math.ceil((now / 1_000 + look.delaySeconds) / ALIGNED_TO) * ALIGNED_TO;
  return { ...look, delaySeconds: Math.ceil(due - now / 1_000) };
};

/** Above that a look reads instead: with 12,000, some 50 bytes each, no queue would take it. */
const OPERATIONS_PER_LOOK = 300;
/** Identities in one look, some 200 bytes each: ten looks go out together, in 256 KB. */
const UNSEEN_PER_LOOK = 100;
/** A task with more is the reconciler's, should ECS never know it. */
const UNSEEN_PER_TASK = 20;

/** A task's part in a look. */
interface Due extends Omit<Unsettled, 'registry'> {
  readonly look: number;
  /** Absent: every registry. */
  readonly registry?: RegistryName;
}

/**
 * Tasks that wait for every registry alike share one message; else one a registry, at most 100
 * tasks each.
 */
export const toLooks = (open: readonly Unsettled[], registries: number): DelayedLook[] => {
  const byTask = [...Map.groupBy(open, ({ trigger }) => trigger.arn).values()];
  const due = byTask.flatMap((ones) => dueOf(ones, registries));
  const groups = Map.groupBy(due, ({ trigger, look, registry, operations }) =>
    JSON.stringify([trigger.cluster, look, registry, operations.length > 0]),
  );
  const limits = [TASKS_PER_LOOK, UNSEEN_PER_LOOK];
  return [...groups.values()]
    .flatMap((group) => packed(group, limits, ({ trigger }) => [1, unseenOf(trigger).length]))
    .flatMap(toLook);
};

const dueOf = (ones: readonly Unsettled[], registries: number): readonly Due[] => {
  const all = ones.map((one) => ({ ...one, look: nextLook(one) }));
  const [first] = all;
  const isAlike = all.every(
    ({ look, operations }) => look === first?.look && operations.length === 0,
  );
  if (!first || !isAlike || registries < 2 || all.length < registries) return all;
  const { registry: _, ...everywhere } = first;
  return [everywhere];
};

const unseenOf = ({ arn: task, unseen = [] }: TaskTrigger): readonly Unseen[] =>
  unseen.length > UNSEEN_PER_TASK
    ? []
    : unseen.map(({ id, service, protocol }) => ({ task, id, service, protocol }));

const toLook = (part: readonly Due[]): DelayedLook[] => {
  const [first] = part;
  if (!first) return [];
  const unseen = part.flatMap(({ trigger }) => unseenOf(trigger));
  // Tasks that share a look wait for each other's operations, so each of them may name all.
  const operations = new Set(part.flatMap((due) => due.operations));
  return [
    {
      cluster: first.trigger.cluster,
      tasks: part.map(({ trigger }) => trigger.arn),
      look: first.look,
      operations: operations.size > OPERATIONS_PER_LOOK ? [] : [...operations],
      delaySeconds: DELAYS[first.look] ?? 60,
      ...(first.registry && { registry: first.registry }),
      ...(unseen.length > 0 && { unseen }),
    },
  ];
};
