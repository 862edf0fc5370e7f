import { number, records, required, text } from '../input.ts';
import { AwsFault } from '../service.ts';
import { lastSegment } from '../world/names.ts';
import type { ContainerOverride, Task } from '../world/shapes.ts';
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

/** Lists what is wanted RUNNING unless told otherwise, tasks that do not run yet included. */
export const listTasks = (world: World, input: Input): Output => {
  const cluster = clusterOf(world, input);
  const keep = filters(world, cluster.clusterArn, input);
  const tasks = world
    .visibleTasks()
    .filter(
      (task) => task.clusterArn === cluster.clusterArn && keep.every((wanted) => wanted(task)),
    );
  const { items, next } = arnPage(
    input,
    tasks.map(({ taskArn }) => taskArn),
  );
  return { taskArns: items, nextToken: next };
};

const filters = (world: World, clusterArn: string, input: Input): ((task: Task) => boolean)[] => {
  const desired = text(input, 'desiredStatus') ?? 'RUNNING';
  const startedBy = text(input, 'startedBy');
  const family = text(input, 'family');
  const service = text(input, 'serviceName');
  const launchType = text(input, 'launchType');
  const instance = text(input, 'containerInstance');
  if (startedBy !== undefined && (family ?? service ?? instance) !== undefined)
    throw invalid('startedBy cannot be combined with other filters.');
  if (service && !world.service(clusterArn, service))
    throw new AwsFault('ServiceNotFoundException', 'Service not found.');
  return [
    (task) => task.desiredStatus === desired,
    (task) => startedBy === undefined || task.startedBy === startedBy,
    (task) => !family || lastSegment(task.taskDefinitionArn).startsWith(`${family}:`),
    (task) => !service || task.group === `service:${lastSegment(service)}`,
    (task) => !launchType || task.launchType === launchType,
    (task) => !instance || lastSegment(task.containerInstanceArn ?? '') === lastSegment(instance),
  ];
};

export const describeTasks = (world: World, input: Input): Output => {
  const cluster = clusterOf(world, input);
  const visible = new Map(
    world
      .visibleTasks()
      .filter(({ clusterArn }) => clusterArn === cluster.clusterArn)
      // An ARN of the older form names no cluster: it is the id that counts.
      .map((task) => [lastSegment(task.taskArn), task]),
  );
  const { found, failures } = describeEach(world, cluster, {
    ids: idsOf(input, 'tasks', 100),
    kind: 'task',
    find: (arn) => visible.get(lastSegment(arn)),
  });
  return { tasks: found.map((task) => toAnswer(task, wantsTags(input))), failures };
};

/** `updatedAt` is told by events alone. */
const toAnswer = ({ tags, updatedAt: _, ...task }: Task, withTags: boolean) => ({
  ...task,
  tags: withTags ? tags : [],
});

/**
 * As on AWS the answer shows the task at PROVISIONING; its further steps are the world's
 * (`advance`, `play`).
 */
export const runTask = (world: World, input: Input): Output => {
  const cluster = clusterOf(world, input);
  const taskDefinition = required(input, 'taskDefinition');
  if (!world.definition(taskDefinition))
    throw new AwsFault('ClientException', 'TaskDefinition not found.');
  const launchType = text(input, 'launchType');
  const startedBy = startedByOf(input);
  const group = text(input, 'group');
  const tasks: Task[] = [];
  const failures: Output[] = [];
  for (let turn = 0; turn < (number(input, 'count') ?? 1); turn++) {
    try {
      tasks.push(
        world.runTask({
          cluster: cluster.clusterName,
          taskDefinition,
          ...(launchType === 'FARGATE' || launchType === 'EC2' ? { launchType } : {}),
          ...(startedBy && { startedBy }),
          ...(group && { group }),
          overrides: toOverrides(input),
          until: 'PROVISIONING',
        }),
      );
    } catch (error) {
      failures.push({ reason: 'RESOURCE', detail: String(error) });
    }
  }
  return { tasks: tasks.map((task) => toAnswer(task, true)), failures };
};

const MOST_STARTED_BY = 128;

const startedByOf = (input: Input): string | undefined => {
  const startedBy = text(input, 'startedBy');
  if (startedBy !== undefined && startedBy.length > MOST_STARTED_BY)
    throw invalid(`startedBy can have at most ${MOST_STARTED_BY} characters.`);
  return startedBy;
};

/** What a run overrides is kept as sent: its environment is read, its command only told. */
const toOverrides = (input: Input): ContainerOverride[] => {
  const overrides = input['overrides'];
  if (typeof overrides !== 'object' || overrides === null) return [];
  return records({ ...overrides }, 'containerOverrides').map((override) => ({
    ...override,
    name: required(override, 'name'),
    environment: records(override, 'environment').map((entry) => ({
      name: required(entry, 'name'),
      value: text(entry, 'value') ?? '',
    })),
  }));
};

/** Sets `desiredStatus`; the rest of the way is the world's. */
export const stopTask = (world: World, input: Input): Output => {
  const cluster = clusterOf(world, input);
  const { found } = describeEach(world, cluster, {
    ids: [required(input, 'task')],
    kind: 'task',
    find: world.task,
  });
  const [task] = found;
  if (!task) throw invalid('The referenced task was not found.');
  const reason = text(input, 'reason');
  return {
    task: toAnswer(
      world.stopTask(task.taskArn, { ...(reason && { reason }), until: 'RUNNING' }),
      true,
    ),
  };
};
