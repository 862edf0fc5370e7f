import { hasHealthCheck } from '../../derive/needs.ts';
import { type ClusterArn, isDefinitionArn, type TaskArn } from '../../model/arn.ts';
import type { Task } from '../../model/task.ts';
import type { SyncContext } from '../context.ts';

/** News of a task that stops. */
interface Stop {
  readonly cluster: ClusterArn;
  readonly event?: { readonly task: Pick<Task, 'group' | 'definitionArn'> };
}

/** A task that is looked at because another one of its service stops. */
export interface TaskBeside {
  readonly arn: TaskArn;
  readonly cluster: ClusterArn;
  readonly messageIds: readonly string[];
  readonly progress: typeof BESIDE;
}

/** No look follows: the task's own ones go on. */
const BESIDE = { look: Number.POSITIVE_INFINITY, operations: [] } as const;
/** Milliseconds in which a service is asked for once, while warm: a deployment stops many tasks. */
const ONCE_IN_MS = 5_000;
/** Of a service with more tasks so many will do: clients find somebody. */
const MOST = 100;

/**
 * The other tasks of services that lose one, where they have health checks. ECS stops a task once
 * another one is healthy, and tells of that by no event: were it left to the next look or round,
 * clients would find nobody in between. Where ECS cannot be asked it is left to them all the same.
 */
export const tasksBeside = async (
  stops: readonly Stop[],
  context: SyncContext,
  signal: AbortSignal,
): Promise<readonly TaskBeside[]> => {
  const { isNews, now } = context;
  const left = new Map(
    stops.flatMap(leftService).map((one) => [`${one.cluster} ${one.service}`, one]),
  );
  const due = [...left].filter(([name]) =>
    isNews(`others of ${name} ${Math.floor(now() / ONCE_IN_MS)}`),
  );
  const found = await Promise.all(due.map(([, one]) => othersOf(one, context, signal)));
  return found.flat();
};

/** The ECS service that a task leaves. */
interface Left {
  readonly cluster: ClusterArn;
  readonly service: string;
  readonly definition: string;
}

const leftService = ({ cluster, event }: Stop): readonly Left[] => {
  const [, service] = /^service:(.+)$/.exec(event?.task.group ?? '') ?? [];
  const definition = event?.task.definitionArn;
  return service === undefined || definition === undefined
    ? []
    : [{ cluster, service, definition }];
};

const othersOf = async (
  { cluster, service, definition }: Left,
  { source, telemetry }: SyncContext,
  signal: AbortSignal,
): Promise<readonly TaskBeside[]> => {
  try {
    const known = isDefinitionArn(definition) && (await source.definition(definition, signal));
    // Of a start without one its event tells.
    if (!known || !hasHealthCheck(known)) return [];
    const tasks = await source.listTasks(cluster, signal, service);
    return tasks.slice(0, MOST).map((arn) => ({ arn, cluster, messageIds: [], progress: BESIDE }));
  } catch (error) {
    telemetry.count('Failed', 1);
    const what = `the other tasks of ${service} cannot be found now: left to their looks`;
    telemetry.fault(what, error, { path: 'event', cluster });
    return [];
  }
};
