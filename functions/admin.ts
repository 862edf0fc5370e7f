import middy from '@middy/core';
import { ssmBoard } from '../shared/aws/ssm-board.ts';
import { onceAtStart } from '../shared/once.ts';
import { consulCatalog } from '../shared/registries/index.ts';
import { deadlineOf, syncRuntime } from '../shared/runtime.ts';
import { type Answer, runCommand } from '../shared/sync/admin/command.ts';
import { flushing } from '../shared/telemetry-middleware.ts';

const runtime = await onceAtStart(async () => {
  const base = await syncRuntime({ patient: true });
  const catalog = consulCatalog(base.config);
  const deps = { ...base.deps, board: ssmBoard(base.config.stack), ...(catalog && { catalog }) };
  return { ...base, deps };
});

/** By hand: plan, explain, parity, release, purge. */
export const handler = middy<unknown, Answer>()
  .use(flushing(runtime))
  .handler(async (event, context) => {
    const { deps } = await runtime();
    return runCommand(event, deps, deadlineOf(context).signal);
  });
