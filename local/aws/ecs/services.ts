import { number, required, text } from '../input.ts';
import { AwsFault } from '../service.ts';
import type { Deployment, Service, Task } from '../world/shapes.ts';
import type { World } from '../world.ts';
import {
  arnPage,
  clusterOf,
  describeEach,
  type Input,
  idsOf,
  invalid,
  type Output,
} from './common.ts';

/** Pages are 10 unless said. One that was deleted is listed until its tasks have stopped. */
export const listServices = (world: World, input: Input): Output => {
  const cluster = clusterOf(world, input);
  const arns = world
    .services(cluster.clusterArn)
    .filter((service) => toAnswer(world, service).status !== 'INACTIVE')
    .map(({ serviceArn }) => serviceArn);
  const { items, next } = arnPage(input, arns, { usual: 10 });
  return { serviceArns: items, nextToken: next };
};

export const describeServices = (world: World, input: Input): Output => {
  const cluster = clusterOf(world, input);
  const { found, failures } = describeEach(world, cluster, {
    ids: idsOf(input, 'services', 10),
    kind: 'service',
    find: (arn) => world.service(cluster.clusterArn, arn),
  });
  return { services: found.map((service) => toAnswer(world, service)), failures };
};

/** Starts and stops no task: that is the world's. */
export const updateService = (world: World, input: Input): Output => {
  const { clusterArn: cluster } = clusterOf(world, input);
  const name = required(input, 'service');
  const service = world.service(cluster, name);
  if (!service) throw new AwsFault('ServiceNotFoundException', 'Service not found.');
  if (service.status !== 'ACTIVE')
    throw new AwsFault('ServiceNotActiveException', 'Service was not ACTIVE.');
  const taskDefinition = text(input, 'taskDefinition');
  const desiredCount = number(input, 'desiredCount');
  if (taskDefinition !== undefined && !world.definition(taskDefinition))
    throw new AwsFault('ClientException', 'TaskDefinition not found.');
  if (desiredCount !== undefined && desiredCount < 0)
    throw invalid('desiredCount cannot be negative.');
  const changed = world.updateService({
    cluster,
    name: service.serviceName,
    ...(taskDefinition !== undefined && { taskDefinition }),
    ...(desiredCount !== undefined && { desiredCount }),
    force: input['forceNewDeployment'] === true,
  });
  return { service: toAnswer(world, changed) };
};

interface Counts {
  readonly runningCount: number;
  readonly pendingCount: number;
}

const countOf = (tasks: readonly Task[]): Counts => {
  const wanted = tasks.filter(({ desiredStatus }) => desiredStatus === 'RUNNING');
  const running = wanted.filter(({ lastStatus }) => lastStatus === 'RUNNING');
  return { runningCount: running.length, pendingCount: wanted.length - running.length };
};

const toAnswer = (world: World, { deployments, ...service }: Service) => {
  const own = world
    .visibleTasks()
    .filter(
      ({ clusterArn, group }) =>
        clusterArn === service.clusterArn && group === `service:${service.serviceName}`,
    );
  const counts = countOf(own);
  const isEmpty = counts.runningCount + counts.pendingCount === 0;
  return {
    ...service,
    ...counts,
    status: service.status === 'DRAINING' && isEmpty ? 'INACTIVE' : service.status,
    deployments: deployments.flatMap((deployment, age) => {
      const tasks = own.filter(({ startedBy }) => startedBy === deployment.id);
      const alive = tasks.some(({ lastStatus }) => lastStatus !== 'STOPPED');
      if (age > 0 && !alive) return [];
      return [toDeployment(deployment, { age, desired: service.desiredCount, ...countOf(tasks) })];
    }),
  };
};

/** The newest is the PRIMARY one; an older one stays ACTIVE until its last task has stopped. */
const toDeployment = (
  deployment: Deployment,
  { age, desired, ...counts }: Counts & { readonly age: number; readonly desired: number },
) => ({
  ...deployment,
  ...counts,
  status: age === 0 ? 'PRIMARY' : 'ACTIVE',
  desiredCount: age === 0 ? desired : 0,
  failedTasks: 0,
});
