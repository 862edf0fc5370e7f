import { sqsClient } from '../shared/platform/aws/clients.ts';
import { createHandler } from '../shared/platform/lambda-handler.ts';
import { onceAtStart } from '../shared/platform/once.ts';
import { renewLeases } from '../shared/sync/leases/renew.ts';
import { withSecondHalf } from '../shared/sync/leases/second-half.ts';
import { syncRuntime } from '../shared/sync/runtime.ts';

const runtime = await onceAtStart(async () => ({
  ...(await syncRuntime({ withoutEcs: true })),
  sqs: sqsClient(),
}));

/**
 * Twice a minute: by schedule, and by the message that the scheduled run leaves for half a minute
 * later.
 */
export const handler = createHandler(
  runtime,
  async (event: unknown, { context, config, sqs }, { signal }): Promise<void> => {
    const queue = { sqs, queueUrl: config.stack.renewQueueUrl };
    await withSecondHalf(() => renewLeases(context, signal), event, queue, signal);
  },
);
