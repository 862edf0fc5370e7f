import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { refusal } from '../../local/aws/refusal.ts';
import { container, expectPlaces, type Flow, startFlow } from './stage.ts';

/** Calls at the simulated AWS, without the queue's own. */
const callsOf = ({ stack }: Flow) => stack.aws.calls().map(({ operation }) => operation);

describe('a warm event of a running task', () => {
  it.each([
    { mode: 'awsvpc', place: 'web 10.0.0.11:8080' },
    { mode: 'bridge', place: 'web 10.1.0.10:32769' },
  ] as const)('is written without a read before it, in $mode mode', async ({ mode, place }) => {
    const flow = await startFlow({ environment: { ROLLCALL_POLICY: 'sync' } });
    const { stack } = flow;
    flow.run({ networkMode: mode });
    await flow.settle();
    stack.aws.clearCalls();
    const before = { consul: stack.consul?.writes() ?? 0, eureka: stack.eureka?.writes() ?? 0 };

    stack.world.runTask({ cluster: 'shop', taskDefinition: 'web', service: 'web' });
    await flow.drain();

    const calls = callsOf(flow);
    expect(calls.filter((name) => name === 'RegisterInstance')).toHaveLength(1);
    expect(calls.filter((name) => name === 'DescribeTasks')).toHaveLength(1);
    expect(calls.indexOf('RegisterInstance')).toBeLessThan(calls.indexOf('DescribeTasks'));
    expect(
      calls.filter(
        (name) => !['RegisterInstance', 'DescribeTasks', 'SendMessageBatch'].includes(name),
      ),
    ).toEqual([]);
    expect((stack.consul?.writes() ?? 0) - before.consul).toBe(1);
    expect((stack.eureka?.writes() ?? 0) - before.eureka).toBe(1);
    await flow.settle();
    expect((await flow.places()).cloudmap).toContain(place);
  });
});

describe('a batch of ten events', () => {
  it('lands nine and keeps the malformed one, which ends among the dead letters', async () => {
    const flow = await startFlow();
    const { stack } = flow;
    const tasks = Array.from({ length: 9 }, () => flow.run());
    const queue = stack.sqs.queue('rollcall-events');
    queue?.send(
      JSON.stringify({
        id: '1',
        source: 'aws.ecs',
        'detail-type': 'ECS Task State Change',
        time: 'now',
      }),
    );
    expect(queue?.messages()).toHaveLength(10);

    await flow.drain();
    expect(flow.saying('event.time')).toHaveLength(1);
    const left = queue?.messages().filter(({ body }) => body.includes('"now"'));
    expect(left).toHaveLength(1);

    await flow.settle();
    await expectPlaces(flow, ...tasks.map((_, at) => `web 10.0.0.${10 + at}:8080`));
    expect(stack.deadLetters.messages()).toHaveLength(1);
    expect(queue?.messages()).toHaveLength(0);
    expect(flow.saying('event.time')).toHaveLength(5);
  });
});

