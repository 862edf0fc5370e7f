import type { MiddlewareObj } from '@middy/core';
import { describe, type Telemetry } from './telemetry.ts';

interface Runtime {
  readonly context: { readonly telemetry: Pick<Telemetry, 'flush'> };
}

/** Writes the invocation's metrics at its end, failed or not; a failure is one readable line before Lambda's own. */
export const flushing = (runtime: () => Promise<Runtime>): MiddlewareObj => ({
  after: async () => (await runtime()).context.telemetry.flush(),
  onError: async ({ error }) => {
    console.log(JSON.stringify({ level: 'error', message: 'invocation failed', error: describe(error) }));
    // Without a runtime (wrong configuration) there is nothing to flush.
    await runtime().then(
      ({ context }) => context.telemetry.flush(),
      () => {},
    );
  },
});
