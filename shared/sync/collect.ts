import type { Identity, RegistryName } from '../model/registration.ts';
import type { Task } from '../model/task.ts';
import { areOfOnePlace, idOf, isOfCluster } from '../source/arn.ts';
import { type Look, type Message, parseMessage } from '../source/message.ts';
import type { SyncDeps } from './deps.ts';
import type { HostNews } from './hosts-down.ts';
import { isHere, isOurs } from './scope.ts';

/** One SQS record, as far as we read it. */
export interface Delivery {
  readonly messageId: string;
  readonly body: string;
  /** How often the queue has handed it out, this time included. */
  readonly receiveCount: number;
}

/** What is known of one task's progress at one registry: which look this is (-1: the event itself), writes under way. */
export interface Target {
  readonly look: number;
  readonly operations: readonly string[];
}

/** One task that this batch is about, whatever number of messages spoke of it. */
export interface Work {
  readonly arn: string;
  readonly cluster: string;
  readonly messageIds: readonly string[];
  readonly targets: ReadonlyMap<RegistryName, Target>;
  /** The newest event, if any. */
  readonly event?: TaskEvent;
  /** What was written by the event of a task that ECS has called missing ever since, in each look. */
  readonly unseen?: readonly Identity[];
  /** EC2 says that the task's host goes down. */
  readonly hostDown?: boolean;
}

export interface TaskEvent {
  readonly id: string;
  readonly time: number;
  readonly task: Task;
  /** Neither old nor handed out before: its first write may go without a look at ECS. */
  readonly fresh: boolean;
}

export interface Collected {
  readonly works: readonly Work[];
  /** Messages that could not be read: to be handed out again. */
  readonly failed: readonly string[];
}

/** An event older than this may be a replay or a late retry: ECS is asked first. */
const FRESH_MS = 60_000;

/** Parses a batch and gathers it by task: one event counts, the newest; looks add what they wait for. */
export const collect = async (
  deliveries: readonly Delivery[],
  deps: SyncDeps,
  signal: AbortSignal,
): Promise<Collected> => {
  const failed: string[] = [];
  const works = new Map<string, Work>();
  const hosts: HostNews[] = [];
  const add = (work: Work) => {
    const known = works.get(work.arn);
    works.set(work.arn, known ? merge(known, work) : work);
  };
  for (const delivery of deliveries) {
    try {
      const message = parseMessage(delivery.body);
      if (isForeign(message, deps)) continue;
      if (message.kind === 'host') {
        const { messageId } = delivery;
        hosts.push({ ...message, messageId, fresh: isFresh(message.time, delivery, deps) });
      } else for (const work of toWorks(message, delivery, deps)) add(work);
    } catch (error) {
      failed.push(delivery.messageId);
      deps.telemetry.fault(`message ${delivery.messageId} cannot be handled`, error, { path: 'event' });
    }
  }
  const targets = everywhere(deps, { look: -1, operations: [] });
  if (hosts.length > 0) {
    // Loaded where a host goes down: no other start pays for it.
    const { worksOnHosts } = await import('./hosts-down.ts');
    for (const work of await worksOnHosts(hosts, targets, deps, signal)) add(work);
  }
  return { works: [...works.values()], failed };
};

/** An event of another account or region, by its envelope or its ARNs: left, and told once while warm. */
const isForeign = (message: Message, { config, memory, telemetry }: SyncDeps): boolean => {
  if (message.kind !== 'task' && message.kind !== 'host') return false;
  const { place } = config;
  const { account = place.account, region = place.region } = message;
  const arns = message.kind === 'task' ? [message.task.clusterArn, message.task.arn] : [];
  const stranger = arns.find((arn) => !isHere(place, arn));
  if (stranger === undefined && account === place.account && region === place.region) return false;
  const from = stranger?.split(':', 5).slice(3).join(', ') ?? `${region}, ${account}`;
  const what = `ignored: events of another account or region (${from})`;
  if (memory.isNews(what)) telemetry.note(what, { path: 'event' });
  return true;
};

/** ECS tells of a task with its own cluster and definition. Anything else is not its word, and would be written as it is. */
const misfitOf = ({ arn, clusterArn, definitionArn }: Task): string | undefined => {
  if (!isOfCluster(clusterArn, 'task', arn))
    return `taskArn: expected the ARN of a task of ${clusterArn}, got ${arn}`;
  if (!areOfOnePlace(clusterArn, definitionArn))
    return `taskDefinitionArn: expected one of the account and region of ${clusterArn}, got ${definitionArn}`;
  return undefined;
};

