import type { ClusterArn, TaskArn } from '../../model/arn.ts';
import type { Identity, RegistryName } from '../../model/registration.ts';
import type { Task } from '../../model/task.ts';
import type { SyncContext } from '../context.ts';

/** One task that is to be looked at, whatever number of messages of the batch spoke of it. */
export interface TaskTrigger {
  readonly arn: TaskArn;
  readonly cluster: ClusterArn;
  readonly messageIds: readonly string[];
  /** The registries at which it is to be brought up to date. */
  readonly targets: ReadonlyMap<RegistryName, Progress>;
  /** The newest event, if any. */
  readonly event?: TaskEvent | undefined;
  /** What its event wrote, of a task that ECS has called missing in each look since. */
  readonly unseen?: readonly Identity[] | undefined;
  /** EC2's event says that the task's host goes down. */
  readonly isHostLeaving?: boolean | undefined;
}

export interface TaskEvent {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly task: Task;
  /** Neither old nor handed out before: its first write may go without a look at ECS. */
  readonly fresh: boolean;
}

export const withoutUnseen = ({ unseen: _, ...rest }: TaskTrigger): TaskTrigger => rest;

/** How far one task has come at one registry. */
export interface Progress {
  /** How often it was looked at again, counted from 0; -1: not yet, an event has just come. */
  readonly look: number;
  /** Writes under way there, to be followed to their end. */
  readonly operations: readonly string[];
}

export const FIRST: Progress = { look: -1, operations: [] };

export const everywhere = (
  { registries }: SyncContext,
  progress: Progress,
): TaskTrigger['targets'] => new Map(registries.map(({ name }) => [name, progress] as const));

/** One task that is not at rest at one registry, for one of maybe several reasons. */
export interface Unsettled {
  readonly trigger: TaskTrigger;
  readonly registry: RegistryName;
  /** To be waited for; none where there is anything else to look at. */
  readonly operations: readonly string[];
}

/**
 * Seconds before each look. Lambda cuts a loop through SQS at about 16 rounds; ours ends itself
 * after five.
 */
export const DELAYS = [5, 10, 20, 40, 60] as const;
export const LOOKS = DELAYS.length;

/** As many as one DescribeTasks takes. */
export const TASKS_PER_LOOK = 100;

/** Whether nothing but looks, or old news of a host, speaks of a task. */
export const isLook = ({ event, isHostLeaving }: TaskTrigger): boolean => !event && !isHostLeaving;

/** Which look comes next, counted from 0. */
export const nextLook = ({ trigger, registry }: Unsettled): number =>
  (trigger.targets.get(registry)?.look ?? -1) + 1;

/** Whether this was the last look at some registry. */
export const isLastLook = ({ targets }: TaskTrigger): boolean =>
  [...targets.values()].some(({ look }) => look + 1 >= LOOKS);