describe('a registry that fails', () => {
  const html = {
    status: 200,
    body: '<html>It works!</html>',
    headers: { 'content-type': 'text/html' },
  };
  it.each([
    { how: '500', fault: { status: 500, body: 'No cluster leader' }, outcome: 'retry' },
    { how: '403', fault: { status: 403, body: 'Permission denied' }, outcome: 'refused' },
    { how: 'HTML', fault: html, outcome: 'retry' },
    { how: 'nothing', fault: { hang: true }, outcome: 'retry' },
  ])(
    'and answers $how takes nothing from the others, and is written later ($outcome)',
    async (one) => {
      const flow = await startFlow();
      const { consul, eureka, reconcile, sqs } = flow.stack;
      consul?.faults.inject({ ...one.fault, times: Number.POSITIVE_INFINITY });
      flow.run();
      await flow.drain();
      consul?.faults.clear();

      const line = flow.lines.find(({ message }) => message === `upsert ${one.outcome}`);
      expect(line).toMatchObject({
        registry: 'consul',
        reason: expect.stringMatching(/^consul: /),
      });
      const bodies = sqs
        .queue('rollcall-events')
        ?.messages()
        .map(({ body }) => JSON.parse(body));
      const looks = bodies?.filter(({ registry }) => registry === 'consul');
      expect(looks).toHaveLength(one.outcome === 'retry' ? 1 : 0);
      expect(await flow.places()).toMatchObject({ consul: [], eureka: ['web 10.0.0.10:8080'] });
      expect(eureka?.writes()).toBe(1);

      // One that hung is left alone for some seconds, which the queue's clock alone does not know.
      await sleep(10_000);
      // What may succeed later has its look; what was refused waits for somebody's doing, and the
      // reconciler.
      if (one.outcome === 'refused') await reconcile.invoke();
      await flow.settle();
      await expectPlaces(flow, 'web 10.0.0.10:8080');
    },
  );

  it('keeps the message when not even the look can be queued', async () => {
    const flow = await startFlow();
    const { aws, consul, sqs } = flow.stack;
    consul?.faults.inject({ times: 1, status: 500 });
    aws.faults.inject(refusal('AmazonSQS', 'ServiceUnavailable', { times: 3, status: 503 }));
    flow.run();
    await flow.drain();
    expect(flow.saying('looks cannot be queued')).toHaveLength(1);
    expect(sqs.queue('rollcall-events')?.messages()).toHaveLength(1);
    await flow.settle();
    await expectPlaces(flow, 'web 10.0.0.10:8080');
  });
});

describe('what cannot be registered is told with its task and field', () => {
  it('a task definition that is gone', async () => {
    const flow = await startFlow();
    const task = flow.run();
    flow.stack.world.deleteTaskDefinition('web:1');
    await flow.settle();
    expect(flow.lines).toContainEqual(
      expect.objectContaining({
        code: 'definition-gone',
        task: task.taskArn,
        detail: expect.stringContaining('web:1'),
      }),
    );
    await expectPlaces(flow);
  });

  it('a label with nonsense in it, beside which the task is registered', async () => {
    const flow = await startFlow();
    const task = flow.run({
      containerDefinitions: [
        container({ dockerLabels: { SERVICE_weight: 'heavy', SERVICE_8080_EUREKA_ROLE: 'king' } }),
      ],
    });
    await flow.settle();
    await expectPlaces(flow, 'web 10.0.0.10:8080');
    const told = flow.lines.filter(
      (line) => line['task'] === task.taskArn && /EUREKA_ROLE.*king/.test(`${line['message']}`),
    );
    expect(told.length).toBeGreaterThan(0);
  });

  it('a name of which nothing can be kept', async () => {
    const flow = await startFlow();
    const task = flow.run({
      containerDefinitions: [container({ dockerLabels: { SERVICE_NAME: '***' } })],
    });
    await flow.settle();
    expect(flow.lines).toContainEqual(
      expect.objectContaining({
        code: 'invalid-name',
        task: task.taskArn,
        detail: expect.stringContaining('***'),
      }),
    );
    await expectPlaces(flow);
  });
});

describe('documented events', () => {
  const folder = new URL('../fixtures/events/', import.meta.url);
  const files = readdirSync(folder);
  /** An excerpt that its own page shows without `time`: EventBridge delivers none like it. */
  const EXCERPTS = ['task-fargate-spot-snippet.json'];

  it.each(files)('%s is handled, or refused with the field that is wrong', async (file) => {
    const flow = await startFlow();
    const queue = flow.stack.sqs.queue('rollcall-events');
    queue?.send(readFileSync(new URL(file, folder), 'utf8'));
    await flow.settle();
    const refused = EXCERPTS.includes(file);
    expect(flow.saying('cannot be handled').length > 0).toBe(refused);
    expect(flow.stack.deadLetters.messages()).toHaveLength(refused ? 1 : 0);
    expect(queue?.messages()).toHaveLength(0);
  });
});
