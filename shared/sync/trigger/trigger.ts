import type { ClusterArn, TaskArn } from '../../model/arn.ts';
import { idOf } from '../../model/arn.ts';
import type { Task } from '../../model/task.ts';
import { areOfOnePlace, isOfCluster, noTaskOf } from '../../source/arn.ts';
import { type Look, type Message, parseMessage } from '../../source/message.ts';
import type { EventContext, SyncContext } from '../context.ts';
import { isBefore } from '../memory.ts';
import { isHere, isOurs } from '../scope.ts';
import type { HostNews } from './host-news.ts';
import {
  everywhere,
  FIRST,
  type Progress,
  type TaskEvent,
  type TaskTrigger,
} from './task-trigger.ts';

/** One SQS record, as far as we read it. */
export interface Delivery {
  readonly messageId: string;
  readonly body: string;
  /** How often the queue has handed it out, this time included. */
  readonly receiveCount: number;
}

export interface Triggers {
  readonly triggers: readonly TaskTrigger[];
  /** Messages that could not be read: to be handed out again. */
  readonly failed: readonly string[];
}

/**
 * Parses a batch and groups it by task: one event counts, the newest; looks add what they wait for.
 */
export const readTriggers = async (
  deliveries: readonly Delivery[],
  context: EventContext,
  signal: AbortSignal,
): Promise<Triggers> => {
  const failed: string[] = [];
  const triggers = new Map<TaskArn, TaskTrigger>();
  const hosts: HostNews[] = [];
  const add = (trigger: TaskTrigger) => {
    const known = triggers.get(trigger.arn);
    triggers.set(trigger.arn, known ? merge(known, trigger) : trigger);
  };
  for (const delivery of deliveries) {
    try {
      const message = parseMessage(delivery.body);
      if (isForeign(message, context)) continue;
      if (message.kind === 'host') {
        const fresh = isFresh(message.time, delivery, context);
        hosts.push({ ...message, messageId: delivery.messageId, fresh });
      } else for (const trigger of toTriggers(message, delivery, context)) add(trigger);
    } catch (error) {
      failed.push(delivery.messageId);
      const what = `message ${delivery.messageId} cannot be handled`;
      context.telemetry.fault(what, error, { path: 'event' });
    }
  }
  if (hosts.length > 0) {
    // Loaded where a host goes down: no other start pays for it.
    const { tasksOnHosts } = await import('./host-news.ts');
    for (const trigger of await tasksOnHosts(hosts, context, signal)) add(trigger);
  }
  const news = [...triggers.values()].flatMap(({ event }) => event ?? []);
  const stops = news.filter((event) => event.fresh && stopsIn(event));
  if (stops.length > 0) {
    // Loaded where a task stops: no other start pays for it.
    const { tasksBeside } = await import('./beside.ts');
    const tasks = stops.map(({ task }) => task);
    for (const trigger of await tasksBeside(tasks, context, signal))
      if (!triggers.has(trigger.arn)) add(trigger);
  }
  return { triggers: [...triggers.values()], failed };
};

/**
 * An event of another account or region, by its envelope or its ARNs: ignored, and logged once
 * while warm.
 */
const isForeign = (message: Message, { config, isNews, telemetry }: SyncContext): boolean => {
  if (message.kind !== 'task' && message.kind !== 'host') return false;
  const { place } = config;
  const { account = place.account, region = place.region } = message;
  const arns = message.kind === 'task' ? [message.task.clusterArn, message.task.arn] : [];
  const stranger = arns.find((arn) => !isHere(place, arn));
  if (stranger === undefined && account === place.account && region === place.region) return false;
  const from = stranger?.split(':', 5).slice(3).join(', ') ?? `${region}, ${account}`;
  const what = `ignored: events of another account or region (${from})`;
  if (isNews(what)) telemetry.note(what, { path: 'event' });
  return true;
};

type TaskMessage = Exclude<Message, { kind: 'host' }>;

const toTriggers = (
  message: TaskMessage,
  delivery: Delivery,
  context: EventContext,
): readonly TaskTrigger[] => {
  if (message.kind === 'task') return ofEvent(message, delivery, context);
  if (message.kind === 'look') return ofLook(message, delivery, context);
  context.telemetry.count('Ignored', 1);
  context.telemetry.note(`ignored: ${message.what}`, { path: 'event' });
  return [];
};

