import { describe, expect, it } from 'vitest';
import { refusal } from '../../local/aws/refusal.ts';
import type { AwsEvent } from '../../local/aws/world/shapes.ts';
import { captureLog } from '../../local/log.ts';
import { startStack } from '../../local/stack.ts';
import { askers } from '../../local/story/held.ts';
import { startVirtualTime } from '../support/virtual-time.ts';
import { ECS, pass } from './naming.ts';
import { container, startFlow } from './stage.ts';

/** One running task of `web`, registered, in time that passes only where a test says so. */
const withTask = async (test: (stage: Stage) => Promise<void>) => {
  const time = startVirtualTime();
  const lines: string[] = [];
  const release = captureLog((line) => lines.push(JSON.stringify(line)));
  const stack = await time.during(startStack({ queueNow: time.now }));
  try {
    const { world, events, sqs } = stack;
    world.addCluster('shop');
    world.registerTaskDefinition({
      family: 'web',
      networkMode: 'awsvpc',
      containerDefinitions: [container()],
    });
    const ask = askers(stack);
    let last: AwsEvent | undefined;
    world.onEvent((event) => {
      last = event;
    });
    const { taskArn } = world.runTask({
      cluster: 'shop',
      taskDefinition: 'web',
      service: 'web',
      launchType: 'FARGATE',
    });
    const pass = async (seconds: number) => {
      const until = time.now() + seconds * 1_000;
      do {
        await time.during(events.drain());
        await time.during(time.wait(Math.min(1_000, until - time.now())));
      } while (time.now() < until);
    };
    await pass(60);
    const running = last;
    await test({
      lines,
      world,
      taskArn,
      pass,
      version: Number(running?.detail['version']),
      held: async () => (await ask.consul()).length + (await ask.eureka()).length,
      forge: async (version) => {
        const detail = { ...running?.detail, desiredStatus: 'STOPPED', version };
        const made = { ...running, time: new Date(time.now()).toISOString(), detail };
        sqs.queue('rollcall-events')?.send(JSON.stringify(made));
        await pass(1);
      },
    });
  } finally {
    await time.during(stack.stop());
    release();
    time.stop();
  }
};

interface Stage {
  readonly lines: readonly string[];
  readonly world: Awaited<ReturnType<typeof startStack>>['world'];
  readonly taskArn: string;
  /** Of the task as it runs. */
  readonly version: number;
  readonly pass: (seconds: number) => Promise<void>;
  /** Records in Consul and Eureka. */
  readonly held: () => Promise<number>;
  /** Sends the task's last event as if it were one of its stop; whoever may send could. */
  readonly forge: (version: number | undefined) => Promise<void>;
}

describe('a stop that ECS has never said', () => {
  it.each([
    ['of the version that the task has', (version: number) => version, 6],
    ['of the next version', (version: number) => version + 1, 17],
    ['of a version that no task will ever have', () => 1_000_000_000, 17],
    ['of no version', () => undefined, 17],
  ])('%s is undone within seconds, and the true stop after it counts', async (_, of, seconds) => {
    await withTask(async ({ world, taskArn, version, pass, held, forge }) => {
      expect(await held()).toBe(2);
      await forge(of(version));
      expect(await held()).toBe(0);
      await pass(seconds);
      expect(await held()).toBe(2);
      world.stopTask(taskArn);
      await pass(1);
      expect(await held()).toBe(0);
      await pass(120);
      expect(await held()).toBe(0);
    });
  });

  it('is told, where ECS contradicts it', async () => {
    await withTask(async ({ lines, taskArn, version, forge }) => {
      await forge(version);
      const what = `an event says of task ${taskArn} what ECS contradicts`;
      expect(lines.filter((line) => line.includes(what))).toHaveLength(1);
    });
  });
});

describe('a stop that is true', () => {
  it('stays, though ECS describes the task as it was before for some seconds', async () => {
    await withTask(async ({ world, taskArn, pass, held }) => {
      world.lagReads(taskArn, 5);
      world.stopTask(taskArn);
      for (let second = 0; second < 9; second++) {
        await pass(1);
        expect(await held()).toBe(0);
      }
      world.lagReads(taskArn, undefined);
      await pass(120);
      expect(await held()).toBe(0);
    });
  });

  it('stays while ECS throttles, whatever comes late: an older start, or its own event again', async () => {
    const flow = await startFlow();
    const { world, sqs, aws } = flow.stack;
    const events: AwsEvent[] = [];
    world.onEvent((event) => {
      events.push(event);
    });
    const { taskArn } = flow.run();
    await flow.drain();
    const started = events.findLast(({ detail }) => detail['lastStatus'] === 'RUNNING');
    expect((await flow.places()).consul).toHaveLength(1);
    aws.faults.inject(
      refusal(ECS, 'ThrottlingException', {
        operation: 'DescribeTasks',
        times: Number.POSITIVE_INFINITY,
      }),
    );
    await pass(3_000);
    world.stopTask(taskArn);
    await flow.drain();
    expect((await flow.places()).consul).toEqual([]);
    aws.clearCalls();
    for (const late of [started, events.at(-1)]) {
      await pass(11_000);
      sqs.queue('rollcall-events')?.send(JSON.stringify(late));
      await flow.drain();
      expect((await flow.places()).consul).toEqual([]);
    }
    expect(aws.calls().map(({ operation }) => operation)).not.toContain('DescribeTasks');
  });
});