const everywhere = ({ registries }: SyncDeps, target: Target): Work['targets'] =>
  new Map(registries.map(({ name }) => [name, target] as const));

const toWorks = (
  message: Exclude<Message, { kind: 'host' }>,
  delivery: Delivery,
  deps: SyncDeps,
): readonly Work[] => {
  const { config, telemetry } = deps;
  const messageIds = [delivery.messageId];
  switch (message.kind) {
    case 'ignored':
      telemetry.count('Ignored', 1);
      telemetry.note(`ignored: ${message.what}`, { path: 'event' });
      return [];
    case 'task': {
      const { task, eventId: id, time } = message;
      if (!isOurs(config, task.clusterArn)) {
        const detail = `cluster ${task.clusterArn} is not among ROLLCALL_CLUSTERS`;
        telemetry.skip({ task: task.arn, code: 'other-cluster', detail }, { path: 'event', eventId: id });
        return [];
      }
      const misfit = misfitOf(task);
      if (misfit) {
        telemetry.skip(
          { task: task.arn, code: 'unreadable', detail: misfit },
          { path: 'event', eventId: id },
        );
        return [];
      }
      if (deps.memory.knows(task)) return [];
      const fresh = isFresh(time, delivery, deps);
      const targets = everywhere(deps, { look: -1, operations: [] });
      return [
        {
          arn: task.arn,
          cluster: task.clusterArn,
          messageIds,
          targets,
          event: { id, time, task, fresh },
        },
      ];
    }
    case 'look': {
      if (!isOurs(config, message.cluster)) {
        telemetry.note(`ignored: a look at ${message.cluster}, which is not ours`, { path: 'look' });
        return [];
      }
      const target = { look: message.look, operations: message.operations };
      const targets = message.registry ? new Map([[message.registry, target]]) : everywhere(deps, target);
      const { cluster } = message;
      return message.tasks.map((arn) => ({ arn, cluster, messageIds, targets, ...unseenOf(arn, message) }));
    }
  }
};

/** Every record's id begins with its task's, so none speaks of another's. */
const unseenOf = (arn: string, { cluster, unseen = [] }: Look): Pick<Work, 'unseen'> => {
  const own = unseen.filter(({ task, id }) => task === arn && id.startsWith(`${idOf(arn)}-`));
  return own.length > 0 ? { unseen: own.map(({ task: _, ...identity }) => ({ ...identity, cluster })) } : {};
};

const isFresh = (time: number, { receiveCount }: Delivery, { now }: SyncDeps) =>
  now() - time <= FRESH_MS && receiveCount <= 1;

const merge = (a: Work, b: Work): Work => {
  const event = newer(a.event, b.event);
  const targets = new Map(a.targets);
  for (const [name, target] of b.targets) {
    const known = targets.get(name);
    targets.set(name, known ? mergeTargets(known, target) : target);
  }
  return {
    arn: a.arn,
    cluster: a.cluster,
    messageIds: [...a.messageIds, ...b.messageIds],
    targets,
    ...(event && { event }),
    // One of the two may have been described.
    ...(a.unseen && b.unseen && { unseen: a.unseen }),
    ...((a.hostDown || b.hostDown) && { hostDown: true }),
  };
};

/** A look that waits for anything but operations waits for none: met with another that does, it is to be judged. */
const mergeTargets = (a: Target, b: Target): Target => {
  const isJudged = [a, b].some(({ look, operations }) => look >= 0 && operations.length === 0);
  return {
    look: Math.max(a.look, b.look),
    operations: isJudged ? [] : [...a.operations, ...b.operations],
  };
};

/** Stopping is sticky: a stop counts as newer than anything that is not one. */
const newer = (a: TaskEvent | undefined, b: TaskEvent | undefined): TaskEvent | undefined => {
  if (!a || !b) return a ?? b;
  const stops = (event: TaskEvent) => event.task.desiredStatus === 'STOPPED';
  if (stops(a) !== stops(b)) return stops(a) ? a : b;
  return b.task.version > a.task.version ? b : a;
};
