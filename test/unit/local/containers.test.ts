import {
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
} from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import { createEcs } from '../../../local/aws/ecs.ts';
import type { AwsEvent, ContainerDefinition, Task } from '../../../local/aws/world/shapes.ts';
import { createWorld } from '../../../local/aws/world.ts';
import { serve } from './sdk.ts';

const image = 'example/app:1';
/** An application, a container beside it that may go, and one that prepares both. */
const CONTAINERS: readonly ContainerDefinition[] = [
  { name: 'app', image, portMappings: [{ containerPort: 8080 }] },
  { name: 'admin', image, essential: false, portMappings: [{ containerPort: 9000 }] },
  { name: 'migrate', image, essential: false },
];

const build = () => {
  const world = createWorld();
  world.addCluster('default');
  world.addMachine({ cluster: 'default' });
  world.registerTaskDefinition({ family: 'web', containerDefinitions: CONTAINERS });
  const events: AwsEvent[] = [];
  world.onEvent((event) => events.push(event));
  const run = (more = {}) => world.runTask({ cluster: 'default', taskDefinition: 'web', ...more });
  return { world, events, run };
};

const of = (task: Task | undefined, name: string) =>
  task?.containers.find((container) => container.name === name);
const portOf = (task: Task | undefined, name: string) =>
  of(task, name)?.networkBindings[0]?.hostPort;
const told = (event: AwsEvent | undefined, name: string) =>
  of(event?.detail as Task | undefined, name);

describe('a container that exits in a living task', () => {
  test('is STOPPED with its exit code and reason, in the next event and in DescribeTasks', async () => {
    const { world, events, run } = build();
    const { taskArn, version } = run();
    const reason = 'OutOfMemoryError: Container killed due to memory usage';
    const task = world.stopContainer(taskArn, 'admin', { exitCode: 137, reason });
    expect(task).toMatchObject({ desiredStatus: 'RUNNING', lastStatus: 'RUNNING' });
    expect(task.version).toBe(version + 1);
    const stopped = { lastStatus: 'STOPPED', exitCode: 137, reason };
    expect(told(events.at(-1), 'admin')).toMatchObject(stopped);
    expect(told(events.at(-1), 'app')).toMatchObject({ lastStatus: 'RUNNING' });
    const ecs = new ECSClient((await serve(createEcs(world))).config);
    const { tasks } = await ecs.send(new DescribeTasksCommand({ tasks: [taskArn] }));
    expect(tasks?.[0]?.containers?.map(({ lastStatus }) => lastStatus)).toEqual([
      'RUNNING',
      'STOPPED',
      'RUNNING',
    ]);
    expect(tasks?.[0]?.containers?.[1]).toMatchObject(stopped);
  });

  test.each([
    ['kept', 32769],
    ['dropped', undefined],
  ] as const)(
    'has its bindings %s, and Docker gives its port to the next one',
    (bindings, port) => {
      const { world, run } = build();
      const { taskArn } = run();
      const task = world.stopContainer(taskArn, 'admin', { bindings });
      expect(portOf(task, 'admin')).toBe(port);
      expect(portOf(task, 'app')).toBe(32768);
      expect(portOf(run(), 'app')).toBe(32769);
    },
  );

  test('leaves a port alone that another task has by then, when its own task stops', () => {
    const { world, run } = build();
    const first = run().taskArn;
    world.stopContainer(first, 'admin');
    const next = run();
    world.stopTask(first);
    expect([portOf(next, 'app'), portOf(run(), 'app')]).toEqual([32769, 32768]);
  });

  test('stays STOPPED to the end of its task, which tells its ports no more', () => {
    const { world, run } = build();
    const { taskArn } = run();
    world.stopContainer(taskArn, 'admin', { exitCode: 1 });
    expect(of(world.stopTask(taskArn, { until: 'STOPPING' }), 'admin')?.lastStatus).toBe('STOPPED');
    expect(of(world.stopTask(taskArn), 'admin')).toMatchObject({
      exitCode: 1,
      networkBindings: [],
    });
    expect(() => world.stopContainer(taskArn, 'admin')).toThrow('has stopped already');
  });

  test('takes the task with it if it is essential, which ECS takes every other one for', () => {
    const { world, events, run } = build();
    const { taskArn } = run();
    events.length = 0;
    const task = world.stopContainer(taskArn, 'app', { exitCode: 2, until: 'RUNNING' });
    expect(task).toMatchObject({
      desiredStatus: 'STOPPED',
      lastStatus: 'RUNNING',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
    });
    expect(events).toHaveLength(1);
    expect(of(world.stopTask(taskArn), 'app')?.exitCode).toBe(2);
  });

  test('must be one of the task', () => {
    const { world, run } = build();
    expect(() => world.stopContainer(run().taskArn, 'none')).toThrow('no container none');
  });
});

describe('a container that waits for others', () => {
  test('is PENDING while they run, and has its ports once it starts', () => {
    const { world, events, run } = build();
    const { taskArn } = run({ waiting: ['app'] });
    expect(of(world.task(taskArn), 'app')).toMatchObject({
      lastStatus: 'PENDING',
      networkBindings: [],
    });
    world.stopContainer(taskArn, 'migrate');
    const task = world.startContainer(taskArn, 'app');
    expect([of(task, 'app')?.lastStatus, portOf(task, 'app')]).toEqual(['RUNNING', 32768]);
    expect(told(events.at(-1), 'app')?.lastStatus).toBe('RUNNING');
    expect(() => world.startContainer(taskArn, 'app')).toThrow('container app is RUNNING');
  });

  test('stops with its task although it never ran', () => {
    const { world, run } = build();
    const task = world.stopTask(run({ waiting: ['app'] }).taskArn);
    expect(of(task, 'app')?.lastStatus).toBe('STOPPED');
  });
});

test('a definition is described as it was registered, and every container essential but where it says not', async () => {
  const world = createWorld();
  const rest = {
    healthCheck: { command: ['CMD', 'true'] },
    restartPolicy: { enabled: true },
    firelensConfiguration: { type: 'fluentbit' },
    dependsOn: [{ containerName: 'app', condition: 'START' }],
  };
  const proxyConfiguration = { type: 'APPMESH', containerName: 'envoy' };
  world.registerTaskDefinition({
    family: 'web',
    proxyConfiguration,
    containerDefinitions: [
      { name: 'app', image, portMappings: [{ containerPortRange: '8000-8999' }] },
      { name: 'envoy', image, essential: false, ...rest },
    ],
  });
  const ecs = new ECSClient((await serve(createEcs(world))).config);
  const { taskDefinition } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: 'web' }),
  );
  expect(taskDefinition).toMatchObject({
    proxyConfiguration,
    containerDefinitions: [
      { essential: true, portMappings: [{ containerPortRange: '8000-8999', protocol: 'tcp' }] },
      { essential: false, ...rest },
    ],
  });
});
