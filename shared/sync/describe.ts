import type { Skip } from '../model/plan.ts';
import type { Task } from '../model/task.ts';
import type { Described } from '../source/source.ts';
import type { SyncDeps } from './deps.ts';

export interface Found {
  readonly tasks: ReadonlyMap<string, Task>;
  /** ECS does not know them, or refuses their ARNs. */
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
        for (const { arn } of described.refused ?? []) missing.add(arn);
        for (const skip of unreadableTasks(described)) telemetry.skip(skip, { path: 'event', cluster });
      } catch (error) {
        telemetry.fault(`tasks of ${cluster} cannot be described now`, error, { path: 'event', cluster });
      }
    }),
  );
  return { tasks, missing };
};

/** Tasks of which ECS's answer cannot be used, or that can be none, each with what is wrong. */
export const unreadableTasks = ({ unreadable = [], refused = [] }: Described): readonly Skip[] => [
  ...unreadable.map(({ arn, fault }) => toSkip(arn, `DescribeTasks: ${fault}`)),
  ...refused.map(({ arn, fault }) => toSkip(arn, `${JSON.stringify(arn.slice(0, LONGEST))}: ${fault}`)),
];

/** Characters of an ARN. What is longer is none, and came from outside. */
const LONGEST = 300;

const toSkip = (task: string, detail: string): Skip => ({
  task: task.slice(0, LONGEST),
  code: 'unreadable',
  detail,
});

/** ECS describes a stopped task for at least an hour: missing for less than that is a lagging read. */
const DESCRIBED_FOR_MS = 3_600_000;

/** Why a record of a task that ECS does not know goes. */
export const FORGOTTEN = 'ECS does not know the task any more';
/**
 * Records that one batch of the event path takes out at most because ECS does not know their tasks. What is more is
 * the reconciler's, which knows how many there are in all.
 */
export const MOST_FORGOTTEN = 10;

/** Whether a task that ECS does not know has had its time to be known. A start to come is one of this moment. */
export const isLongGone = (startedAt: number | undefined, now: number) =>
  startedAt !== undefined && now - startedAt > DESCRIBED_FOR_MS;

/** By so much another clock may be ahead of this one. */
const CLOCKS_DIFFER_BY_MS = 300_000;

/**
 * The same of a record, by the start that it tells. Ours always tell one, and never one to come: a record that does not
 * is as old as can be, since it would else be young for ever.
 */
export const isRecordLongGone = (started: string | undefined, now: number) => {
  const at = Date.parse(started ?? '');
  return Number.isNaN(at) || at > now + CLOCKS_DIFFER_BY_MS || isLongGone(at, now);
};
