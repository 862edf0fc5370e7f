import { describe, expect, it } from 'vitest';
import { settle } from '../../local/aws/lambda.ts';
import type { AwsEvent, Task } from '../../local/aws/world/shapes.ts';
import { createClock } from '../../local/clock.ts';
import { captureLog } from '../../local/log.ts';
import { startStack } from '../../local/stack.ts';
import { askers } from '../../local/story/held.ts';
import { startVirtualTime } from '../support/virtual-time.ts';
import { container, expectPlaces, type Flow, startFlow } from './stage.ts';

const PLACE = 'arn:aws:ecs:eu-central-1:111122223333';
const UNKNOWN = 'f'.repeat(32);

const addressOf = (task: Task) =>
  task.containers[0]?.networkInterfaces[0]?.privateIpv4Address ?? 'no address';

/**
 * The RUNNING event of a real task, with some of its detail replaced; that task's own events are
 * lost.
 */
const forge = (flow: Flow, detail: object) => {
  const events: AwsEvent[] = [];
  const { world, sqs } = flow.stack;
  const end = world.onEvent((event) => void events.push(event));
  world.holdNext();
  const task = flow.run();
  world.release((held) => {
    events.push(...held);
    return [];
  });
  end();
  const event = events.findLast((one) => one.detail['lastStatus'] === 'RUNNING');
  const forged = { ...event, detail: { ...event?.detail, ...detail } };
  sqs.queue('rollcall-events')?.send(JSON.stringify(forged));
  return { task, forged };
};

const unknown = { taskArn: `${PLACE}:task/shop/${UNKNOWN}` };
const NOT_KNOWN = [
  ['that ECS does not know', unknown],
  ['that starts in 2099', { ...unknown, startedAt: '2099-01-01T00:00:00Z' }],
  ['that tells no start', { ...unknown, startedAt: undefined, createdAt: '2099-01-01T00:00:00Z' }],
  [
    'of a cluster that ECS does not know',
    { taskArn: `${PLACE}:task/zoo/${UNKNOWN}`, clusterArn: `${PLACE}:cluster/zoo` },
  ],
  ['with an id that ECS refuses', { taskArn: `${PLACE}:task/shop/made-up` }],
] as const;

describe('an event of a task', () => {
  it.each(NOT_KNOWN)(
    '%s is undone by the last of its looks, and that is told',
    async (_what, detail) => {
      const flow = await startFlow();
      const { task } = forge(flow, detail);
      flow.stack.world.forgetTask(task.taskArn);
      await flow.drain();
      const place = `web ${addressOf(task)}:8080`;
      expect(await flow.places()).toMatchObject({ consul: [place], eureka: [place] });
      await flow.settle();
      await expectPlaces(flow);
      const told = flow.lines.filter(
        ({ why }) => why === 'ECS has described the task in none of its looks',
      );
      expect(told.map(({ registry }) => registry).sort()).toEqual(['cloudmap', 'consul', 'eureka']);
      expect(flow.stack.deadLetters.messages()).toEqual([]);
    },
  );

  it('that ECS does not know is undone under upsert-only too, since the write was its own', async () => {
    const flow = await startFlow({ environment: { ROLLCALL_POLICY: 'upsert-only' } });
    const { task } = forge(flow, unknown);
    flow.stack.world.forgetTask(task.taskArn);
    await flow.settle();
    expect(await flow.places()).toMatchObject({ consul: [], eureka: [] });
  });

  it('that starts in 2099, all of whose looks are lost, is undone by the next round', async () => {
    const flow = await startFlow();
    const { task } = forge(flow, { ...unknown, startedAt: '2099-01-01T00:00:00Z' });
    flow.stack.world.forgetTask(task.taskArn);
    await flow.drain();
    const queue = flow.stack.sqs.queue('rollcall-events');
    expect(queue?.messages()).toHaveLength(1);
    await flow.stack.reconcile.invoke();
    await expectPlaces(flow);
  });

  it('that one of its looks met is left in place, though all the others miss it', async () => {
    const clock = createClock(Date.now());
    const flow = await startFlow({ queueNow: clock.now });
    const { world, consul, events } = flow.stack;
    consul?.faults.inject({ times: Number.POSITIVE_INFINITY, status: 500 });
    world.holdNext();
    const task = flow.run();
    world.lagReads(task.taskArn, 'MISSING');
    world.release();
    await flow.drain();
    world.lagReads(task.taskArn, undefined);
    await settle(events, clock, 5_000);
    world.lagReads(task.taskArn, 'MISSING');
    // Consul, which fails, goes on to the last look.
    await settle(events, clock);
    consul?.faults.clear();
    const place = `web ${addressOf(task)}:8080`;
    expect(await flow.places()).toEqual({ cloudmap: [place], consul: [], eureka: [place] });
    expect(flow.saying('in none of its looks')).toEqual([]);
  });
});

describe('a running task whose reads lag for longer than all its looks', () => {
  it('is absent for a round at most once they have caught up', async () => {
    const time = startVirtualTime();
    const release = captureLog(() => {});
    const stack = await time.during(startStack({ queueNow: time.now }));
    try {
      const { world } = stack;
      world.addCluster('shop');
      world.registerTaskDefinition({
        family: 'web',
        networkMode: 'awsvpc',
        containerDefinitions: [container()],
      });
      const ask = askers(stack);
      // Outside `during`, time stands still.
      const held = async () =>
        (await Promise.all([ask.cloudmap(), ask.consul(), ask.eureka()])).map(
          (records) => records.length,
        );
      world.holdNext();
      const task = world.runTask({
        cluster: 'shop',
        taskDefinition: 'web',
        service: 'web',
        launchType: 'FARGATE',
      });
      world.lagReads(task.taskArn, 'MISSING');
      world.release();

      /** Seconds since the start at which some registry held no record. */
      const absent: number[] = [];
      const CAUGHT_UP = 200;
      for (let second = 0; second <= 300; second += 5) {
        if (second === CAUGHT_UP) world.lagReads(task.taskArn, undefined);
        const until = time.now() + 5_000;
        const work = [stack.events.drain()];
        if (second % 60 === 30) work.push(stack.reconcile.invoke().then(() => {}));
        await time.during(Promise.all(work));
        await time.during(time.wait(until - time.now()));
        if ((await held()).includes(0)) absent.push(second);
      }
      // All five looks are over after 135 s.
      expect(absent[0]).toBe(135);
      expect(Math.max(...absent)).toBeLessThan(CAUGHT_UP + 60);
    } finally {
      await time.during(stack.stop());
      release();
      time.stop();
    }
  });
});
