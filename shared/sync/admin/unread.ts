import { describe } from '../../platform/telemetry.ts';
import type { Described } from '../../source/source.ts';
import type { Derivations } from '../derive-tasks.ts';
import { unreadableTasks } from '../describe.ts';

/** A line for each task that an answer lacks, or is not sure of, with the reason: nobody shall take the answer for whole. */
export const unreadOf = (described: readonly Described[], derivations: Derivations): readonly string[] => {
  const { undefinable, failed, unsure } = derivations;
  return [
    ...described.flatMap(unreadableTasks).map(({ task, detail }) => `${task}: ${detail}`),
    ...undefinable.map(
      ({ arn, definitionArn }) => `${arn}: task definition ${definitionArn} is not known to ECS`,
    ),
    ...[...failed].map(([arn, error]) => `${arn}: cannot be derived now: ${describe(error)}`),
    ...[...unsure].map(
      ([arn, error]) => `${arn}: its host cannot be read now, and is taken to be up: ${describe(error)}`,
    ),
  ];
};
