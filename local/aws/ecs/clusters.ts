import { records, required, text, texts } from '../input.ts';
import { AwsFault } from '../service.ts';
import { lastSegment } from '../world/names.ts';
import type { ContainerInstance, DefinitionInput, TaskDefinition } from '../world/shapes.ts';
import type { World } from '../world.ts';
import {
  arnPage,
  clusterOf,
  describeEach,
  type Input,
  idsOf,
  invalid,
  type Output,
  wantsTags,
} from './common.ts';

export const listClusters = (world: World, input: Input): Output => {
  const active = world.clusters().filter(({ status }) => status === 'ACTIVE');
  const { items, next } = arnPage(
    input,
    active.map(({ clusterArn }) => clusterArn),
  );
  return { clusterArns: items, nextToken: next };
};

/** Inactive clusters are described as such, unknown ones are failures. */
export const describeClusters = (world: World, input: Input): Output => {
  const wanted = texts(input, 'clusters');
  const ids = wanted.length > 0 ? wanted : ['default'];
  if (ids.length > 100) throw invalid('clusters can have at most 100 items.');
  for (const name of ids.map(lastSegment))
    if (!/^[\w-]{1,255}$/.test(name))
      throw invalid(`Cluster must match ^[a-zA-Z0-9\\-_]{1,255}$, but was ${name}`);
  return {
    clusters: ids.flatMap((id) => world.cluster(id) ?? []),
    failures: ids
      .filter((id) => !world.cluster(id))
      .map((id) => ({
        arn: world.arn('ecs', `cluster/${lastSegment(id)}`),
        reason: 'MISSING',
      })),
  };
};

/** Of the cluster query language only `ec2InstanceId == i-…` and `ec2InstanceId in [i-…, i-…]`. */
export const listContainerInstances = (world: World, input: Input): Output => {
  const cluster = clusterOf(world, input);
  const status = text(input, 'status');
  const matches = parseFilter(text(input, 'filter'));
  const found = world
    .containerInstances(cluster.clusterArn)
    .filter((instance) => (status ? instance.status === status : instance.status !== 'INACTIVE'))
    .filter(matches);
  const { items, next } = arnPage(
    input,
    found.map(({ containerInstanceArn }) => containerInstanceArn),
  );
  return { containerInstanceArns: items, nextToken: next };
};

const parseFilter = (filter: string | undefined): ((instance: ContainerInstance) => boolean) => {
  if (!filter) return () => true;
  const [, one, several] =
    /^\s*ec2InstanceId\s*(?:==\s*([\w-]+)|in\s*\[([^\]]*)\])\s*$/.exec(filter) ?? [];
  const wanted = one ? [one] : several?.split(',').map((id) => id.trim());
  if (!wanted) throw invalid(`Invalid filter (or one that is not simulated): ${filter}`);
  return ({ ec2InstanceId }) => wanted.includes(ec2InstanceId);
};

export const describeContainerInstances = (world: World, input: Input): Output => {
  const cluster = clusterOf(world, input);
  const { found, failures } = describeEach(world, cluster, {
    ids: idsOf(input, 'containerInstances', 100),
    kind: 'container-instance',
    find: (arn) => world.containerInstance(cluster.clusterArn, arn),
  });
  const carried = (instance: ContainerInstance, status: string) =>
    world
      .visibleTasks()
      .filter(
        (task) =>
          task.containerInstanceArn === instance.containerInstanceArn && task.lastStatus === status,
      ).length;
  return {
    containerInstances: found.map((instance) => ({
      ...instance,
      runningTasksCount: carried(instance, 'RUNNING'),
      pendingTasksCount: carried(instance, 'PENDING'),
    })),
    failures,
  };
};

export const describeTaskDefinition = (world: World, input: Input): Output => {
  const found = world.definition(required(input, 'taskDefinition'));
  if (!found) throw new AwsFault('ClientException', 'Unable to describe task definition.');
  return {
    taskDefinition: toAnswer(found.taskDefinition),
    ...(wantsTags(input) && { tags: found.tags }),
  };
};

export const registerTaskDefinition = (world: World, input: Input): Output => {
  if (!isDefinition(input))
    throw new AwsFault('ClientException', 'Container.name should not be null or empty.');
  const { taskDefinition, tags } = world.registerTaskDefinition(input);
  return { taskDefinition: toAnswer(taskDefinition), tags };
};

/** AWS tells these of every definition, whoever left them out. */
const toAnswer = ({ containerDefinitions, ...definition }: TaskDefinition) => ({
  volumes: [],
  placementConstraints: [],
  ...definition,
  containerDefinitions: containerDefinitions.map((each) => ({
    cpu: 0,
    mountPoints: [],
    volumesFrom: [],
    ...each,
  })),
});

/**
 * Checks no more than that there are a family and containers with names and images; the rest is
 * kept as sent.
 */
const isDefinition = (input: unknown): input is DefinitionInput => {
  const shape: Input = Object(input);
  const containers = records(shape, 'containerDefinitions');
  return (
    required(shape, 'family') !== '' &&
    containers.length > 0 &&
    containers.every((each) => text(each, 'name') && text(each, 'image'))
  );
};
