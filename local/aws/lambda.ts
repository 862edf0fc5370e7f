import { randomUUID } from 'node:crypto';
import type { Context, ScheduledEvent, SQSEvent } from 'aws-lambda';
import type { Clock } from '../clock.ts';
import { type Repetition, repeat } from '../repeat.ts';
import { createContext, type FunctionOptions } from './lambda/context.ts';
import { parseFailures, toEvent } from './lambda/sqs-event.ts';
import type { Queue, Received } from './sqs/queue.ts';
import type { Sqs } from './sqs.ts';

export type Handler<Event> = (event: Event, context: Context) => unknown;

export interface QueueWorkerOptions extends FunctionOptions {
  readonly sqs: Sqs;
  readonly queueUrl: string;
  readonly handler: Handler<SQSEvent>;
  /** At most, and by default, 10. */
  readonly batchSize?: number;
  /** An invocation that threw, or answered what Lambda cannot read; default console.error. */
  readonly onError?: (error: unknown) => void;
}

export interface QueueWorker {
  /**
   * Invokes the handler batch by batch until no message is visible. What failed comes back with the
   * clock.
   */
  drain(): Promise<void>;
  /** Milliseconds since the epoch; undefined when the queue is empty. */
  nextVisibleAt(): number | undefined;
  /** Polls in real time, each so many milliseconds. */
  start(every?: number): void;
  /** Waits for the invocation under way. */
  stop(): Promise<void>;
}

/**
 * An event source mapping with ReportBatchItemFailures: what the handler names stays in the queue
 * until its visibility timeout is over, the rest is deleted; a handler that throws keeps the whole
 * batch.
 */
export const createQueueWorker = (options: QueueWorkerOptions): QueueWorker => {
  const { sqs, queueUrl, handler, batchSize = 10, onError = console.error } = options;
  let polling: Repetition | undefined;

  const queue = (): Queue => {
    const found = sqs.queue(queueUrl);
    if (!found) throw new Error(`no queue ${queueUrl}`);
    return found;
  };
  const invoke = async (messages: readonly Received[]) => {
    try {
      const answer = await handler(toEvent(messages, queue().name), createContext(options));
      const failed = parseFailures(answer, messages);
      for (const { id, receiptHandle } of messages)
        if (!failed.has(id)) queue().remove(receiptHandle);
    } catch (error) {
      onError(error);
    }
  };
  const drain = async () => {
    for (;;) {
      const messages = queue().receive(batchSize);
      // Messages that went to the dead-letter queue make a receive shorter than the queue is long.
      if (
        messages.length === 0 &&
        (queue().nextVisibleAt() ?? Number.POSITIVE_INFINITY) > sqs.now()
      )
        return;
      if (messages.length > 0) await invoke(messages);
    }
  };

  return {
    drain,
    nextVisibleAt: () => queue().nextVisibleAt(),
    start(every = 20) {
      polling = repeat(drain, every, onError);
    },
    async stop() {
      await polling?.stop();
    },
  };
};

/**
 * Drains, moves the clock to the next message, and so on, until nothing is left or `limit`
 * milliseconds have passed.
 */
export const settle = async (
  worker: QueueWorker,
  clock: Clock,
  limit = 3_600_000,
): Promise<void> => {
  const end = clock.now() + limit;
  await worker.drain();
  for (
    let next = worker.nextVisibleAt();
    next !== undefined && next <= end;
    next = worker.nextVisibleAt()
  ) {
    clock.advanceTo(next);
    await worker.drain();
  }
};

export interface Schedule<Result> {
  /** Invokes the handler now. */
  invoke(): Promise<Result>;
  /** In real time; as on AWS an invocation does not wait for the one before. */
  start(seconds: number): void;
  stop(): void;
}

/** A scheduled rule with a function for target. */
export const createSchedule = <Result>(
  options: FunctionOptions & {
    handler: (event: ScheduledEvent, context: Context) => Result | Promise<Result>;
    onError?: (error: unknown) => void;
  },
): Schedule<Result> => {
  let timer: NodeJS.Timeout | undefined;
  const invoke = async () => options.handler(toScheduledEvent(), createContext(options));
  return {
    invoke,
    start(seconds) {
      timer = setInterval(() => invoke().catch(options.onError ?? console.error), seconds * 1000);
    },
    stop: () => clearInterval(timer),
  };
};

const toScheduledEvent = (): ScheduledEvent => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: '111122223333',
  time: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  region: 'eu-central-1',
  resources: ['arn:aws:events:eu-central-1:111122223333:rule/local'],
  detail: {},
});
