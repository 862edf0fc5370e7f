import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { RunningFunction } from '../../../scripts/real/ric.ts';
import { chunks, mapBounded } from '../../../shared/platform/concurrency.ts';
import { toSqsEvent } from '../support/deployed.ts';

/**
 * Milliseconds: twice the function's own timeout, since a machine that runs everything at once is
 * slow.
 */
const PATIENCE = 60_000;

/** SQS's limit for one call, and the stack's batch size. */
const BATCH = 10;

export const QUEUE_ARN = 'arn:aws:sqs:eu-central-1:123456789012:events';

/**
 * An event source mapping with ReportBatchItemFailures, with as many batches under way as there are
 * environments.
 */
export interface Mapping {
  send(messages: readonly object[]): Promise<void>;
  /**
   * Resolves when no message waits but those that are delayed. Rejects with what a function threw.
   */
  handled(): Promise<void>;
  /** Resolves when the queue holds nothing at all. Rejects with what a function threw. */
  atRest(): Promise<void>;
  /** Ids of messages that a function named as failed, so far. */
  readonly failed: readonly string[];
  stop(): Promise<void>;
}

export const startMapping = (
  sqs: SQSClient,
  QueueUrl: string,
  environments: readonly RunningFunction[],
): Mapping => {
  const failed: string[] = [];
  const broken: unknown[] = [];
  let isOpen = true;

  const work = async (environment: RunningFunction) => {
    while (isOpen) {
      const messages = await receive(sqs, QueueUrl);
      if (messages.length === 0) await sleep(100);
      else await handle(environment, messages).catch((error: unknown) => broken.push(error));
    }
  };
  const handle = async (environment: RunningFunction, messages: readonly Message[]) => {
    const answer = await environment.invoke(toSqsEvent(messages, QUEUE_ARN), PATIENCE);
    const { batchItemFailures } = Object(answer);
    const ids: readonly string[] = batchItemFailures.map(
      (one: object) => Object(one).itemIdentifier,
    );
    failed.push(...ids);
    const done = messages.filter(({ MessageId = '' }) => !ids.includes(MessageId));
    const Entries = done.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
    if (done.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  };
  const workers = environments.map(work);
  const until = async (isReached: (counts: Counts) => boolean) => {
    while (broken.length === 0 && !isReached(await countMessages(sqs, QueueUrl))) await sleep(100);
    if (broken.length > 0) throw broken[0];
  };

  return {
    failed,
    async send(messages) {
      await mapBounded(chunks(messages, BATCH), 2, async (batch) => {
        const Entries = batch.map((message, at) => ({
          Id: String(at),
          MessageBody: JSON.stringify(message),
        }));
        await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      });
    },
    handled: () => until(({ waiting, inFlight }) => waiting + inFlight === 0),
    atRest: () => until(({ waiting, inFlight, delayed }) => waiting + inFlight + delayed === 0),
    async stop() {
      isOpen = false;
      await Promise.all(workers);
    },
  };
};

const receive = async (sqs: SQSClient, QueueUrl: string): Promise<readonly Message[]> => {
  const command = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: BATCH,
    MessageSystemAttributeNames: ['All'],
  });
  return (await sqs.send(command)).Messages ?? [];
};

interface Counts {
  readonly waiting: number;
  readonly inFlight: number;
  readonly delayed: number;
}

const countMessages = async (sqs: SQSClient, QueueUrl: string): Promise<Counts> => {
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
  const { Attributes = {} } = await sqs.send(command);
  return {
    waiting: Number(Attributes.ApproximateNumberOfMessages),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
    delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed),
  };
};
