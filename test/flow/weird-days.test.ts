import { describe, expect, it } from 'vitest';
import type { Task } from '../../local/aws/world/shapes.ts';
import { takeDown } from '../../local/outage.ts';
import { QUEUE } from '../../local/stack.ts';
import { container, expectPlaces, type Flow, startFlow } from './stage.ts';

const named = (name: string) => container({ dockerLabels: { SERVICE_NAME: name } });

const addressOf = (task: Task) =>
  task.containers[0]?.networkInterfaces[0]?.privateIpv4Address ?? 'no address';

/** The event and what DescribeTasks says alike, as if ECS had always said so. */
const becomes = (flow: Flow, task: Task, changes: object) =>
  flow.stack.world.changeTask(task.taskArn, changes);

describe('a task that ECS tells of in a way of its own', () => {
  it.each([
    ['of Managed Instances', { launchType: 'MANAGED_INSTANCES', capacityProviderName: 'managed' }],
    [
      'of a task set, CODE_DEPLOY’s or another controller’s',
      { startedBy: 'ecs-svc/1234567890123456789' },
    ],
    ['that is RUNNING without a startedAt', { startedAt: undefined }],
  ])('%s is registered, and taken out when it stops', async (_, changes) => {
    const flow = await startFlow();
    flow.stack.world.holdNext();
    const task = flow.run();
    becomes(flow, task, changes);
    flow.stack.world.release();
    await flow.settle();
    await expectPlaces(flow, `web ${addressOf(task)}:8080`);
    await flow.stack.reconcile.invoke();
    await expectPlaces(flow, `web ${addressOf(task)}:8080`);
    flow.stack.world.stopTask(task.taskArn);
    await flow.settle();
    await expectPlaces(flow);
  });

  it('whose interface has no address yet is registered once ECS knows it', async () => {
    const flow = await startFlow();
    flow.stack.world.holdNext();
    const { attachments, containers, ...task } = flow.run();
    const bare = {
      attachments: [],
      containers: containers.map((one) => ({ ...one, networkInterfaces: [] })),
    };
    flow.stack.world.release(() => []);
    flow.stack.world.changeTask(task.taskArn, bare);
    await flow.drain();
    await expectPlaces(flow);
    flow.stack.world.changeTask(task.taskArn, { attachments, containers });
    await flow.settle();
    await expectPlaces(flow, `web ${addressOf({ ...task, attachments, containers })}:8080`);
  });

  it('with a thousand ports in a range has one record, in every registry', async () => {
    const flow = await startFlow();
    flow.run({
      networkMode: 'bridge',
      containerDefinitions: [container({ portMappings: [{ containerPortRange: '8000-8999' }] })],
    });
    await flow.settle();
    const { cloudmap, consul, eureka } = await flow.places();
    expect([cloudmap.length, consul.length, eureka.length]).toEqual([1, 1, 1]);
  });
});

describe('a revision that gives another name', () => {
  it('leaves the old tasks under the old one while they drain', async () => {
    const flow = await startFlow();
    const old = flow.run({ containerDefinitions: [named('web-before')] });
    const young = flow.run({ containerDefinitions: [named('web-after')] });
    await flow.settle();
    await flow.stack.reconcile.invoke();
    await expectPlaces(
      flow,
      `web-before ${addressOf(old)}:8080`,
      `web-after ${addressOf(young)}:8080`,
    );
    flow.stack.world.stopTask(old.taskArn);
    await flow.settle();
    await expectPlaces(flow, `web-after ${addressOf(young)}:8080`);
  });
});

describe('a definition that is deleted while its tasks run', () => {
  it('takes none of them out, and a stop does even where no function knows it any more', async () => {
    const flow = await startFlow();
    const task = flow.run();
    await flow.settle();
    flow.stack.world.deleteTaskDefinition('web:1');
    await flow.stack.redeploy({});
    await flow.stack.reconcile.invoke();
    await expectPlaces(flow, `web ${addressOf(task)}:8080`);
    flow.stack.world.stopTask(task.taskArn);
    await flow.settle();
    await flow.stack.reconcile.invoke();
    await expectPlaces(flow);
  });
});

