import type { Skip } from '../../model/plan.ts';
import type { Task } from '../../model/task.ts';
import type { Described, Source } from '../../source/source.ts';

/** ECS's present word on tasks; what is not about one task is by the cluster's ARN. */
export interface Answers {
  /** By ARN. Of what is not in it ECS was not asked, or could not answer. */
  readonly byTask: ReadonlyMap<string, Task | 'missing'>;
  /** Of which the answer cannot be used, or that can be no tasks, each with what is wrong. */
  readonly unreadable: ReadonlyMap<string, readonly Skip[]>;
  /** Why a cluster could not be read: no news of its tasks, never "missing". */
  readonly faults: ReadonlyMap<string, unknown>;
}

/** Asks ECS about tasks, each once, one call per cluster and hundred. Never rejects. */
export const askEcs = async (
  wanted: readonly { readonly arn: string; readonly cluster: string }[],
  source: Source,
  signal: AbortSignal,
): Promise<Answers> => {
  const byTask = new Map<string, Task | 'missing'>();
  const unreadable = new Map<string, readonly Skip[]>();
  const faults = new Map<string, unknown>();
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
const missingIn = ({ missing, refused = [] }: Described): readonly string[] => [
  ...missing,
  ...refused.map(({ arn }) => arn),
];

const unreadableIn = ({ unreadable = [], refused = [] }: Described): readonly Skip[] => [
  ...unreadable.map(({ arn, fault }) => toSkip(arn, `DescribeTasks: ${fault}`)),
  ...refused.map(({ arn, fault }) =>
    toSkip(arn, `${JSON.stringify(arn.slice(0, LONGEST))}: ${fault}`),
  ),
];

/** Characters of an ARN. What is longer is none, and came from outside. */
const LONGEST = 300;

const toSkip = (task: string, detail: string): Skip => ({
  task: task.slice(0, LONGEST),
  code: 'unreadable',
  detail,
});
