import {
  describeClusters,
  describeContainerInstances,
  describeTaskDefinition,
  listClusters,
  listContainerInstances,
  registerTaskDefinition,
} from './ecs/clusters.ts';
import type { Input, Output } from './ecs/common.ts';
import { describeServices, listServices, updateService } from './ecs/services.ts';
import { describeTasks, listTasks, runTask, stopTask } from './ecs/tasks.ts';
import { AwsFault, type AwsService } from './service.ts';
import type { World } from './world.ts';

const OPERATIONS = new Map<string, (world: World, input: Input) => Output>([
  ['ListClusters', listClusters],
  ['DescribeClusters', describeClusters],
  ['ListTasks', listTasks],
  ['DescribeTasks', describeTasks],
  ['RunTask', runTask],
  ['StopTask', stopTask],
  ['RegisterTaskDefinition', registerTaskDefinition],
  ['DescribeTaskDefinition', describeTaskDefinition],
  ['ListContainerInstances', listContainerInstances],
  ['DescribeContainerInstances', describeContainerInstances],
  ['ListServices', listServices],
  ['DescribeServices', describeServices],
  ['UpdateService', updateService],
]);

/** ECS's API over a world. */
export const createEcs = (world: World): AwsService => ({
  target: 'AmazonEC2ContainerServiceV20141113',
  async handle(operation, input) {
    const act = OPERATIONS.get(operation);
    if (!act) throw new AwsFault('UnknownOperationException', `ECS ${operation} is not simulated.`);
    return act(world, input);
  },
});