describe('ten tasks of ten clusters in one batch', () => {
  it('are registered, though one registry is down, and in that one once it is back', async () => {
    const flow = await startFlow();
    takeDown(flow.stack, 'consul');
    const clusters = Array.from({ length: 10 }, (_, at) => `c${at}`);
    for (const cluster of clusters) flow.stack.world.addCluster(cluster);
    flow.stack.world.holdNext();
    const tasks = clusters.map((cluster) => flow.run({}, { cluster, launchType: 'FARGATE' }));
    flow.stack.world.release((events) =>
      events.filter(({ detail }) => detail['lastStatus'] === 'RUNNING'),
    );
    await flow.drain();
    const places = tasks.map((task) => `web ${addressOf(task)}:8080`).sort();
    flow.stack.consul?.faults.clear();
    expect(await flow.places()).toEqual({ cloudmap: places, consul: [], eureka: places });
    await flow.settle();
    await expectPlaces(flow, ...places);
  });
});

describe('two reconciles at once', () => {
  it('leave what one would have left', async () => {
    const flow = await startFlow();
    flow.stack.world.dropNext(Number.POSITIVE_INFINITY);
    const tasks = Array.from({ length: 20 }, () => flow.run());
    await Promise.all([flow.stack.reconcile.invoke(), flow.stack.reconcile.invoke()]);
    for (const task of tasks.slice(0, 15)) flow.stack.world.stopTask(task.taskArn);
    await Promise.all([flow.stack.reconcile.invoke(), flow.stack.reconcile.invoke()]);
    await expectPlaces(flow, ...tasks.slice(15).map((task) => `web ${addressOf(task)}:8080`));
  });
});

describe('managed daemons', () => {
  it('are ignored and explained: none fails a round, is looked at again or ends among the dead letters', async () => {
    const flow = await startFlow();
    const { stack } = flow;
    const daemons = Array.from({ length: 30 }, () =>
      flow.run({ family: 'agent' }, { daemon: 'agent' }),
    );
    const task = flow.run();
    await flow.settle();
    const summary = await stack.reconcile.invoke();
    await expectPlaces(flow, `web ${addressOf(task)}:8080`);
    expect(summary).toMatchObject({ tasks: 1, skips: [], failures: [], unfinished: [] });
    const [daemon] = daemons;
    const { text } = await stack.inspect({ command: 'explain', task: daemon?.taskArn });
    expect(text).toContain('left out (unknown-kind): task definition');
    stack.world.stopTask(daemon?.taskArn ?? '');
    await flow.settle();
    expect(stack.deadLetters.messages()).toEqual([]);
    expect(flow.lines.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
    expect(flow.saying('ignored: a task of arn:aws:ecs')).not.toEqual([]);
  });

  it('on a host that dies hold up none of its tasks, and are not looked at again', async () => {
    const flow = await startFlow();
    const { world, sqs } = flow.stack;
    const daemon = flow.run({ family: 'agent' }, { daemon: 'agent', launchType: 'EC2' });
    flow.run({ networkMode: 'bridge' });
    await flow.settle();
    const [machine] = world.machines();
    world.setMachineState(machine?.instanceId ?? '', 'shutting-down');
    await flow.drain();
    await expectPlaces(flow);
    const waiting = sqs.queue(QUEUE)?.messages() ?? [];
    expect(waiting.filter(({ body }) => body.includes(daemon.taskArn))).toEqual([]);
    const told = flow.lines.filter(({ task }) => task === daemon.taskArn);
    expect(told).toMatchObject([{ level: 'info', code: 'unknown-kind' }]);
  });
});

describe('a zone’s outage', () => {
  it('brings no task of a dead host back, nor keeps one, though its address was known', async () => {
    const flow = await startFlow();
    const { world, reconcile } = flow.stack;
    const [machine] = world.machines();
    flow.run({ networkMode: 'bridge' });
    flow.run({ family: 'own' }, { launchType: 'EC2' });
    await flow.settle();
    await reconcile.invoke();
    expect((await flow.places()).consul).toHaveLength(2);
    world.dropNext(1);
    world.setMachineState(machine?.instanceId ?? '', 'terminated');
    await reconcile.invoke();
    await expectPlaces(flow);
    world.loseZone(machine?.availabilityZone ?? '');
    const { tasks, failures } = await reconcile.invoke();
    expect([tasks, failures]).toEqual([2, []]);
    await expectPlaces(flow);
  });
});
