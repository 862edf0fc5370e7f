import middy from '@middy/core';
import { sqsClient } from '../shared/aws/clients.ts';
import { withSecondHalf } from '../shared/aws/second-half.ts';
import { onceAtStart } from '../shared/once.ts';
import { deadlineOf, syncRuntime } from '../shared/runtime.ts';
import { renewLeases } from '../shared/sync/renew.ts';
import { flushing } from '../shared/telemetry-middleware.ts';

const runtime = await onceAtStart(async () => ({ ...(await syncRuntime()), sqs: sqsClient() }));

/** Twice a minute: by schedule, and by the message that the scheduled run leaves for half a minute later. */
export const handler = middy<unknown, void>()
  .use(flushing(runtime))
  .handler(async (event, context) => {
    const { deps, config, sqs } = await runtime();
    const { signal } = deadlineOf(context);
    const queue = { sqs, queueUrl: config.stack.renewQueueUrl };
    await withSecondHalf(() => renewLeases(deps, signal), event, queue, signal);
  });
