import type { SQSEvent } from 'aws-lambda';
import { describe, expect, test, vi } from 'vitest';
import {
  createQueueWorker,
  createSchedule,
  type QueueWorkerOptions,
  settle,
} from '../../../local/aws/lambda.ts';
import { createSqs } from '../../../local/aws/sqs.ts';
import { createClock } from '../../../local/clock.ts';

const start = (handler: QueueWorkerOptions['handler'], more: Partial<QueueWorkerOptions> = {}) => {
  const clock = createClock();
  const sqs = createSqs({ now: clock.now });
  const dead = sqs.createQueue('dead');
  const queue = sqs.createQueue('events', {
    visibilityTimeout: 60,
    redrive: { deadLetter: dead, maxReceiveCount: 3 },
  });
  const worker = createQueueWorker({ sqs, queueUrl: sqs.queueUrl('events'), handler, ...more });
  return { clock, queue, dead, worker };
};
const bodies = ({ Records }: SQSEvent) => Records.map(({ body }) => body);

describe('a queue worker', () => {
  test('hands over batches of ten and deletes what was handled', async () => {
    const batches: string[][] = [];
    const { queue, worker } = start((event) => batches.push(bodies(event)) && undefined);
    for (let n = 0; n < 12; n++) queue.send(`${n}`);
    await worker.drain();
    expect(batches.map(({ length }) => length)).toEqual([10, 2]);
    expect(queue.messages()).toEqual([]);
  });

  test('gives the handler what Lambda gives: records and a context that counts down', async () => {
    const handler = vi.fn<QueueWorkerOptions['handler']>();
    const { queue, worker } = start(handler, { functionName: 'on-task-event', timeout: 5000 });
    queue.send('a');
    await worker.drain();
    const [event, context] = handler.mock.calls[0] ?? [];
    expect(event?.Records).toMatchObject([
      {
        body: 'a',
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:eu-central-1:111122223333:events',
        md5OfBody: '0cc175b9c0f1b6a831c399e269772661',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: String(Date.parse('2026-01-01T12:00Z')),
        },
      },
    ]);
    expect(context?.functionName).toBe('on-task-event');
    expect(context?.getRemainingTimeInMillis()).toSatisfy(
      (left: number) => left > 0 && left <= 5000,
    );
  });

  test('keeps what the handler reports as failed until its visibility timeout is over', async () => {
    let failing = true;
    const { clock, queue, worker } = start(({ Records }) => ({
      batchItemFailures: Records.filter(({ body }) => failing && body === 'bad').map(
        ({ messageId }) => ({
          itemIdentifier: messageId,
        }),
      ),
    }));
    queue.send('good');
    queue.send('bad');
    await worker.drain();
    expect(queue.messages().map(({ body }) => body)).toEqual(['bad']);
    failing = false;
    await worker.drain();
    expect(queue.messages()).toHaveLength(1);
    clock.advance(60_000);
    await worker.drain();
    expect(queue.messages()).toEqual([]);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['names an unknown message', () => ({ batchItemFailures: [{ itemIdentifier: 'x' }] })],
    ['names none', () => ({ batchItemFailures: [{}] })],
    ['answers nonsense', () => ({ batchItemFailures: 'all' })],
  ])('keeps the whole batch when the handler %s', async (_what, handler) => {
    const onError = vi.fn();
    const { queue, worker } = start(handler, { onError });
    queue.send('a');
    queue.send('b');
    await worker.drain();
    expect(queue.messages()).toHaveLength(2);
    expect(onError).toHaveBeenCalledOnce();
  });

  test('settles by moving the clock: delayed messages are handled, poison ends as a dead letter', async () => {
    const seen: string[] = [];
    const { clock, queue, dead, worker } = start(
      (event) => {
        seen.push(...bodies(event));
        if (bodies(event).includes('poison')) throw new Error('cannot read');
      },
      { onError: () => {} },
    );
    queue.send('later', { delay: 900 });
    queue.send('poison');
    const began = clock.now();
    await settle(worker, clock);
    expect(seen).toEqual(['poison', 'poison', 'poison', 'later']);
    expect(clock.now() - began).toBe(900_000);
    expect(queue.messages()).toEqual([]);
    expect(dead.messages().map(({ body }) => body)).toEqual(['poison']);
  });

  test('in real time polls until it is stopped, and stopping waits for the invocation', async () => {
    let release = () => {};
    let done = false;
    const { queue, worker } = start(async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      done = true;
    });
    worker.start(1);
    queue.send('a');
    await vi.waitUntil(() => queue.messages()[0]?.receiveCount === 1);
    const stopped = worker.stop();
    release();
    await stopped;
    expect([done, queue.messages()]).toEqual([true, []]);
  });
});

describe('a schedule', () => {
  test('invokes on demand with a scheduled event', async () => {
    const schedule = createSchedule({ handler: (event) => event['detail-type'] });
    expect(await schedule.invoke()).toBe('Scheduled Event');
  });

  test('invokes each so many seconds until it is stopped, and survives a failure', async () => {
    const handler = vi.fn().mockRejectedValue(new Error('down'));
    const onError = vi.fn();
    const schedule = createSchedule({ handler, onError });
    schedule.start(0.001);
    await vi.waitUntil(() => onError.mock.calls.length >= 2);
    schedule.stop();
    expect(handler).toHaveBeenCalled();
  });
});
