import type { SQSEvent } from 'aws-lambda';
import { toSystemAttributes } from '../sqs/operations.ts';
import { md5, type Received } from '../sqs/queue.ts';

/** What Lambda's event source mapping hands over. */
export const toEvent = (messages: readonly Received[], queueName: string): SQSEvent => ({
  Records: messages.map((message) => {
    const {
      ApproximateReceiveCount = '',
      SentTimestamp = '',
      ...attributes
    } = toSystemAttributes(message);
    return {
      messageId: message.id,
      receiptHandle: message.receiptHandle,
      body: message.body,
      attributes: {
        ApproximateReceiveCount,
        SentTimestamp,
        SenderId: attributes['SenderId'] ?? '',
        ApproximateFirstReceiveTimestamp: attributes['ApproximateFirstReceiveTimestamp'] ?? '',
      },
      messageAttributes: {},
      md5OfBody: md5(message.body),
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:eu-central-1:111122223333:${queueName}`,
      awsRegion: 'eu-central-1',
    };
  }),
});

/**
 * The ids that stay. Lambda takes an answer with an unknown or empty id for a failure of the whole
 * batch.
 */
export const parseFailures = (
  answer: unknown,
  messages: readonly Received[],
): ReadonlySet<string> => {
  const failures: unknown = Object(answer).batchItemFailures ?? [];
  if (!Array.isArray(failures)) throw new Error('batchItemFailures: expected a list');
  const ids = failures.map((failure) => String(Object(failure).itemIdentifier ?? ''));
  const unknown = ids.find((id) => !messages.some((message) => message.id === id));
  if (unknown !== undefined)
    throw new Error(`batchItemFailures: unknown itemIdentifier '${unknown}'`);
  return new Set(ids);
};
