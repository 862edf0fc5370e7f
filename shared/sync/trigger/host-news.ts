import { isHostDown } from '../../source/source.ts';
import type { SyncContext } from '../context.ts';
import { isOurs } from '../scope.ts';
import { everywhere, FIRST, type TaskTrigger } from './task-trigger.ts';

/** EC2's word on one host, as a message brought it. */
export interface HostNews {
  readonly messageId: string;
  readonly eventId: string;
  readonly instanceId: string;
  readonly state: string;
  /**
   * EC2's own answer lags behind its event. Once the news is old, only the answer counts: the host
   * may be up again.
   */
  readonly fresh: boolean;
}

/**
 * The tasks of the hosts that go down. A batch's hosts are asked for together, since a mass
 * termination brings hundreds of events at once. Where ECS cannot be asked the reconciler, which
 * reads each host's state every round, is sooner than the message would come again (the queue's
 * visibility timeout), and the message can be read.
 */
export const tasksOnHosts = async (
  news: readonly HostNews[],
  context: SyncContext,
  signal: AbortSignal,
): Promise<readonly TaskTrigger[]> => {
  for (const { eventId, instanceId, state } of news) {
    const what = isHostDown(state) ? '' : ', which takes no task out: only one that goes down does';
    context.telemetry.note(`host ${instanceId} is ${state}${what}`, { path: 'event', eventId });
  }
  const groups = Map.groupBy(
    news.filter(({ state }) => isHostDown(state)),
    ({ fresh }) => fresh,
  );
  const targets = everywhere(context, FIRST);
  const triggers = await Promise.all(
    [...groups].map(async ([isHostLeaving, members]) => {
      const messageIds = members.map(({ messageId }) => messageId);
      const common = { messageIds, targets, isHostLeaving };
      return (await findTasks(members, context, signal)).flatMap(({ cluster, tasks }) =>
        tasks.map((arn): TaskTrigger => ({ arn, cluster, ...common })),
      );
    }),
  );
  return triggers.flat();
};

const findTasks = async (news: readonly HostNews[], context: SyncContext, signal: AbortSignal) => {
  const ids = [...new Set(news.map(({ instanceId }) => instanceId))];
  try {
    const clusters = await context.source.recentClusters(signal);
    const inside = clusters.filter((arn) => isOurs(context.config, arn));
    return await context.source.tasksOnHosts(ids, inside, signal);
  } catch (error) {
    context.telemetry.count('Failed', 1);
    const what = `the tasks on ${ids.join(', ')} cannot be found now: left to the reconciler`;
    context.telemetry.fault(what, error, { path: 'event' });
    return [];
  }
};
