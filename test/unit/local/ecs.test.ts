import {
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListClustersCommand,
  ListContainerInstancesCommand,
  ListServicesCommand,
  ListTasksCommand,
  paginateListTasks,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import { createEcs } from '../../../local/aws/ecs.ts';
import { createWorld } from '../../../local/aws/world.ts';
import { createClock } from '../../../local/clock.ts';
import { serve } from './sdk.ts';

const start = async () => {
  const clock = createClock();
  const world = createWorld({ now: clock.now });
  world.addCluster('default');
  world.registerTaskDefinition({
    family: 'web',
    containerDefinitions: [{ name: 'web', image: 'web:1', portMappings: [{ containerPort: 80 }] }],
    tags: [{ key: 'rollcall:name', value: 'shop' }],
  });
  const { machine, containerInstance } = world.addMachine({ cluster: 'default' });
  const run = (more = {}) => world.runTask({ cluster: 'default', taskDefinition: 'web', ...more });
  const ecs = new ECSClient((await serve(createEcs(world))).config);
  return { clock, world, ecs, run, machine, containerInstance };
};
const taskArn = (cluster: string, id: string) =>
  `arn:aws:ecs:eu-central-1:111122223333:task/${cluster}/${id}`;
const ARN = 'arn:aws:ecs:eu-central-1:111122223333';
/** An id as ECS makes them, which no task has. */
const UNKNOWN = 'f'.repeat(32);

describe('ListTasks', () => {
  test('pages at 100, each task once', async () => {
    const { ecs, run } = await start();
    const arns = Array.from({ length: 205 }, () => run().taskArn);
    const pages: string[][] = [];
    for await (const page of paginateListTasks({ client: ecs }, {}))
      pages.push(page.taskArns ?? []);
    expect(pages.map(({ length }) => length)).toEqual([100, 100, 5]);
    expect(pages.flat().toSorted()).toEqual(arns.toSorted());
  });

  test('lists what is wanted RUNNING unless asked otherwise, whether it runs yet or not', async () => {
    const { ecs, world, run } = await start();
    const pending = run({ until: 'PENDING' }).taskArn;
    const stopping = world.stopTask(run().taskArn, { until: 'RUNNING' }).taskArn;
    const list = async (desiredStatus?: 'RUNNING' | 'STOPPED') =>
      (await ecs.send(new ListTasksCommand({ desiredStatus }))).taskArns;
    expect(await list()).toEqual([pending]);
    expect(await list('STOPPED')).toEqual([stopping]);
  });

  test.each([
    ['serviceName', 'shop'],
    ['family', 'web'],
    ['launchType', 'EC2'],
  ] as const)('filters by %s', async (filter, value) => {
    const { ecs, world, run } = await start();
    world.addService({ cluster: 'default', name: 'shop', taskDefinition: 'web' });
    world.registerTaskDefinition({
      family: 'other',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      containerDefinitions: [{ name: 'other', image: 'other' }],
    });
    const wanted = run({ service: 'shop' }).taskArn;
    run({ taskDefinition: 'other' });
    const { taskArns } = await ecs.send(new ListTasksCommand({ [filter]: value }));
    expect(taskArns).toEqual([wanted]);
  });

  test('filters by startedBy, which for a service is its deployment', async () => {
    const { ecs, world, run } = await start();
    const { deployments } = world.addService({
      cluster: 'default',
      name: 'shop',
      taskDefinition: 'web',
    });
    const wanted = run({ service: 'shop' }).taskArn;
    run({ startedBy: 'nightly' });
    const list = new ListTasksCommand({ startedBy: deployments[0]?.id });
    expect((await ecs.send(list)).taskArns).toEqual([wanted]);
  });

  test('filters by container instance', async () => {
    const { ecs, world, run, machine, containerInstance } = await start();
    const wanted = run({ machine: machine.instanceId }).taskArn;
    run({ machine: world.addMachine({ cluster: 'default' }).machine.instanceId });
    const list = new ListTasksCommand({
      containerInstance: containerInstance.containerInstanceArn,
    });
    expect((await ecs.send(list)).taskArns).toEqual([wanted]);
  });

  test.each([
    [
      'an unknown cluster',
      { cluster: 'nowhere' },
      'ClusterNotFoundException',
      'Cluster not found.',
    ],
    [
      'an inactive cluster',
      { cluster: 'gone' },
      'ClusterNotFoundException',
      'The referenced cluster was inactive.',
    ],
    [
      'an unknown service',
      { serviceName: 'none' },
      'ServiceNotFoundException',
      'Service not found.',
    ],
    [
      'a page above 100',
      { maxResults: 101 },
      'InvalidParameterException',
      'maxResults: expected 1 to 100',
    ],
    ['a token it did not give', { nextToken: 'x' }, 'InvalidParameterException', 'Invalid token.'],
  ])('refuses %s', async (_what, input, name, message) => {
    const { ecs, world } = await start();
    world.addCluster('gone');
    world.deactivateCluster('gone');
    await expect(ecs.send(new ListTasksCommand(input))).rejects.toMatchObject({ name, message });
  });
});

describe('DescribeTasks', () => {
  test('describes by id and by ARN, and lists what it does not know as MISSING', async () => {
    const { ecs, run } = await start();
    const [one, two] = [run(), run()];
    const older = two.taskArn.replace('/default/', '/');
    const tasks = [one.taskArn.split('/').at(-1) ?? '', two.taskArn, older, UNKNOWN];
    const answer = await ecs.send(new DescribeTasksCommand({ tasks }));
    expect(answer.tasks?.map(({ taskArn }) => taskArn)).toEqual([
      one.taskArn,
      two.taskArn,
      two.taskArn,
    ]);
    expect(answer.failures).toEqual([{ arn: taskArn('default', UNKNOWN), reason: 'MISSING' }]);
  });

  test('tells health and times, which events do not, and tags when asked', async () => {
    const { ecs, clock, world, run } = await start();
    const task = run({ tags: [{ key: 'a', value: 'b' }] });
    world.setHealth(task.taskArn, 'UNHEALTHY');
    const describeIt = async (include?: 'TAGS'[]) =>
      (await ecs.send(new DescribeTasksCommand({ tasks: [task.taskArn], include }))).tasks?.[0];
    expect(await describeIt()).toMatchObject({
      healthStatus: 'UNHEALTHY',
      startedAt: new Date(clock.now()),
      version: 4,
      tags: [],
      containers: [{ networkBindings: [{ hostPort: 32768 }] }],
    });
    expect((await describeIt(['TAGS']))?.tags).toEqual([{ key: 'a', value: 'b' }]);
  });

  test('describes a stopped task for an hour', async () => {
    const { ecs, clock, world, run } = await start();
    const task = world.stopTask(run().taskArn);
    const describeIt = () => ecs.send(new DescribeTasksCommand({ tasks: [task.taskArn] }));
    expect((await describeIt()).tasks?.[0]?.lastStatus).toBe('STOPPED');
    clock.advance(3_600_000);
    expect((await describeIt()).failures).toEqual([{ arn: task.taskArn, reason: 'MISSING' }]);
  });

  test.each([
    ['more than 100 ids', { tasks: Array(101).fill('a') }, 'tasks can have at most 100 items.'],
    ['no id', { tasks: [] }, 'tasks cannot be empty.'],
    [
      "another cluster's task",
      { tasks: [taskArn('other', UNKNOWN)] },
      'Invalid identifier: Identifier is for cluster other. Your cluster is default',
    ],
    [
      "another account's",
      { tasks: [taskArn('default', UNKNOWN).replace('111122223333', '999999999999')] },
      'Identifier is for 999999999999. Your accountId is 111122223333',
    ],
    [
      "another region's",
      { tasks: [taskArn('default', UNKNOWN).replace('eu-central-1', 'eu-west-1')] },
      'Identifier is for eu-west-1. Your region is eu-central-1',
    ],
    ['a short id', { tasks: [UNKNOWN, 'f00'] }, 'taskId length should be one of [32,36]'],
    [
      'too many parts',
      { tasks: [taskArn('default/default', UNKNOWN)] },
      'Invalid identifier: Unexpected number of separators',
    ],
    [
      'what is no task',
      { tasks: [`${ARN}:container-instance/default/${UNKNOWN}`] },
      'Unsupported resource type: container-instance',
    ],
  ])('refuses %s', async (_what, input, message) => {
    const { ecs } = await start();
    await expect(ecs.send(new DescribeTasksCommand(input))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message,
    });
  });
});

