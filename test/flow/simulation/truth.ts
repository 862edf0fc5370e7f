import type { ContainerDefinition, Task } from '../../../local/aws/world/shapes.ts';
import type { World } from '../../../local/aws/world.ts';
import type { Held } from './held.ts';

/** What is true of one container that publishes ports, and since when. */
export interface Fact {
  /** The task's. */
  readonly arn: string;
  /** For reports: service and container, and the end of the task's id. */
  readonly name: string;
  /** Container ports: each has a record while the container runs in a running task. */
  readonly ports: readonly number[];
  readonly checked: boolean;
  running: boolean;
  /** When `running` turned last. */
  since: number;
  /** Whether the event of that turn was delivered at once. */
  prompt: boolean;
  healthy: boolean;
  healthySince: number;
  wasUnhealthy: boolean;
  /** ECS does not know its task any more, without ever having said that it stopped. */
  forgotten: boolean;
  /** When an event last lied about its task. */
  forgedAt?: number;
}

export interface Truth {
  facts(): Iterable<Fact>;
  /** What a record speaks of, if anything. */
  of(record: Pick<Held, 'task' | 'port'>): Fact | undefined;
  /** Looks at the world again. */
  update(): void;
  /** The event of the task's last turn was not delivered at once. */
  late(taskArn: string): void;
  forgotten(taskArn: string): void;
  /**
   * An event lies about it: what that does is to be put right as fast as a turn is told. Of one
   * with a check looks are under way already, and the next may be a late one.
   */
  forged(taskArn: string): void;
}

export const createTruth = (world: World, now: () => number): Truth => {
  /** By task, then by container. */
  const tasks = new Map<string, Map<string, Fact>>();
  const byPort = new Map<string, Fact>();

  const factOf = (task: Task, container: ContainerDefinition): Fact | undefined => {
    const containers = tasks.get(task.taskArn) ?? new Map<string, Fact>();
    tasks.set(task.taskArn, containers);
    const known = containers.get(container.name);
    const ports = (container.portMappings ?? []).flatMap(
      ({ containerPort }) => containerPort ?? [],
    );
    if (known || ports.length === 0) return known;
    const service = task.group.replace(/^service:/, '');
    const label = container.name === service ? service : `${service}/${container.name}`;
    const fact: Fact = {
      arn: task.taskArn,
      name: `${label} ${task.taskArn.slice(-6)}`,
      ports,
      checked: container.healthCheck !== undefined,
      running: false,
      since: now(),
      prompt: true,
      healthy: container.healthCheck === undefined,
      healthySince: now(),
      wasUnhealthy: false,
      forgotten: false,
    };
    containers.set(container.name, fact);
    for (const port of ports) byPort.set(`${task.taskArn} ${port}`, fact);
    return fact;
  };
  const note = (task: Task, hasHost: boolean) => {
    const { containerDefinitions = [] } =
      world.definition(task.taskDefinitionArn)?.taskDefinition ?? {};
    for (const container of containerDefinitions) {
      const fact = factOf(task, container);
      if (!fact) continue;
      const running = hasHost && isRunning(task) && isAlive(task, container.name);
      const healthy = toHealthy(task, fact.checked, fact.healthy);
      if (fact.running !== running) Object.assign(fact, { running, since: now(), prompt: true });
      if (fact.healthy !== healthy) Object.assign(fact, { healthy, healthySince: now() });
      if (task.healthStatus === 'UNHEALTHY') fact.wasUnhealthy = true;
    }
  };
  const ofTask = (taskArn: string) => [...(tasks.get(taskArn)?.values() ?? [])];

  return {
    facts: () => [...tasks.values()].flatMap((containers) => [...containers.values()]),
    of: ({ task, port }) => byPort.get(`${task} ${port}`),
    update() {
      const down = new Set(
        world.machines().flatMap(({ instanceId, state }) => (isUp(state) ? [] : [instanceId])),
      );
      const hosts = new Map(
        world
          .clusters()
          .flatMap(({ clusterArn }) => world.containerInstances(clusterArn))
          .map((instance) => [instance.containerInstanceArn, instance.ec2InstanceId]),
      );
      for (const task of world.tasks()) {
        const host = hosts.get(task.containerInstanceArn ?? '');
        note(task, !(host && down.has(host)));
      }
    },
    late(taskArn) {
      for (const fact of ofTask(taskArn)) fact.prompt = false;
    },
    forgotten(taskArn) {
      for (const fact of ofTask(taskArn))
        Object.assign(fact, { running: false, since: now(), forgotten: true });
    },
    forged(taskArn) {
      for (const fact of ofTask(taskArn))
        Object.assign(fact, { since: now(), prompt: !fact.checked, forgedAt: now() });
    },
  };
};

/** No answer yet, or none any more as from an agent that restarts, is no news. */
const toHealthy = ({ healthStatus }: Task, checked: boolean, before: boolean): boolean => {
  if (healthStatus === 'UNKNOWN') return !checked || before;
  return healthStatus !== 'UNHEALTHY';
};

const isRunning = ({ desiredStatus, lastStatus }: Task) =>
  desiredStatus === 'RUNNING' && lastStatus === 'RUNNING';

/** A container may wait for others while its task runs, and stop before its task does. */
export const isAlive = ({ containers }: Task, container: string) =>
  containers.some(({ name, lastStatus }) => name === container && lastStatus === 'RUNNING');

const isUp = (state: string) => state === 'running' || state === 'pending';
