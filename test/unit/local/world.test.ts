import { describe, expect, test, vi } from 'vitest';
import type { AwsEvent, DefinitionInput, Task } from '../../../local/aws/world/shapes.ts';
import { createWorld, type World } from '../../../local/aws/world.ts';
import { createClock } from '../../../local/clock.ts';

const definition = (more: Partial<DefinitionInput> = {}): DefinitionInput => ({
  family: 'web',
  containerDefinitions: [{ name: 'web', image: 'web:1', portMappings: [{ containerPort: 80 }] }],
  ...more,
});

const build = (more: Partial<DefinitionInput> = {}, machine = {}) => {
  const clock = createClock();
  const world = createWorld({ now: clock.now });
  world.addCluster('default');
  world.registerTaskDefinition(definition(more));
  const host = world.addMachine({ cluster: 'default', ...machine });
  const events: AwsEvent[] = [];
  world.onEvent((event) => events.push(event));
  return { clock, world, events, ...host };
};
const run = (world: World, more = {}) =>
  world.runTask({ cluster: 'default', taskDefinition: 'web', ...more });
const statuses = (events: readonly AwsEvent[]) =>
  events.map(({ detail }) => `${detail['desiredStatus']} ${detail['lastStatus']}`);
const versions = (events: readonly AwsEvent[]) => events.map(({ detail }) => detail['version']);
const bindings = (task: Task | undefined) => task?.containers[0]?.networkBindings;

describe('life of a task', () => {
  test('it walks to RUNNING, one event and one version a step', () => {
    const { world, events } = build();
    run(world);
    expect(statuses(events)).toEqual([
      'RUNNING PROVISIONING',
      'RUNNING PENDING',
      'RUNNING ACTIVATING',
      'RUNNING RUNNING',
    ]);
    expect(versions(events)).toEqual([1, 2, 3, 4]);
  });

  test('a stop announces itself by desiredStatus and makes five events', () => {
    const { world, events } = build();
    const { taskArn } = run(world);
    events.length = 0;
    world.stopTask(taskArn);
    expect(statuses(events)).toEqual([
      'STOPPED RUNNING',
      'STOPPED DEACTIVATING',
      'STOPPED STOPPING',
      'STOPPED DEPROVISIONING',
      'STOPPED STOPPED',
    ]);
    expect(events.at(-1)?.detail).toMatchObject({ stopCode: 'UserInitiated', version: 9 });
  });

  test('a task stopped before it ran never passes RUNNING', () => {
    const { world, events } = build();
    const { taskArn } = run(world, { until: 'PENDING' });
    world.stopTask(taskArn, { stopCode: 'TaskFailedToStart' });
    expect(statuses(events).slice(2)).toEqual([
      'STOPPED PENDING',
      'STOPPED DEPROVISIONING',
      'STOPPED STOPPED',
    ]);
  });

  test('a Spot warning changes desiredStatus and nothing else', () => {
    const { world } = build();
    const { taskArn } = run(world);
    const warned = world.stopTask(taskArn, { stopCode: 'SpotInterruption', until: 'RUNNING' });
    expect([warned.desiredStatus, warned.lastStatus]).toEqual(['STOPPED', 'RUNNING']);
  });

  test('a resting task does not advance', () => {
    const { world } = build();
    expect(world.advance(run(world).taskArn)).toBe(false);
  });

  test('played in real time, it walks by itself until it rests', async () => {
    const { world } = build();
    const { taskArn } = run(world, { until: 'PROVISIONING' });
    const end = world.play(1);
    await vi.waitUntil(() => world.task(taskArn)?.lastStatus === 'RUNNING');
    end();
    expect(world.task(taskArn)?.version).toBe(4);
  });

  test('a stopped task is kept for an hour', () => {
    const { world, clock } = build();
    const { taskArn } = world.stopTask(run(world).taskArn);
    clock.advance(3_599_999);
    expect(world.task(taskArn)).toBeDefined();
    clock.advance(1);
    expect(world.task(taskArn)).toBeUndefined();
  });

  test('health changes without version and without event', () => {
    const { world, events } = build();
    const { taskArn, version } = run(world);
    events.length = 0;
    world.setHealth(taskArn, 'HEALTHY', 'web');
    expect(world.task(taskArn)).toMatchObject({
      version,
      healthStatus: 'HEALTHY',
      containers: [{ healthStatus: 'HEALTHY' }],
    });
    expect(events).toEqual([]);
  });

  test('the same seed gives the same ids', () => {
    const [one, two] = [build(), build()].map(({ world }) => run(world).taskArn);
    expect(one).toBe(two);
  });
});

