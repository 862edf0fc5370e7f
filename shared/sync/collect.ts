import type { RegistryName } from '../model/registration.ts';
import type { Task } from '../model/task.ts';
import { type Message, parseMessage } from '../source/message.ts';
import { isHostDown } from '../source/source.ts';
import type { SyncDeps } from './deps.ts';
import { inScope } from './scope.ts';

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
  /** Messages that could not be read, or whose tasks could not be found out: to be handed out again. */
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
  const add = (work: Work) => {
    const known = works.get(work.arn);
    works.set(work.arn, known ? merge(known, work) : work);
  };
  for (const delivery of deliveries) {
    try {
      const message = parseMessage(delivery.body);
      for (const work of await toWorks(message, delivery, deps, signal)) add(work);
    } catch (error) {
      failed.push(delivery.messageId);
      deps.telemetry.fault(`message ${delivery.messageId} cannot be handled`, error, { path: 'event' });
    }
  }
  return { works: [...works.values()], failed };
};

const toWorks = async (
  message: Message,
  delivery: Delivery,
  deps: SyncDeps,
  signal: AbortSignal,
): Promise<readonly Work[]> => {
  const { config, registries, telemetry } = deps;
  const messageIds = [delivery.messageId];
  const everywhere = (target: Target) => new Map(registries.map(({ name }) => [name, target] as const));
  switch (message.kind) {
    case 'ignored':
      telemetry.note(`ignored: ${message.what}`, { path: 'event' });
      return [];
    case 'task': {
      const { task, eventId: id, time } = message;
      if (!inScope(config.clusters, task.clusterArn)) {
        const detail = `cluster ${task.clusterArn} is not among ROLLCALL_CLUSTERS`;
        telemetry.skip({ task: task.arn, code: 'other-cluster', detail }, { path: 'event', eventId: id });
        return [];
      }
      if (deps.memory.knows(task)) return [];
      const fresh = isFresh(time, delivery, deps);
      const targets = everywhere({ look: -1, operations: [] });
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
      const target = { look: message.look, operations: message.operations };
      const targets = message.registry ? new Map([[message.registry, target]]) : everywhere(target);
      return message.tasks.map((arn) => ({ arn, cluster: message.cluster, messageIds, targets }));
    }
    case 'host': {
      if (!isHostDown(message.state)) return [];
      const clusters = (await deps.source.listClusters(signal)).filter((arn) =>
        inScope(config.clusters, arn),
      );
      const found = await deps.source.tasksOnHost(message.instanceId, clusters, signal);
      telemetry.note(`host ${message.instanceId} is ${message.state}`, {
        path: 'event',
        eventId: message.eventId,
      });
      const targets = everywhere({ look: -1, operations: [] });
      // EC2's own answer lags behind its event. Once the news is old, only the answer counts: the host may be up again.
      const hostDown = isFresh(message.time, delivery, deps);
      return found.flatMap(({ cluster, tasks }) =>
        tasks.map((arn) => ({ arn, cluster, messageIds, targets, ...(hostDown && { hostDown }) })),
      );
    }
  }
};

const isFresh = (time: number, { receiveCount }: Delivery, { now }: SyncDeps) =>
  now() - time <= FRESH_MS && receiveCount <= 1;

const merge = (a: Work, b: Work): Work => {
  const event = newer(a.event, b.event);
  const targets = new Map(a.targets);
  for (const [name, target] of b.targets) {
    const known = targets.get(name);
    targets.set(name, {
      look: Math.max(known?.look ?? -1, target.look),
      operations: [...(known?.operations ?? []), ...target.operations],
    });
  }
  return {
    arn: a.arn,
    cluster: a.cluster,
    messageIds: [...a.messageIds, ...b.messageIds],
    targets,
    ...(event && { event }),
    ...((a.hostDown || b.hostDown) && { hostDown: true }),
  };
};

/** Stopping is sticky: a stop counts as newer than anything that is not one. */
const newer = (a: TaskEvent | undefined, b: TaskEvent | undefined): TaskEvent | undefined => {
  if (!a || !b) return a ?? b;
  const stops = (event: TaskEvent) => event.task.desiredStatus === 'STOPPED';
  if (stops(a) !== stops(b)) return stops(a) ? a : b;
  return b.task.version > a.task.version ? b : a;
};
