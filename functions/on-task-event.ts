import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createHandler } from '../shared/platform/lambda-handler.ts';
import { onceAtStart } from '../shared/platform/once.ts';
import { handleBatch } from '../shared/sync/handle-events.ts';
import { syncRuntime } from '../shared/sync/runtime.ts';

const runtime = await onceAtStart(() => syncRuntime({ breaker: 'event' }));

/** ECS task events, EC2 host events and our own delayed looks, from the queue. */
export const handler = createHandler(
  runtime,
  async ({ Records }: SQSEvent, { context }, { signal }): Promise<SQSBatchResponse> => {
    const deliveries = Records.map(({ messageId, body, attributes }) => ({
      messageId,
      body,
      receiveCount: Number(attributes.ApproximateReceiveCount),
    }));
    const failed = await handleBatch(deliveries, context, signal);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  },
);