const ofEvent = (
  { task, eventId: id, time }: Extract<TaskMessage, { kind: 'task' }>,
  delivery: Delivery,
  context: EventContext,
): readonly TaskTrigger[] => {
  const { arn, clusterArn: cluster } = task;
  const skip = (code: 'other-cluster' | 'unreadable', detail: string) => {
    context.telemetry.skip({ task: arn, code, detail }, { path: 'event', eventId: id });
    return [];
  };
  if (!isOurs(context.config, cluster))
    return skip('other-cluster', `cluster ${cluster} is not among ROLLCALL_CLUSTERS`);
  const misfit = misfitOf(task);
  if (misfit) return skip('unreadable', misfit);
  if (context.handled.has(task, context.now())) return [];
  const event = { id, time, task, fresh: isFresh(time, delivery, context) };
  const targets = everywhere(context, FIRST);
  return [{ arn, cluster, messageIds: [delivery.messageId], targets, event }];
};

/**
 * ECS reports a task with its own cluster and definition. Anything else is not its word, and would
 * be written as it is.
 */
const misfitOf = ({ arn, clusterArn, definitionArn }: Task): string | undefined => {
  if (!isOfCluster(clusterArn, 'task', arn))
    return `taskArn: expected the ARN of a task of ${clusterArn}, got ${arn}`;
  if (!areOfOnePlace(clusterArn, definitionArn))
    return `taskDefinitionArn: expected one of the account and region of ${clusterArn}, got ${definitionArn}`;
  return undefined;
};

const ofLook = (look: Look, delivery: Delivery, context: SyncContext): readonly TaskTrigger[] => {
  const { cluster, registry, operations } = look;
  if (!isOurs(context.config, cluster)) {
    const what = `ignored: a look at ${cluster}, which is not ours`;
    context.telemetry.note(what, { path: 'look' });
    return [];
  }
  const progress = { look: look.look, operations };
  const targets = registry ? new Map([[registry, progress]]) : everywhere(context, progress);
  const messageIds = [delivery.messageId];
  return look.tasks.flatMap((arn) => {
    if (isOfCluster(cluster, 'task', arn))
      return [{ arn, cluster, messageIds, targets, unseen: unseenOf(arn, cluster, look) }];
    context.telemetry.skip(noTaskOf(cluster, arn), { path: 'look', cluster });
    return [];
  });
};

/** Every record's id begins with its task's, so none speaks of another's. */
const unseenOf = (
  arn: TaskArn,
  cluster: ClusterArn,
  { unseen = [] }: Look,
): TaskTrigger['unseen'] => {
  const own = unseen.filter(({ task, id }) => task === arn && id.startsWith(`${idOf(arn)}-`));
  return own.length > 0
    ? own.map(({ task: _, ...identity }) => ({ ...identity, cluster }))
    : undefined;
};

/** An event older than this may be a replay or a late retry: ECS is asked first. */
const FRESH_MS = 60_000;

const isFresh = (time: number, { receiveCount }: Delivery, { now }: SyncContext) =>
  now() - time <= FRESH_MS && receiveCount <= 1;

const merge = (a: TaskTrigger, b: TaskTrigger): TaskTrigger => {
  const targets = new Map(a.targets);
  for (const [name, progress] of b.targets) {
    const known = targets.get(name);
    targets.set(name, known ? mergeProgress(known, progress) : progress);
  }
  return {
    ...a,
    messageIds: [...a.messageIds, ...b.messageIds],
    targets,
    event: newer(a.event, b.event),
    // One of the two may have been described.
    unseen: b.unseen && a.unseen,
    isHostLeaving: a.isHostLeaving || b.isHostLeaving,
  };
};

/** A look without operations reads everything; merged with one that only polls, it still does. */
const mergeProgress = (a: Progress, b: Progress): Progress => {
  const readsAll = [a, b].some(({ look, operations }) => look >= 0 && operations.length === 0);
  const operations = readsAll ? [] : [...a.operations, ...b.operations];
  return { look: Math.max(a.look, b.look), operations };
};

/** Stopping is sticky, a container's too: a stop counts as newer than anything that is not one. */
const newer = (a: TaskEvent | undefined, b: TaskEvent | undefined): TaskEvent | undefined => {
  if (!a || !b) return a ?? b;
  if (stopsIn(a) !== stopsIn(b)) return stopsIn(a) ? a : b;
  return isBefore(a.task, b.task) ? b : a;
};

const stopsIn = ({ task }: TaskEvent) => task.desiredStatus === 'STOPPED';