describe('task definitions', () => {
  test('are described by family, revision and ARN, with tags when asked', async () => {
    const { ecs, world } = await start();
    const second = world.registerTaskDefinition({
      family: 'web',
      containerDefinitions: [{ name: 'web', image: 'web:2' }],
    });
    const revisionOf = async (taskDefinition: string) =>
      (await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }))).taskDefinition
        ?.revision;
    expect(await revisionOf('web')).toBe(2);
    expect(await revisionOf('web:1')).toBe(1);
    expect(await revisionOf(second.taskDefinition.taskDefinitionArn)).toBe(2);
    const tagged = new DescribeTaskDefinitionCommand({
      taskDefinition: 'web:1',
      include: ['TAGS'],
    });
    expect((await ecs.send(tagged)).tags).toEqual([{ key: 'rollcall:name', value: 'shop' }]);
  });

  test('are registered with the defaults that ECS fills in', async () => {
    const { ecs } = await start();
    const register = (networkMode: 'bridge' | 'awsvpc') =>
      ecs.send(
        new RegisterTaskDefinitionCommand({
          family: 'new',
          networkMode,
          containerDefinitions: [{ name: 'a', image: 'a', portMappings: [{ containerPort: 80 }] }],
        }),
      );
    const ports = async (mode: 'bridge' | 'awsvpc') =>
      (await register(mode)).taskDefinition?.containerDefinitions?.[0]?.portMappings;
    expect(await ports('bridge')).toEqual([{ containerPort: 80, hostPort: 0, protocol: 'tcp' }]);
    expect(await ports('awsvpc')).toEqual([{ containerPort: 80, hostPort: 80, protocol: 'tcp' }]);
  });

  test('stay describable when inactive, and fail when deleted or unknown', async () => {
    const { ecs, world } = await start();
    const describeIt = () =>
      ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'web:1' }));
    world.deregisterTaskDefinition('web:1');
    expect((await describeIt()).taskDefinition?.status).toBe('INACTIVE');
    world.deleteTaskDefinition('web:1');
    await expect(describeIt()).rejects.toMatchObject({
      name: 'ClientException',
      message: 'Unable to describe task definition.',
    });
  });
});