describe('the four forms of a running task', () => {
  test('Fargate: an interface of its own, no machine, no bindings', () => {
    const { world, events } = build({
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
    });
    const task = run(world, { service: 'web' });
    const attachmentId = task.attachments[0]?.id;
    expect(events.at(-1)?.detail).toMatchObject({
      launchType: 'FARGATE',
      group: 'service:web',
      attachments: [
        {
          id: attachmentId,
          type: 'eni',
          status: 'ATTACHED',
          details: expect.arrayContaining([{ name: 'privateIPv4Address', value: '10.0.0.10' }]),
        },
      ],
      containers: [{ networkInterfaces: [{ attachmentId, privateIpv4Address: '10.0.0.10' }] }],
    });
    expect(JSON.stringify(events.at(-1))).not.toMatch(/containerInstanceArn|networkBindings/);
    expect(task.attachments[0]?.type).toBe('ElasticNetworkInterface');
  });

  test('awsvpc on EC2: an interface and a machine', () => {
    const { world, containerInstance } = build({ networkMode: 'awsvpc' });
    expect(run(world)).toMatchObject({
      launchType: 'EC2',
      containerInstanceArn: containerInstance.containerInstanceArn,
      attachments: [{ status: 'ATTACHED' }],
    });
  });

  test('bridge: a dynamic host port, known once Docker has chosen it', () => {
    const { world } = build();
    const { taskArn } = run(world, { until: 'PENDING' });
    expect(bindings(world.task(taskArn))).toEqual([]);
    world.advance(taskArn);
    expect(bindings(world.task(taskArn))).toEqual([
      { bindIP: '0.0.0.0', containerPort: 80, hostPort: 32768, protocol: 'tcp' },
    ]);
  });

  test.each([
    ['same port', [32768, 32768]],
    ['other port', [32768, 32769]],
  ])('bridge with IPv6 lists each port twice (%s)', (ipv6Bindings, hostPorts) => {
    const { world } = build({}, { ipv6Bindings });
    const listed = bindings(run(world)) ?? [];
    expect(listed.map(({ bindIP }) => bindIP)).toEqual(['0.0.0.0', '::']);
    expect(listed.map(({ hostPort }) => hostPort)).toEqual(hostPorts);
  });

  test('bridge with a range lists the range', () => {
    const portMappings = [{ containerPortRange: '8000-8002' }];
    const { world } = build({
      containerDefinitions: [{ name: 'web', image: 'web', portMappings }],
    });
    expect(bindings(run(world))).toEqual([
      {
        bindIP: '0.0.0.0',
        containerPortRange: '8000-8002',
        hostPortRange: '32768-32770',
        protocol: 'tcp',
      },
    ]);
  });

  test('host mode: neither bindings nor interface', () => {
    const { world } = build({ networkMode: 'host' });
    expect(run(world)).toMatchObject({
      attachments: [],
      containers: [{ networkBindings: [], networkInterfaces: [] }],
    });
  });

  test('an external machine runs EXTERNAL tasks', () => {
    const { world, machine } = build({}, { external: true });
    expect(machine.instanceId).toMatch(/^mi-/);
    const task = run(world);
    expect(task.launchType).toBe('EXTERNAL');
    expect(task.availabilityZone).toBeUndefined();
  });

  test('containers that ECS injects appear beside those of the definition', () => {
    const { world } = build();
    const { containers } = run(world, { sidecars: ['ecs-service-connect-x'] });
    expect(containers.map(({ name }) => name)).toEqual(['web', 'ecs-service-connect-x']);
  });
});

