import 'aws-sdk-client-mock-vitest/extend';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import type { DelayedLook } from '../../../../shared/sync/context.ts';
import { sqsLookQueue } from '../../../../shared/sync/requeue/look-queue.ts';

const live = () => new AbortController().signal;
const queueUrl = 'https://queue.invalid/q';

const setUp = () => {
  const client = new SQSClient({ region: 'eu-west-1' });
  return { sqs: mockClient(client), client };
};

const looks = (many: number): DelayedLook[] =>
  Array.from({ length: many }, (_, at) => ({
    cluster: 'c',
    tasks: [`t${at}`],
    look: 1,
    operations: [],
    delaySeconds: 10,
  }));

describe('the queue of looks', () => {
  it('takes ten a call, each with its delay and an id of its own', async () => {
    const { sqs, client } = setUp();
    sqs.on(SendMessageBatchCommand).resolves({});
    await sqsLookQueue(client, queueUrl).send(looks(25), live());
    const calls = sqs.commandCalls(SendMessageBatchCommand).map((call) => call.args[0].input);
    expect(calls.map(({ Entries }) => Entries?.length)).toEqual([10, 10, 5]);
    for (const { QueueUrl, Entries = [] } of calls) {
      expect(QueueUrl).toBe(queueUrl);
      expect(new Set(Entries.map(({ Id }) => Id)).size).toBe(Entries.length);
      expect(Entries.every(({ DelaySeconds }) => DelaySeconds === 10)).toBe(true);
    }
  });

  it('is not asked for nothing', async () => {
    const { sqs, client } = setUp();
    await sqsLookQueue(client, queueUrl).send([], live());
    expect(sqs).not.toHaveReceivedCommand(SendMessageBatchCommand);
  });

  it('rejects where one entry is refused, since a look that is lost is a record that may stay wrong', async () => {
    const { sqs, client } = setUp();
    sqs.on(SendMessageBatchCommand).resolves({
      Failed: [{ Id: '1', Code: 'InternalError', SenderFault: false, Message: 'try again' }],
    });
    await expect(sqsLookQueue(client, queueUrl).send(looks(2), live())).rejects.toThrow(
      'sqs: 1 looks refused: try again',
    );
  });

  it('rejects where a call fails', async () => {
    const { sqs, client } = setUp();
    sqs.on(SendMessageBatchCommand).rejects('AccessDenied');
    await expect(sqsLookQueue(client, queueUrl).send(looks(1), live())).rejects.toThrow(
      'AccessDenied',
    );
  });
});
