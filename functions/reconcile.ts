import middy from '@middy/core';
import { onceAtStart } from '../shared/platform/once.ts';
import { flushing } from '../shared/platform/telemetry-middleware.ts';
import { deadlineOf } from '../shared/platform/timeout.ts';
import type { Summary } from '../shared/sync/limits/operator-store.ts';
import { ssmStore } from '../shared/sync/limits/ssm-store.ts';
import { reconcile } from '../shared/sync/reconcile.ts';
import { syncRuntime } from '../shared/sync/runtime.ts';

const runtime = await onceAtStart(async () => {
  const base = await syncRuntime({ throttleRetry: true, breaker: 'reconcile' });
  return { ...base, context: { ...base.context, store: ssmStore(base.config.stack) } };
});

/** Each minute: repairs what events missed. */
export const handler = middy<unknown, Summary>()
  .use(flushing(runtime))
  .handler(async (_event, context) => {
    const { context: sync } = await runtime();
    const { deadline, signal } = deadlineOf(context);
    return reconcile(sync, deadline, signal);
  });
