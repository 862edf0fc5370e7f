import type { Skip } from '../model/plan.ts';
import type { Task } from '../model/task.ts';
import type { Described } from '../source/source.ts';
import type { SyncDeps } from './deps.ts';

export interface Found {
  readonly tasks: ReadonlyMap<string, Task>;
  readonly missing: ReadonlySet<string>;
}

/**
 * ECS's present word on tasks, one call per cluster and hundred. A cluster that cannot be read leaves its tasks
 * out of both answers: no news, never "gone".
 */
export const describeByCluster = async (
  wanted: readonly { readonly arn: string; readonly cluster: string }[],
  { source, telemetry }: Pick<SyncDeps, 'source' | 'telemetry'>,
  signal: AbortSignal,
): Promise<Found> => {
  const tasks = new Map<string, Task>();
  const missing = new Set<string>();
  const clusters = Map.groupBy(wanted, ({ cluster }) => cluster);
  await Promise.all(
    [...clusters].map(async ([cluster, members]) => {
      try {
        const arns = [...new Set(members.map(({ arn }) => arn))];
        const described = await source.describeTasks(cluster, arns, signal);
        for (const task of described.tasks) tasks.set(task.arn, task);
        for (const arn of described.missing) missing.add(arn);
        for (const skip of unreadableTasks(described)) telemetry.skip(skip, { path: 'event', cluster });
      } catch (error) {
        telemetry.fault(`tasks of ${cluster} cannot be described now`, error, { path: 'event', cluster });
      }
    }),
  );
  return { tasks, missing };
};

/** Tasks of which ECS's answer cannot be used, each with the field that is wrong. */
export const unreadableTasks = ({ unreadable = [] }: Described): readonly Skip[] =>
  unreadable.map(({ arn, fault }) => ({ task: arn, code: 'unreadable', detail: `DescribeTasks: ${fault}` }));

/** ECS describes a stopped task for at least an hour: missing for less than that is a lagging read. */
const DESCRIBED_FOR_MS = 3_600_000;

/** Whether a task that ECS does not know has had its time to be known. */
export const isLongGone = (startedAt: number | undefined, now: number) =>
  startedAt !== undefined && now - startedAt > DESCRIBED_FOR_MS;
