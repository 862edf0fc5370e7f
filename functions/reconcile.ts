import { createHandler } from '../shared/platform/lambda-handler.ts';
import { onceAtStart } from '../shared/platform/once.ts';
import type { Summary } from '../shared/sync/limits/operator-store.ts';
import { ssmStore } from '../shared/sync/limits/ssm-store.ts';
import { LastRound } from '../shared/sync/memory.ts';
import { reconcile } from '../shared/sync/reconcile.ts';
import { syncRuntime } from '../shared/sync/runtime.ts';

const runtime = await onceAtStart(async () => {
  const base = await syncRuntime({ throttleRetry: true, breaker: 'reconcile' });
  const store = ssmStore(base.config.stack);
  return { ...base, context: { ...base.context, store, lastRound: new LastRound() } };
});

/** Each minute: repairs what events missed. */
export const handler = createHandler(
  runtime,
  (_event: unknown, { context }, { deadline, signal }): Promise<Summary> =>
    reconcile(context, deadline, signal),
);
