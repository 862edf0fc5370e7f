import type { ClusterArn, TaskArn } from '../../model/arn.ts';
import type { Skip } from '../../model/plan.ts';
import type { Task } from '../../model/task.ts';
import { refusedTask } from '../../source/arn.ts';
import type { Described, Source } from '../../source/source.ts';

/** ECS's present word on tasks; what is not about one task is by the cluster's ARN. */
export interface Answers {
  /** By ARN. Of what is not in it ECS was not asked, or could not answer. */
  readonly byTask: ReadonlyMap<TaskArn, Task | 'missing'>;
  /** Of which the answer cannot be used, or that can be no tasks, each with what is wrong. */
  readonly unreadable: ReadonlyMap<ClusterArn, readonly Skip[]>;
  /** Why a cluster could not be read: no news of its tasks, never "missing". */
  readonly faults: ReadonlyMap<ClusterArn, unknown>;
}

/** Asks ECS about tasks, each once, one call per cluster and hundred. Never rejects. */
export const askEcs = async (
  wanted: readonly { readonly arn: TaskArn; readonly cluster: ClusterArn }[],
  source: Source,
  signal: AbortSignal,
): Promise<Answers> => {
  const byTask = new Map<TaskArn, Task | 'missing'>();
  const unreadable = new Map<ClusterArn, readonly Skip[]>();
  const faults = new Map<ClusterArn, unknown>();
  const clusters = Map.groupBy(wanted, ({ cluster }) => cluster);
  await Promise.all(
    [...clusters].map(async ([cluster, members]) => {
      try {
        const arns = [...new Set(members.map(({ arn }) => arn))];
        const described = await source.describeTasks(cluster, arns, signal);
        for (const arn of missingIn(described)) byTask.set(arn, 'missing');
        for (const task of described.tasks) byTask.set(task.arn, task);
        unreadable.set(cluster, unreadableIn(described));
      } catch (error) {
        faults.set(cluster, error);
      }
    }),
  );
  return { byTask, unreadable, faults };
};

/** ECS does not know them, or refuses their ARNs, which no task can have then. */
const missingIn = ({ missing, refused = [] }: Described): readonly TaskArn[] => [
  ...missing,
  ...refused.map(({ arn }) => arn),
];

const unreadableIn = ({ unreadable = [], refused = [] }: Described): readonly Skip[] => [
  ...unreadable.map(({ arn, fault }): Skip => {
    const detail = `DescribeTasks: ${fault}`;
    return { task: arn, code: 'unreadable', detail };
  }),
  ...refused.map(refusedTask),
];