describe('clusters, services and container instances', () => {
  test('an inactive cluster is described as such, and not listed', async () => {
    const { ecs, world } = await start();
    world.addCluster('gone');
    world.deactivateCluster('gone');
    expect((await ecs.send(new ListClustersCommand({}))).clusterArns).toEqual([
      `${ARN}:cluster/default`,
    ]);
    const { clusters, failures } = await ecs.send(
      new DescribeClustersCommand({ clusters: ['default', 'gone', 'never'] }),
    );
    expect(clusters?.map(({ status }) => status)).toEqual(['ACTIVE', 'INACTIVE']);
    expect(failures).toEqual([{ arn: `${ARN}:cluster/never`, reason: 'MISSING' }]);
  });

  test('a name that no cluster can have is refused, with whatever is asked beside it', async () => {
    const { ecs } = await start();
    const described = ecs.send(new DescribeClustersCommand({ clusters: ['default', 'a b'] }));
    await expect(described).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  test('services count their tasks, and come in pages of ten', async () => {
    const { ecs, world, run } = await start();
    for (let n = 0; n < 11; n++)
      world.addService({
        cluster: 'default',
        name: `s${n}`,
        taskDefinition: 'web',
        desiredCount: 2,
      });
    run({ service: 's0' });
    run({ service: 's0', until: 'PENDING' });
    const { serviceArns, nextToken } = await ecs.send(new ListServicesCommand({}));
    expect(serviceArns).toHaveLength(10);
    expect((await ecs.send(new ListServicesCommand({ nextToken }))).serviceArns).toHaveLength(1);
    const { services, failures } = await ecs.send(
      new DescribeServicesCommand({ services: ['s0', 'no'] }),
    );
    expect(services).toMatchObject([
      { serviceName: 's0', runningCount: 1, pendingCount: 1, desiredCount: 2 },
    ]);
    expect(failures).toEqual([{ arn: `${ARN}:service/default/no`, reason: 'MISSING' }]);
  });

  test.each([
    (id: string) => `ec2InstanceId == ${id}`,
    (id: string) => `ec2InstanceId in [i-0, ${id}]`,
  ])('container instances are found by the id of their machine (%s)', async (filter) => {
    const { ecs, world, machine, containerInstance } = await start();
    world.addMachine({ cluster: 'default' });
    const list = new ListContainerInstancesCommand({ filter: filter(machine.instanceId) });
    expect((await ecs.send(list)).containerInstanceArns).toEqual([
      containerInstance.containerInstanceArn,
    ]);
  });

  test('a filter that is not simulated is refused', async () => {
    const { ecs } = await start();
    const list = new ListContainerInstancesCommand({ filter: 'attribute:ecs.os-type == linux' });
    await expect(ecs.send(list)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  test('container instances are described with what they carry', async () => {
    const { ecs, run, machine, containerInstance } = await start();
    run();
    const { containerInstances, failures } = await ecs.send(
      new DescribeContainerInstancesCommand({
        containerInstances: [containerInstance.containerInstanceArn, UNKNOWN],
      }),
    );
    expect(containerInstances).toMatchObject([
      {
        ec2InstanceId: machine.instanceId,
        runningTasksCount: 1,
        attributes: [{ name: 'ecs.availability-zone', value: 'eu-central-1a' }],
      },
    ]);
    expect(failures).toMatchObject([{ reason: 'MISSING' }]);
  });
});

test('RunTask begins and StopTask announces; the rest of the way is the world’s', async () => {
  const { ecs, world } = await start();
  const { tasks } = await ecs.send(new RunTaskCommand({ taskDefinition: 'web', count: 2 }));
  expect(tasks?.map(({ lastStatus }) => lastStatus)).toEqual(['PROVISIONING', 'PROVISIONING']);
  world.advanceAll();
  const arn = tasks?.[0]?.taskArn ?? '';
  expect(world.task(arn)?.lastStatus).toBe('PENDING');
  const stopped = await ecs.send(new StopTaskCommand({ task: arn, reason: 'enough' }));
  expect(stopped.task).toMatchObject({
    desiredStatus: 'STOPPED',
    lastStatus: 'PENDING',
    stoppedReason: 'enough',
  });
  await expect(ecs.send(new StopTaskCommand({ task: 'none' }))).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
});
