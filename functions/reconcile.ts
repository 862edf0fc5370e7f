import middy from '@middy/core';
import { ssmBoard } from '../shared/aws/ssm-board.ts';
import { onceAtStart } from '../shared/once.ts';
import { deadlineOf, syncRuntime } from '../shared/runtime.ts';
import type { Summary } from '../shared/sync/board.ts';
import { reconcile } from '../shared/sync/reconcile.ts';
import { flushing } from '../shared/telemetry-middleware.ts';

const runtime = await onceAtStart(async () => {
  const base = await syncRuntime({ patient: true, guarded: 'reconcile' });
  return { ...base, deps: { ...base.deps, board: ssmBoard(base.config.stack) } };
});

/** Each minute: repairs what events missed. */
export const handler = middy<unknown, Summary>()
  .use(flushing(runtime))
  .handler(async (_event, context) => {
    const { deps } = await runtime();
    const { deadline, signal } = deadlineOf(context);
    return reconcile(deps, deadline, signal);
  });