describe('addresses and ports', () => {
  test('a stopped task leaves its port to the next one, and its event lacks it', () => {
    const { world } = build();
    const first = run(world);
    expect(bindings(world.stopTask(first.taskArn))).toEqual([]);
    expect(bindings(run(world))?.[0]?.hostPort).toBe(32768);
  });

  test('a stopped task leaves its address to the next one, its interface is gone', () => {
    const { world } = build({ networkMode: 'awsvpc' });
    const first = run(world);
    expect(world.networkInterfaces()).toHaveLength(1);
    expect(world.stopTask(first.taskArn).attachments[0]?.status).toBe('DELETED');
    expect(world.networkInterfaces()).toEqual([]);
    run(world);
    expect(world.networkInterfaces()[0]?.privateIpAddress).toBe('10.0.0.10');
  });

  test('a fixed host port serves one task a machine', () => {
    const portMappings = [{ containerPort: 80, hostPort: 8080 }];
    const { world } = build({
      containerDefinitions: [{ name: 'web', image: 'web', portMappings }],
    });
    run(world);
    expect(() => run(world)).toThrow('8080 is taken');
    expect(world.tasks()).toHaveLength(1);
    world.addMachine({ cluster: 'default' });
    expect(bindings(run(world))?.[0]?.hostPort).toBe(8080);
  });

  test('a task that finds no place leaves no port behind', () => {
    const portMappings = [{ containerPort: 1 }, { containerPort: 80, hostPort: 8080 }];
    const { world } = build({
      containerDefinitions: [{ name: 'web', image: 'web', portMappings }],
    });
    run(world);
    expect(() => run(world)).toThrow('8080 is taken');
    world.registerTaskDefinition(definition({ family: 'other' }));
    expect(bindings(run(world, { taskDefinition: 'other' }))?.[0]?.hostPort).toBe(32769);
  });

  test('ports where real processes listen can be given', () => {
    const { world } = build();
    expect(bindings(run(world, { hostPorts: { 80: 4567 } }))?.[0]?.hostPort).toBe(4567);
  });
});

describe('events', () => {
  test('carry neither health nor tags nor network mode, and times as text', () => {
    const { world, events } = build();
    run(world, { tags: [{ key: 'a', value: 'b' }] });
    const { detail, ...envelope } = events.at(-1) as AwsEvent;
    expect(envelope).toEqual({
      version: '0',
      id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/),
      'detail-type': 'ECS Task State Change',
      source: 'aws.ecs',
      account: '111122223333',
      time: '2026-01-01T12:00:00Z',
      region: 'eu-central-1',
      resources: [detail['taskArn']],
    });
    expect(detail).toMatchObject({ startedAt: '2026-01-01T12:00:00.000Z' });
    expect(JSON.stringify(detail)).not.toMatch(/healthStatus|"tags"|networkMode/);
  });

  test('a machine changes state by an event of EC2, and its tasks go on RUNNING for ECS', () => {
    const { world, events, machine } = build();
    const { taskArn } = run(world);
    world.setMachineState(machine.instanceId, 'shutting-down');
    expect(events.at(-1)).toMatchObject({
      'detail-type': 'EC2 Instance State-change Notification',
      source: 'aws.ec2',
      resources: [`arn:aws:ec2:eu-central-1:111122223333:instance/${machine.instanceId}`],
      detail: { 'instance-id': machine.instanceId, state: 'shutting-down' },
    });
    expect(world.task(taskArn)?.lastStatus).toBe('RUNNING');
  });

  test('a lost machine takes its tasks with it', () => {
    const { world, machine } = build();
    const { taskArn } = run(world);
    world.loseMachine(machine.instanceId);
    expect(world.task(taskArn)).toMatchObject({
      lastStatus: 'STOPPED',
      stopCode: 'TerminationNotice',
    });
  });

  test('a draining container instance tells so with a version of its own, and takes no new task', () => {
    const { world, events, containerInstance } = build();
    world.changeContainerInstance(containerInstance.containerInstanceArn, { status: 'DRAINING' });
    expect(events.at(-1)).toMatchObject({
      'detail-type': 'ECS Container Instance State Change',
      detail: { status: 'DRAINING', version: 2, ec2InstanceId: containerInstance.ec2InstanceId },
    });
    expect(() => run(world)).toThrow('no machine');
  });

  test('can be lost, repeated, held back and reordered', () => {
    const { world, events } = build();
    world.dropNext();
    world.duplicateNext(1, 2);
    run(world);
    expect(versions(events)).toEqual([2, 2, 2, 3, 4]);
    events.length = 0;
    world.holdNext();
    run(world);
    expect(events).toEqual([]);
    expect(world.held()).toHaveLength(4);
    world.release((held) => held.toReversed());
    expect(versions(events)).toEqual([4, 3, 2, 1]);
    expect(world.held()).toEqual([]);
  });
});

describe('reads that lag', () => {
  test('show an older version, or no task, until they catch up', () => {
    const { world } = build();
    const { taskArn } = run(world);
    const seen = () => world.visibleTasks().map(({ version }) => version);
    world.lagReads(taskArn, 2);
    expect(seen()).toEqual([2]);
    world.lagReads(taskArn, 'MISSING');
    expect(seen()).toEqual([]);
    world.lagReads(taskArn, undefined);
    expect(seen()).toEqual([4]);
  });
});
