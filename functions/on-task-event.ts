import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { onceAtStart } from '../shared/platform/once.ts';
import { flushing } from '../shared/platform/telemetry-middleware.ts';
import { deadlineOf } from '../shared/platform/timeout.ts';
import { handleBatch } from '../shared/sync/handle-events.ts';
import { syncRuntime } from '../shared/sync/runtime.ts';

const runtime = await onceAtStart(() => syncRuntime({ breaker: 'event' }));

/** ECS task events, EC2 host events and our own delayed looks, from the queue. */
export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(flushing(runtime))
  .handler(async ({ Records }, context) => {
    const { context: sync } = await runtime();
    const deliveries = Records.map(({ messageId, body, attributes }) => ({
      messageId,
      body,
      receiveCount: Number(attributes.ApproximateReceiveCount),
    }));
    const failed = await handleBatch(deliveries, sync, deadlineOf(context).signal);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  });
