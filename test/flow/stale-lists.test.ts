import { afterEach, describe, expect, it } from 'vitest';
import { type EurekaServer, startEureka } from '../../local/eureka.ts';
import { startFlow } from './stage.ts';

let server: EurekaServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/**
 * A Eureka as it comes, whose lists are up to 30 s old, listed before the tasks of a test begin.
 */
const start = async () => {
  server = await startEureka({ listLagMs: 30_000 });
  const real = { EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: `${server.url}/` };
  const flow = await startFlow({ real });
  await flow.stack.reconcile.invoke();
  return { flow, server };
};

describe('a round that reads a list of Eureka’s from before the events', () => {
  it('writes nothing again that they have registered, and counts no drift', async () => {
    const { flow, server } = await start();
    flow.run();
    flow.run();
    await flow.settle();
    const writes = server.writes();
    const { registries } = await flow.stack.reconcile.invoke();
    expect(registries.eureka).toMatchObject({ drift: 0, written: 0, removed: 0, failed: 0 });
    expect(server.writes()).toBe(writes);
  });
});
