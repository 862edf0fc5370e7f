import { createHandler } from '../shared/platform/lambda-handler.ts';
import { onceAtStart } from '../shared/platform/once.ts';
import { deadlineOf } from '../shared/platform/timeout.ts';
import { consulCatalog } from '../shared/registries/index.ts';
import type { Answer } from '../shared/sync/admin/answer.ts';
import { inspect } from '../shared/sync/admin/inspect.ts';
import { ssmStore } from '../shared/sync/limits/ssm-store.ts';
import { syncRuntime } from '../shared/sync/runtime.ts';

const runtime = await onceAtStart(async () => {
  const base = await syncRuntime({ throttleRetry: true });
  const catalog = consulCatalog(base.config);
  const context = {
    ...base.context,
    store: ssmStore(base.config.stack),
    ...(catalog && { catalog }),
  };
  return { ...base, context };
});

/** By hand: plan, explain, parity. Reads, and changes nothing anywhere. */
export const handler = createHandler(
  runtime,
  (event: unknown, { context: sync }, context): Promise<Answer> =>
    inspect(event, sync, deadlineOf(context).signal),
);
