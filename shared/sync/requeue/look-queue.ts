import type { SQSClient } from '@aws-sdk/client-sqs';
import { chunks, mapBounded } from '../../platform/concurrency.ts';
import type { LookQueue } from '../context.ts';

/** SQS's limit for one call. */
const BATCH = 10;

/** A standard queue: a FIFO queue takes no delay per message. */
export const sqsLookQueue = (sqs: Pick<SQSClient, 'send'>, queueUrl: string): LookQueue => ({
  async send(looks, signal) {
    const { SendMessageBatchCommand } = await import('../../platform/aws/sqs.ts');
    await mapBounded(chunks(looks, BATCH), 2, async (batch) => {
      const Entries = batch.map(({ delaySeconds, ...look }, at) => ({
        Id: String(at),
        DelaySeconds: delaySeconds,
        MessageBody: JSON.stringify({ rollcall: 1, kind: 'look', ...look }),
      }));
      const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries });
      const { Failed } = await sqs.send(command, { abortSignal: signal });
      if (Failed?.[0])
        throw new Error(
          `sqs: ${Failed.length} looks refused: ${Failed[0].Message ?? Failed[0].Code}`,
        );
    });
  },
});
