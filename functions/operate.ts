import { createHandler } from '../shared/platform/lambda-handler.ts';
import { onceAtStart } from '../shared/platform/once.ts';
import type { Answer } from '../shared/sync/admin/answer.ts';
import { operate } from '../shared/sync/admin/operate.ts';
import { ssmStore } from '../shared/sync/limits/ssm-store.ts';
import { syncRuntime } from '../shared/sync/runtime.ts';

const runtime = await onceAtStart(async () => {
  const base = await syncRuntime({ throttleRetry: true, withoutEcs: true });
  const store = ssmStore(base.config.stack);
  return { ...base, context: { ...base.context, store } };
});

/** By hand: release, purge. */
export const handler = createHandler(
  runtime,
  (event: unknown, { context }, { signal }): Promise<Answer> => operate(event, context, signal),
);
