import type { Skip } from '../../model/plan.ts';
import type { Task } from '../../model/task.ts';
import type { LogContext } from '../../platform/telemetry.ts';
import type { Described } from '../../source/source.ts';
import type { SyncContext } from '../context.ts';
import { deriveTasks, type TaskDerivation } from './derivation.ts';

/** ECS's present word on tasks, by ARN. */
export interface Answers {
  answerTo(arn: string): Task | 'missing' | 'unread';
  readonly tasks: readonly Task[];
}

type Context = Pick<SyncContext, 'source' | 'config' | 'telemetry'>;

/**
 * Asks ECS about tasks, one call per cluster and hundred. A cluster that cannot be read leaves its
 * tasks `unread`: no news, never "missing".
 */
export const askEcs = async (
  wanted: readonly { readonly arn: string; readonly cluster: string }[],
  { source, telemetry }: Context,
  signal: AbortSignal,
): Promise<Answers> => {
  const answers = new Map<string, Task | 'missing'>();
  const clusters = Map.groupBy(wanted, ({ cluster }) => cluster);
  await Promise.all(
    [...clusters].map(async ([cluster, members]) => {
      try {
        const arns = [...new Set(members.map(({ arn }) => arn))];
        const described = await source.describeTasks(cluster, arns, signal);
        for (const arn of missingIn(described)) answers.set(arn, 'missing');
        for (const task of described.tasks) answers.set(task.arn, task);
        for (const skip of unreadableIn(described))
          telemetry.skip(skip, { path: 'event', cluster });
      } catch (error) {
        const what = `tasks of ${cluster} cannot be described now`;
        telemetry.fault(what, error, { path: 'event', cluster });
      }
    }),
  );
  const tasks = [...answers.values()].filter((answer) => answer !== 'missing');
  return { tasks, answerTo: (arn) => answers.get(arn) ?? 'unread' };
};

/** ECS does not know them, or refuses their ARNs, which no task can have then. */
export const missingIn = ({ missing, refused = [] }: Described): readonly string[] => [
  ...missing,
  ...refused.map(({ arn }) => arn),
];

/** Tasks of which ECS's answer cannot be used, or that can be none, each with what is wrong. */
export const unreadableIn = ({ unreadable = [], refused = [] }: Described): readonly Skip[] => [
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

/** Derives tasks, and logs of which something could not be read. */
export const deriveAndLog = async (
  tasks: readonly Task[],
  { hostStates }: { readonly hostStates: boolean },
  { source, config, telemetry }: Context,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, TaskDerivation>> => {
  const options = { source, rules: config.rules, hostStates };
  const results = await deriveTasks(tasks, options, signal);
  for (const { arn, version } of tasks) {
    const result = results.get(arn);
    const context: LogContext = { path: 'event', task: arn, version };
    if (result?.status === 'undefinable') telemetry.skip(result.skip, context);
    if (result?.status === 'unread')
      telemetry.fault(`task ${arn} cannot be derived now`, result.error, context);
    if (result?.status === 'derived' && result.hostError !== undefined)
      telemetry.fault(`the host of task ${arn} cannot be read now`, result.hostError, context);
  }
  return results;
};
