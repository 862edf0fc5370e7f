import { describe, expect, it } from 'vitest';
import { refusal } from '../../local/aws/refusal.ts';
import type { Task } from '../../local/aws/world/shapes.ts';
import { container, expectPlaces, type Flow, startFlow } from './stage.ts';

/** A task of two containers, `web` on 8080 and `admin` on 9090, of which the second may stop. */
const twoContainers = (networkMode: 'awsvpc' | 'bridge') => ({
  networkMode,
  containerDefinitions: [
    container({ dockerLabels: { SERVICE_NAME: 'web' } }),
    container({
      name: 'side',
      portMappings: [{ containerPort: 9090 }],
      dockerLabels: { SERVICE_NAME: 'web-admin' },
    }),
  ],
});

const withStatus = ({ containers }: Task, lastStatus: Task['lastStatus']) => ({
  containers: containers.map((one) => (one.name === 'side' ? { ...one, lastStatus } : one)),
});

/** Version, event and all, as ECS tells of it. */
const becomes = ({ stack }: Flow, task: Task, lastStatus: Task['lastStatus']) =>
  stack.world.changeTask(task.taskArn, withStatus(task, lastStatus));

const WEB = 'web 10.0.0.10:8080';
const BOTH = [WEB, 'web-admin 10.0.0.10:9090'];

/** At rest, with both containers registered. */
const startBoth = async (policy = 'sync') => {
  const flow = await startFlow({ environment: { ROLLCALL_POLICY: policy } });
  const task = flow.run(twoContainers('awsvpc'));
  await flow.settle();
  await expectPlaces(flow, ...BOTH);
  return { flow, task };
};

