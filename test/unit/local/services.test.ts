import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListServicesCommand,
  RunTaskCommand,
  UpdateServiceCommand,
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
  world.addMachine({ cluster: 'default' });
  const register = () =>
    world.registerTaskDefinition({
      family: 'web',
      containerDefinitions: [{ name: 'web', image: 'web:1' }],
    }).taskDefinition.taskDefinitionArn;
  const definitions = [register(), register()] as const;
  const ecs = new ECSClient((await serve(createEcs(world))).config);
  const describeIt = async (service = 'shop') =>
    (await ecs.send(new DescribeServicesCommand({ services: [service] }))).services?.[0];
  const run = (taskDefinition = 'web:1') =>
    world.runTask({ cluster: 'default', taskDefinition, service: 'shop' });
  return { clock, world, ecs, definitions, describeIt, run };
};

describe('a service', () => {
  test('tells since when it is there, and by which deployment its tasks are started', async () => {
    const { clock, world, definitions, describeIt, run } = await start();
    world.addService({ cluster: 'default', name: 'shop', taskDefinition: 'web:1' });
    const { group, startedBy } = run();
    expect(group).toBe('service:shop');
    expect(startedBy).toMatch(/^ecs-svc\/\d{19}$/);
    expect(await describeIt()).toMatchObject({
      serviceName: 'shop',
      status: 'ACTIVE',
      createdAt: new Date(clock.now()),
      deployments: [
        { id: startedBy, status: 'PRIMARY', taskDefinition: definitions[0], runningCount: 1 },
      ],
    });
  });

  test('has a new deployment with another definition, and the old one until its last task has stopped', async () => {
    const { world, ecs, definitions, describeIt, run } = await start();
    const old = run();
    const update = { service: 'shop', taskDefinition: definitions[1], desiredCount: 3 };
    const { service } = await ecs.send(new UpdateServiceCommand(update));
    const { startedBy } = run('web:2');
    expect(startedBy).not.toBe(old.startedBy);
    expect(service?.deployments?.[0]?.id).toBe(startedBy);
    expect((await describeIt())?.deployments).toMatchObject([
      { id: startedBy, status: 'PRIMARY', taskDefinition: definitions[1], desiredCount: 3 },
      { id: old.startedBy, status: 'ACTIVE', taskDefinition: definitions[0], desiredCount: 0 },
    ]);
    world.stopTask(old.taskArn);
    expect((await describeIt())?.deployments).toHaveLength(1);
  });

  test('that goes back to its old definition has a third deployment', async () => {
    const { ecs, definitions, run } = await start();
    const first = run().startedBy;
    for (const taskDefinition of [definitions[1], definitions[0]])
      await ecs.send(new UpdateServiceCommand({ service: 'shop', taskDefinition }));
    expect(run().startedBy).not.toBe(first);
  });

  test('keeps its deployment where nothing of it changes, unless that is forced', async () => {
    const { ecs, run } = await start();
    const first = run().startedBy;
    await ecs.send(new UpdateServiceCommand({ service: 'shop', desiredCount: 5 }));
    expect(run().startedBy).toBe(first);
    await ecs.send(new UpdateServiceCommand({ service: 'shop', forceNewDeployment: true }));
    expect(run().startedBy).not.toBe(first);
  });

  test('drains when it is deleted, and is INACTIVE and listed no more once its tasks have stopped', async () => {
    const { world, ecs, describeIt, run } = await start();
    const { taskArn } = run();
    world.deleteService({ cluster: 'default', name: 'shop' });
    const listed = async () => (await ecs.send(new ListServicesCommand({}))).serviceArns?.length;
    expect([(await describeIt())?.status, await listed()]).toEqual(['DRAINING', 1]);
    world.stopTask(taskArn);
    expect([(await describeIt())?.status, await listed()]).toEqual(['INACTIVE', 0]);
    const update = new UpdateServiceCommand({ service: 'shop', desiredCount: 1 });
    await expect(ecs.send(update)).rejects.toMatchObject({ name: 'ServiceNotActiveException' });
  });

  test.each([
    ['an unknown service', { service: 'no' }, 'ServiceNotFoundException'],
    ['an unknown definition', { service: 'shop', taskDefinition: 'no' }, 'ClientException'],
    ['less than no task', { service: 'shop', desiredCount: -1 }, 'InvalidParameterException'],
  ])('is not updated to %s', async (_, input, name) => {
    const { ecs, run } = await start();
    run();
    await expect(ecs.send(new UpdateServiceCommand(input))).rejects.toMatchObject({ name });
  });

  test('is described by name and by ARN, at most ten at once', async () => {
    const { world, ecs, describeIt, run } = await start();
    run();
    const [service] = world.services(world.cluster('default')?.clusterArn ?? '');
    expect((await describeIt(service?.serviceArn))?.serviceName).toBe('shop');
    const eleven = new DescribeServicesCommand({ services: Array(11).fill('shop') });
    await expect(ecs.send(eleven)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });
});

describe('RunTask', () => {
  test('passes on who started the task, its group and what it overrides', async () => {
    const { ecs, world } = await start();
    const [override] = [
      {
        name: 'web',
        command: ['report'],
        environment: [{ name: 'SERVICE_NAME', value: 'report' }],
      },
    ];
    const { tasks } = await ecs.send(
      new RunTaskCommand({
        taskDefinition: 'web',
        startedBy: 'nightly/report',
        group: 'batch',
        overrides: { containerOverrides: [override] },
      }),
    );
    const taskArn = tasks?.[0]?.taskArn ?? '';
    const told: unknown[] = [];
    world.onEvent(({ detail }) => told.push(detail));
    world.advance(taskArn);
    const described = await ecs.send(new DescribeTasksCommand({ tasks: [taskArn] }));
    for (const task of [tasks?.[0], told[0], described.tasks?.[0]])
      expect(task).toMatchObject({
        startedBy: 'nightly/report',
        group: 'batch',
        overrides: { containerOverrides: [override] },
      });
  });

  test('has the family for a group unless told, and takes 128 characters of startedBy', async () => {
    const { ecs } = await start();
    const run = (length: number) =>
      ecs.send(new RunTaskCommand({ taskDefinition: 'web', startedBy: 'a'.repeat(length) }));
    expect((await run(128)).tasks?.[0]).toMatchObject({ group: 'family:web' });
    await expect(run(129)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });
});
