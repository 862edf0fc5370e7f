import { describe } from '../../platform/telemetry.ts';
import type { Described } from '../../source/source.ts';
import type { Derivations } from '../derive-tasks.ts';
import { unreadableTasks } from '../describe.ts';

/**
 * A line for each task that an answer lacks, or is not sure of, with the reason: nobody shall take the answer for whole.
 * What is never registered, such as the tasks of managed daemons, it does not lack.
 */
export const unreadOf = (described: readonly Described[], derivations: Derivations): readonly string[] => {
  const { undefinable, failed, unsure } = derivations;
  return [
    ...described.flatMap(unreadableTasks).map(({ task, detail }) => `${task}: ${detail}`),
    ...undefinable
      .filter(({ code }) => code !== 'unknown-kind')
      .map(({ task, detail }) => `${task}: ${detail}`),
    ...[...failed].map(([arn, error]) => `${arn}: cannot be derived now: ${describe(error)}`),
    ...[...unsure].map(
      ([arn, error]) => `${arn}: its host cannot be read now, and is taken to be up: ${describe(error)}`,
    ),
  ];
};
