import { createPool } from '../aws/world/names.ts';
import type { Task } from '../aws/world/shapes.ts';
import type { World } from '../aws/world.ts';
import { taskAddress } from './addresses.ts';
import { type App, startApp } from './app.ts';
import type { ExampleService } from './services.ts';

/** A running task with the process behind it. */
export interface Member {
  readonly service: string;
  readonly task: Task;
  readonly app: App;
}

/** ECS's scheduler and the hosts' agents for the example: real processes under simulated tasks. */
export interface ExampleCluster {
  readonly arn: string;
  readonly services: readonly string[];
  /** Oldest first; without tasks that have ended. */
  members(service?: string): readonly Member[];
  /** How many tasks the service shall have; its tasks come and go with the next ticks. */
  scale(service: string, count: number): void;
  desired(service: string): number;
  /**
   * A new revision of the service's definition: ECS starts its tasks, and stops an old one for each
   * new one that serves. Returns the revision.
   */
  deploy(service: string): number;
  /** Whether all tasks that there are belong to the newest revision, and serve. */
  isDeployed(service: string): boolean;
  /** The processes of a task die by themselves, its first container's first; ECS replaces it. */
  kill(task: string): Promise<Task>;
  /** One container dies by itself. The task runs on if it can do without. */
  killContainer(task: string, container: string): Promise<Task>;
  /** What the container's health check finds from now on. */
  setHealth(task: string, healthy: boolean): Task;
  /**
   * The service's tasks look as if they had been started hours ago: what ECS forgets has long
   * stopped.
   */
  age(service: string): void;
  /**
   * ECS drops the service and forgets its tasks, without an event: a deletion that nobody heard of.
   */
  forget(service: string): Promise<void>;
  /** EC2 takes a host down; ECS notices some ticks later. Returns its id. */
  loseHost(): string;
  /** One step for every task, process and health check. */
  tick(): Promise<void>;
  /** All processes end. */
  stop(): Promise<void>;
}

/** Milliseconds; more than the hour for which ECS describes what has stopped. */
const HOURS = 7_200_000;
/** Ticks until a health check has answered, and until ECS has noticed that a host is gone. */
const FIRST_CHECK = 3;
const NOTICE = 10;
/**
 * Ticks that a process goes on answering after SIGTERM, as those do that want a deployment without
 * errors; ECS waits 30 s (`stopTimeout`) unless a definition says otherwise.
 */
const LAST_REQUESTS = 15;
/** By SIGKILL, as Docker tells it. */
const KILLED = { exitCode: 137 } as const;

