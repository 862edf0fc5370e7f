import middy from '@middy/core';
import { ssmBoard } from '../shared/aws/ssm-board.ts';
import { deadlineOf, once, syncRuntime } from '../shared/runtime.ts';
import { type Answer, runCommand } from '../shared/sync/admin/command.ts';
import { flushing } from '../shared/telemetry-middleware.ts';

const runtime = once(async () => {
  const base = await syncRuntime();
  return { ...base, deps: { ...base.deps, board: ssmBoard(base.config.stack) } };
});

/** By hand: plan, explain, release, purge. */
export const handler = middy<unknown, Answer>()
  .use(flushing(runtime))
  .handler(async (event, context) => {
    const { deps } = await runtime();
    return runCommand(event, deps, deadlineOf(context).signal);
  });
