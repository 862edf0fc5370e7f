import * as SQS from '@aws-sdk/client-sqs';
import type { Step } from './step.ts';

export const sqs: readonly Step[] = [
  [
    'sqs: a queue’s address is asked for',
    async ({ sqs }, memory) => {
      const answer = await sqs.send(new SQS.GetQueueUrlCommand({ QueueName: 'events' }));
      memory.queueUrl = answer.QueueUrl ?? '';
      return answer;
    },
  ],
  [
    'sqs: an unknown queue’s address is asked for',
    ({ sqs }) => sqs.send(new SQS.GetQueueUrlCommand({ QueueName: 'none' })),
  ],
  [
    'sqs: a message is sent',
    ({ sqs }, { queueUrl }) =>
      sqs.send(new SQS.SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'one' })),
  ],
  [
    'sqs: a delay beyond 900 seconds',
    ({ sqs }, { queueUrl }) =>
      sqs.send(
        new SQS.SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'one', DelaySeconds: 901 }),
      ),
  ],
  [
    'sqs: a batch with the same id twice',
    ({ sqs }, { queueUrl }) =>
      sqs.send(
        new SQS.SendMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: [
            { Id: 'a', MessageBody: 'x' },
            { Id: 'a', MessageBody: 'y' },
          ],
        }),
      ),
  ],
  [
    'sqs: a batch of 11',
    ({ sqs }, { queueUrl }) =>
      sqs.send(
        new SQS.SendMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: Array.from({ length: 11 }, (_, at) => ({ Id: `${at}`, MessageBody: 'x' })),
        }),
      ),
  ],
  [
    'sqs: an empty batch',
    ({ sqs }, { queueUrl }) =>
      sqs.send(new SQS.SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: [] })),
  ],
  [
    'sqs: a message is received',
    async ({ sqs }, memory) => {
      const answer = await sqs.send(
        new SQS.ReceiveMessageCommand({
          QueueUrl: memory.queueUrl,
          MessageSystemAttributeNames: ['ApproximateReceiveCount'],
        }),
      );
      memory.receiptHandle = answer.Messages?.[0]?.ReceiptHandle ?? '';
      return answer;
    },
  ],
  [
    'sqs: nothing is left to receive',
    ({ sqs }, { queueUrl }) => sqs.send(new SQS.ReceiveMessageCommand({ QueueUrl: queueUrl })),
  ],
  [
    'sqs: the counts',
    ({ sqs }, { queueUrl }) =>
      sqs.send(
        new SQS.GetQueueAttributesCommand({
          QueueUrl: queueUrl,
          AttributeNames: [
            'ApproximateNumberOfMessages',
            'ApproximateNumberOfMessagesNotVisible',
            'VisibilityTimeout',
          ],
        }),
      ),
  ],
  [
    'sqs: the message is deleted',
    ({ sqs }, { queueUrl, receiptHandle }) =>
      sqs.send(new SQS.DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle })),
  ],
  [
    'sqs: a batch is sent, one with a delay',
    ({ sqs }, { queueUrl }) =>
      sqs.send(
        new SQS.SendMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: [
            { Id: 'a', MessageBody: 'x' },
            { Id: 'b', MessageBody: 'y', DelaySeconds: 900 },
          ],
        }),
      ),
  ],
  [
    'sqs: a message is sent to an unknown queue',
    ({ sqs }, { queueUrl }) =>
      sqs.send(
        new SQS.SendMessageCommand({
          QueueUrl: queueUrl.replace('events', 'none'),
          MessageBody: 'one',
        }),
      ),
  ],
];
