import { serviceOf } from '../../derive/membership.ts';
import { hasHealthCheck } from '../../derive/needs.ts';
import { type ClusterArn, isDefinitionArn, type TaskArn } from '../../model/arn.ts';
import type { Task } from '../../model/task.ts';
import { BoundedMap } from '../../platform/bounded-map.ts';
import { memoize } from '../../platform/memoize.ts';
import { logged } from '../../platform/telemetry.ts';
import { withTimeout } from '../../platform/timeout.ts';
import type { EventContext } from '../context.ts';
import type { HandledTasks } from '../memory.ts';
import { everywhere, type Progress, type TaskTrigger } from './task-trigger.ts';

/** No look follows: the task's own ones go on. */
const BESIDE: Progress = { look: Number.POSITIVE_INFINITY, operations: [] };
/**
 * Milliseconds and services: so many are asked for in that time while warm, and each once. Each
 * costs a ListTasks and a DescribeTasks, of which the account has 20 a second for everybody; what
 * is more is left to looks and rounds.
 */
const WINDOW = { milliseconds: 5_000, services: 2 } as const;
/** Milliseconds: the task that stops leaves all the same, and not much later. */
const FIND_MS = 1_000;
/** Milliseconds from its start in which a task may become healthy. Rounds have seen older ones. */
const NEW_MS = 600_000;
const MOST_SEEN = 1_000;

/** What was asked for while warm. */
interface Asked {
  window: number;
  /** Services that were asked for in this window. */
  services: Set<string>;
  /** Tasks that were found healthy: there is no more news of them. */
  readonly seen: BoundedMap<TaskArn, true>;
}

const askedIn = memoize(
  (_: HandledTasks): Asked => ({
    window: 0,
    services: new Set(),
    seen: new BoundedMap(MOST_SEEN),
  }),
);

/**
 * The new tasks that ECS calls healthy, of services with health checks that lose another one. ECS
 * stops a task once a new one is healthy, and tells of that by no event: were it left to the next
 * look or round, clients would find nobody in between. Where ECS cannot be asked, or does not
 * answer at once, it is left to them all the same.
 */
export const tasksBeside = async (
  stops: readonly Task[],
  context: EventContext,
  signal: AbortSignal,
): Promise<readonly TaskTrigger[]> => {
  const left = new Map(stops.flatMap(leftService).map((one) => [keyOf(one), one]));
  const asked = askedIn(context.handled);
  const find = (one: Left, limited: AbortSignal) => {
    const what = `the other tasks of ${one.service} cannot be found now: left to their looks`;
    const where = { path: 'event', cluster: one.cluster } as const;
    return newcomersOf(one, asked, context, limited).catch(logged(context.telemetry, what, where));
  };
  const found = await withTimeout(FIND_MS, signal, (limited) =>
    Promise.all([...left.values()].map((one) => find(one, limited))),
  );
  return found.flatMap((triggers) => triggers ?? []);
};

/** The ECS service that a task leaves. */
interface Left {
  readonly cluster: ClusterArn;
  readonly service: string;
  readonly definition: string;
}

const leftService = (task: Task): readonly Left[] => {
  const { clusterArn: cluster, definitionArn: definition } = task;
  const service = serviceOf(task);
  return service === undefined ? [] : [{ cluster, service, definition }];
};

const keyOf = ({ cluster, service }: Left) => `${cluster} ${service}`;

const takesTurn = (one: Left, asked: Asked, now: number): boolean => {
  const window = Math.floor(now / WINDOW.milliseconds);
  if (asked.window !== window) Object.assign(asked, { window, services: new Set() });
  if (asked.services.size >= WINDOW.services || asked.services.has(keyOf(one))) return false;
  asked.services.add(keyOf(one));
  return true;
};

const newcomersOf = async (
  one: Left,
  asked: Asked,
  context: EventContext,
  signal: AbortSignal,
): Promise<readonly TaskTrigger[]> => {
  const { source, now } = context;
  const { cluster, service, definition } = one;
  const { seen } = asked;
  // Of a start without a health check its event tells.
  const known = isDefinitionArn(definition) && (await source.definition(definition, signal));
  if (!known || !hasHealthCheck(known) || !takesTurn(one, asked, now())) return [];
  const targets = everywhere(context, BESIDE);
  const listed = await source.tasksOfService(cluster, service, signal);
  const unseen = listed.filter((arn) => !seen.get(arn));
  if (unseen.length === 0) return [];
  const { tasks } = await source.describeTasks(cluster, unseen, signal);
  const isNewcomer = ({ health, startedAt = 0 }: Task) =>
    health === 'HEALTHY' && now() - startedAt < NEW_MS;
  return tasks.filter(isNewcomer).map(({ arn }) => {
    seen.set(arn, true);
    return { arn, cluster, messageIds: [], targets };
  });
};
