import type { RegistryName } from '../../model/registration.ts';
import type { TaskTrigger } from './trigger.ts';

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
