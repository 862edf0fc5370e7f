import type { MiddlewareObj } from '@middy/core';
import type { SyncRuntime } from './runtime.ts';
import { describe } from './telemetry.ts';

/** Writes the invocation's metrics at its end, failed or not; a failure is one readable line before Lambda's own. */
export const flushing = (runtime: () => Promise<SyncRuntime>): MiddlewareObj => ({
  after: async () => (await runtime()).deps.telemetry.flush(),
  onError: async ({ error }) => {
    console.log(JSON.stringify({ level: 'error', message: 'invocation failed', error: describe(error) }));
    // Without a runtime (wrong configuration) there is nothing to flush.
    await runtime().then(
      ({ deps }) => deps.telemetry.flush(),
      () => {},
    );
  },
});
