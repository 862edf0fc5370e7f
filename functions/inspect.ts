import { adminIn } from '../shared/platform/admin.ts';
import { logReader } from '../shared/platform/aws/log-reader.ts';
import { createHandler } from '../shared/platform/lambda-handler.ts';
import { onceAtStart } from '../shared/platform/once.ts';
import { consulCatalog, createDirectory } from '../shared/registries/directories.ts';
import type { Answer } from '../shared/sync/admin/answer.ts';
import { inspect } from '../shared/sync/admin/inspect.ts';
import { ssmStore } from '../shared/sync/limits/ssm-store.ts';
import { LastRound } from '../shared/sync/memory.ts';
import { syncRuntime } from '../shared/sync/runtime.ts';

const runtime = await onceAtStart(async () => {
  const base = await syncRuntime({ throttleRetry: true, program: 'reader' });
  const { config } = base;
  const catalog = consulCatalog(config);
  const context = {
    ...base.context,
    store: ssmStore(config.stack),
    lastRound: new LastRound(),
    ...(catalog && { catalog }),
    ...(config.stack.logGroup && { log: logReader(config.stack.logGroup) }),
    // Read late: the local run sets the address after the configuration was loaded.
    get admin() {
      return adminIn(process.env);
    },
    directories: () => Promise.all(config.registries.map((name) => createDirectory(name, config))),
  };
  return { ...base, context };
});

/** By hand: plan, explain, parity, history. Reads, and changes nothing anywhere. */
export const handler = createHandler(
  runtime,
  (event: unknown, { context }, { signal }): Promise<Answer> => inspect(event, context, signal),
);