export const createCluster = (
  world: World,
  services: readonly ExampleService[],
): ExampleCluster => {
  const { clusterArn, clusterName } = world.addCluster('example');
  const zones = [`${world.region}a`, `${world.region}b`];
  // The hosts' private address is loopback, so that what is registered really answers.
  const addHost = (availabilityZone: string) =>
    world.addMachine({ cluster: clusterName, availabilityZone, privateIpAddress: '127.0.0.1' });
  for (const zone of zones) addHost(zone);
  for (const { name, definition, tasks } of services) {
    world.registerTaskDefinition(definition);
    world.addService({
      cluster: clusterName,
      name,
      taskDefinition: definition.family,
      desiredCount: tasks,
    });
  }
  const desired = new Map(services.map(({ name, tasks }) => [name, tasks]));
  const entries = new Map<
    string,
    { service: string; app: App; age: number; left: number; release: () => void }
  >();
  const addresses = createPool(1);
  const dying = new Map<string, number>();

  const members = (service?: string): Member[] =>
    [...entries].flatMap(([arn, entry]) => {
      const task = world.task(arn);
      const wanted = service === undefined || entry.service === service;
      return task && wanted ? [{ service: entry.service, task, app: entry.app }] : [];
    });
  const find = (idOrArn: string): Member => {
    const found = members().filter(({ task }) =>
      task.taskArn.split('/').at(-1)?.startsWith(toId(idOrArn)),
    );
    if (found.length === 1 && found[0]) return found[0];
    throw new Error(`task: expected the id of one running task, got ${idOrArn || 'nothing'}`);
  };

  const start = async ({ name, definition, program }: ExampleService) => {
    const own = definition.networkMode === 'awsvpc' ? addresses.take() : undefined;
    const release = () => own !== undefined && addresses.free(own);
    const containerPorts = definition.containerDefinitions.flatMap(({ portMappings = [] }) =>
      portMappings.flatMap(({ containerPort }) => containerPort ?? []),
    );
    const address = own === undefined ? '127.0.0.1' : taskAddress(own);
    const app = await startApp({
      address,
      containerPorts,
      fixed: own !== undefined,
      respond: program(),
    });
    const task = world.runTask({
      cluster: clusterName,
      taskDefinition: definition.family,
      service: name,
      hostPorts: app.ports,
      ...(own !== undefined && { privateIp: address }),
      until: 'PROVISIONING',
    });
    entries.set(task.taskArn, { service: name, app, age: 0, left: LAST_REQUESTS, release });
  };
  const isWanted = ({ task }: Member) => task.desiredStatus === 'RUNNING';
  const isNew = ({ service, task }: Member) =>
    task.taskDefinitionArn === world.service(clusterArn, service)?.taskDefinition;
  const isServing = ({ task }: Member) =>
    task.lastStatus === 'RUNNING' && (!isChecked(task) || task.healthStatus === 'HEALTHY');
  /**
   * As ECS does: missing tasks are started, surplus ones stopped, the oldest first; those of an
   * older revision as far as others serve in their place.
   */
  const schedule = async (service: ExampleService) => {
    const living = members(service.name).filter(isWanted);
    const wanted = desired.get(service.name) ?? 0;
    const current = living.filter(isNew);
    const older = living.filter((member) => !isNew(member));
    for (let missing = wanted - current.length; missing > 0; missing--) await start(service);
    const spare = older.length + current.filter(isServing).length - wanted;
    const surplus = [
      ...older.slice(0, Math.max(0, spare)),
      ...current.slice(0, Math.max(0, current.length - wanted)),
    ];
    for (const { task } of surplus)
      world.stopTask(task.taskArn, {
        stopCode: 'ServiceSchedulerInitiated',
        reason: `Scaling activity initiated by (deployment ${service.name})`,
        until: 'RUNNING',
      });
  };
  const end = async (arn: string) => {
    const entry = entries.get(arn);
    entries.delete(arn);
    await entry?.app.stop();
    entry?.release();
  };
  /**
   * The process ends when its task does, and its health check answers some ticks after its start.
   */
  const follow = async (arn: string) => {
    const entry = entries.get(arn);
    const task = world.task(arn);
    if (!entry) return;
    if (!task || task.lastStatus === 'DEPROVISIONING' || task.lastStatus === 'STOPPED')
      return end(arn);
    if (task.lastStatus === 'RUNNING' && ++entry.age >= FIRST_CHECK) check(task, entry.app);
  };
  const isChecked = ({ taskDefinitionArn }: Task) =>
    world
      .definition(taskDefinitionArn)
      ?.taskDefinition.containerDefinitions.some(({ healthCheck }) => healthCheck) === true;
  const check = (task: Task, { healthy }: App) => {
    const found = healthy ? 'HEALTHY' : 'UNHEALTHY';
    if (isChecked(task) && task.healthStatus !== found) world.setHealth(task.taskArn, found);
  };
  /** Whether the process has had SIGTERM and answers its last requests. */
  const isEnding = ({ taskArn, lastStatus, stopCode }: Task) => {
    const entry = entries.get(taskArn);
    if (!entry || lastStatus !== 'STOPPING' || stopCode !== 'ServiceSchedulerInitiated')
      return false;
    return !entry.app.stopped && entry.left-- > 0;
  };
  const buryHosts = () => {
    for (const [instanceId, left] of dying) {
      dying.set(instanceId, left - 1);
      if (left > 0) continue;
      dying.delete(instanceId);
      world.loseMachine(instanceId);
    }
  };

  return {
    arn: clusterArn,
    services: services.map(({ name }) => name),
    members,
    desired: (service) => desired.get(service) ?? 0,
    scale(service, count) {
      if (!desired.has(service))
        throw new Error(
          `service: expected one of ${[...desired.keys()].join(', ')}, got ${service}`,
        );
      if (!Number.isInteger(count) || count < 0 || count > 50)
        throw new Error(`count: expected a whole number from 0 to 50, got ${count}`);
      desired.set(service, count);
    },
    deploy(name) {
      const service = services.find((one) => one.name === name);
      if (!service) throw new Error(`service: expected one of the example, got ${name}`);
      const { taskDefinition } = world.registerTaskDefinition(service.definition);
      const { taskDefinitionArn, revision } = taskDefinition;
      world.updateService({ cluster: clusterName, name, taskDefinition: taskDefinitionArn });
      return revision;
    },
    isDeployed: (service) =>
      members(service).every((member) => isNew(member) && isWanted(member) && isServing(member)),
    async kill(idOrArn) {
      const { task, app } = find(idOrArn);
      await app.stop();
      return world.stopContainer(task.taskArn, task.containers[0]?.name ?? '', KILLED);
    },
    async killContainer(idOrArn, container) {
      const { task, app } = find(idOrArn);
      const definition = world.definition(task.taskDefinitionArn)?.taskDefinition;
      const own = definition?.containerDefinitions.find(({ name }) => name === container);
      const stopped = world.stopContainer(task.taskArn, container, KILLED);
      const ports = (own?.portMappings ?? []).flatMap(({ containerPort }) => containerPort ?? []);
      await app.close(ports);
      return stopped;
    },
    setHealth(idOrArn, healthy) {
      const { task, app } = find(idOrArn);
      app.healthy = healthy;
      return task;
    },
    age(service) {
      for (const { task } of members(service)) world.ageTask(task.taskArn, HOURS);
    },
    async forget(service) {
      desired.set(service, 0);
      await Promise.all(
        members(service).map(({ task }) => {
          world.forgetTask(task.taskArn);
          return end(task.taskArn);
        }),
      );
    },
    loseHost() {
      const [host] = world
        .containerInstances(clusterArn)
        .filter(({ status }) => status === 'ACTIVE');
      if (!host) throw new Error('no host is left');
      const { ec2InstanceId } = host;
      addHost(world.machine(ec2InstanceId)?.availabilityZone ?? zones[0] ?? '');
      world.changeContainerInstance(host.containerInstanceArn, { status: 'DRAINING' });
      world.setMachineState(ec2InstanceId, 'shutting-down');
      dying.set(ec2InstanceId, NOTICE);
      return ec2InstanceId;
    },
    async tick() {
      for (const task of world.tasks()) if (!isEnding(task)) world.advance(task.taskArn);
      for (const arn of [...entries.keys()]) await follow(arn);
      buryHosts();
      for (const service of services) await schedule(service);
    },
    async stop() {
      await Promise.all([...entries.values()].map(({ app }) => app.stop()));
    },
  };
};

const toId = (idOrArn: string) => idOrArn.slice(idOrArn.lastIndexOf('/') + 1);