describe('a container that stops while its task runs', () => {
  it('is taken out by its event, and no other is touched', async () => {
    const { flow, task } = await startBoth();
    becomes(flow, task, 'STOPPED');
    await flow.settle();
    await expectPlaces(flow, WEB);
    const removed = flow.lines.filter(({ message }) => `${message}`.startsWith('remove '));
    expect(removed.map(({ registry }) => registry).sort()).toEqual([
      'cloudmap',
      'consul',
      'eureka',
    ]);
    await flow.stack.reconcile.invoke();
    await expectPlaces(flow, WEB);
  });

  it('is believed where ECS says the same, though its task has just started and has no other', async () => {
    const flow = await startFlow();
    const main = container({ name: 'main', portMappings: [] });
    const { taskArn } = flow.run({ containerDefinitions: [main, container({ essential: false })] });
    await flow.drain();
    await expectPlaces(flow, WEB);
    flow.stack.aws.clearCalls();
    flow.stack.world.stopContainer(taskArn, 'app');
    await flow.drain();
    await expectPlaces(flow);
    expect(flow.saying('contradict')).toEqual([]);
    expect(flow.stack.aws.calls().map(({ operation }) => operation)).toContain('DescribeTasks');
  });

  it('is taken out by a round where its event was lost, outside the delete limit', async () => {
    const flow = await startFlow();
    const tasks = Array.from({ length: 12 }, () => flow.run(twoContainers('awsvpc')));
    await flow.settle();
    flow.stack.world.dropNext(tasks.length);
    for (const task of tasks) becomes(flow, task, 'STOPPED');
    const { withheld } = await flow.stack.reconcile.invoke();
    await flow.settle();
    expect(withheld).toEqual([]);
    await expectPlaces(flow, ...tasks.map((_, at) => `web 10.0.0.${10 + at}:8080`));
  });

  it.each(['PENDING', undefined])('stays while it is %s, for events and rounds', async (status) => {
    const { flow, task } = await startBoth();
    becomes(flow, task, status as Task['lastStatus']);
    await flow.settle();
    await expectPlaces(flow, ...BOTH);
    await flow.stack.reconcile.invoke();
    await flow.settle();
    await expectPlaces(flow, ...BOTH);
  });

  it('is explained, with what a round would do', async () => {
    const { flow, task } = await startBoth();
    flow.stack.world.dropNext(1);
    becomes(flow, task, 'STOPPED');
    const { text } = await flow.stack.inspect({ command: 'explain', task: task.taskArn });
    expect(text).toContain('left out (container-stopped)');
    expect(text).toContain('remove web-admin: its container has stopped');
    expect((await flow.stack.inspect({ command: 'plan' })).text).toContain(
      'its container has stopped',
    );
  });

  it('stays where the policy removes nothing', async () => {
    const { flow, task } = await startBoth('upsert-only');
    becomes(flow, task, 'STOPPED');
    await flow.settle();
    await flow.stack.reconcile.invoke();
    await expectPlaces(flow, ...BOTH);
    expect(flow.saying('not made under upsert-only: remove').length).toBeGreaterThan(0);
  });

  it('is taken out by the word of an event while ECS cannot be asked', async () => {
    const { flow, task } = await startBoth();
    const throttled = refusal('AmazonEC2ContainerServiceV20141113', 'ThrottlingException', {
      times: Number.POSITIVE_INFINITY,
      status: 400,
    });
    const match = (_: string, url: string) => url === '/DescribeTasks';
    flow.stack.aws.faults.inject({ ...throttled, match });
    becomes(flow, task, 'STOPPED');
    await flow.drain();
    await expectPlaces(flow, WEB);
  });

  it('is not brought back by answers from before its event', async () => {
    const { flow, task } = await startBoth();
    becomes(flow, task, 'STOPPED');
    flow.stack.world.lagReads(task.taskArn, 1);
    await flow.drain();
    await expectPlaces(flow, WEB);
    flow.stack.world.lagReads(task.taskArn, undefined);
    await flow.settle();
    await expectPlaces(flow, WEB);
  });

  it('is taken out though the events come in the wrong order', async () => {
    const flow = await startFlow();
    flow.stack.world.holdNext(100);
    const task = flow.run(twoContainers('awsvpc'));
    becomes(flow, task, 'STOPPED');
    flow.stack.world.release((events) => events.toReversed());
    await flow.settle();
    await expectPlaces(flow, WEB);
  });

  it('between the write and its confirmation is taken out by the one that wrote', async () => {
    const flow = await startFlow();
    // Its event is lost: only the confirmation tells.
    flow.stack.world.holdNext(100);
    const task = flow.run(twoContainers('awsvpc'));
    becomes(flow, task, 'STOPPED');
    flow.stack.world.release((events) => events.slice(0, -1));
    await flow.drain();
    await expectPlaces(flow, WEB);
  });

  it('leaves its host port to the next task: no address belongs to two services', async () => {
    const flow = await startFlow();
    const task = flow.run(twoContainers('bridge'));
    await flow.settle();
    const before = await flow.places();
    const port = task.containers.find(({ name }) => name === 'side')?.networkBindings[0]?.hostPort;
    expect(before.consul).toContain(`web-admin 10.1.0.10:${port}`);
    flow.stack.world.dropNext(1);
    becomes(flow, task, 'STOPPED');
    flow.stack.world.holdNext(100);
    const other = flow.run({ ...twoContainers('bridge'), family: 'other' });
    const containers = other.containers.map((one) => ({
      ...one,
      networkBindings: one.networkBindings.map((bound) =>
        one.name === 'app' ? { ...bound, hostPort: port ?? 0 } : bound,
      ),
    }));
    flow.stack.world.changeTask(other.taskArn, { containers });
    flow.stack.world.release();
    await flow.settle();
    await flow.stack.reconcile.invoke();
    await flow.settle();
    for (const places of Object.values(await flow.places())) {
      const addresses = places.map((place) => place.split(' ')[1]);
      expect(places).toContain(`other 10.1.0.10:${port}`);
      expect(new Set(addresses).size).toBe(addresses.length);
      expect(addresses).toHaveLength(3);
    }
  });
});
