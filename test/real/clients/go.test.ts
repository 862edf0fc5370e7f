import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goConsulClients } from '../../../scripts/real/clients/go.ts';
import { debianConsul } from '../../../scripts/real/consul.ts';
import { type CountingProxy, startCountingProxy } from '../../../scripts/real/counting.ts';
import { type Pair, startConsulPair } from '../../../scripts/real/pair.ts';
import { together, withReal } from '../real.ts';
import { runClient, seesTheSame } from './same-sight.ts';

/** Of 10,000 that a process answers at the same time, in percent. */
const HUNDRED = { ROLLCALL_RESOLVE_HELD: '1' };

await withReal(
  'Go’s consul/api v1.34.5 and Consul 1.8.7',
  together({ clients: goConsulClients, consul: debianConsul }),
  ({ clients, consul }) => {
    seesTheSame('Consul 1.8.7', () => startConsulPair(consul), {
      'a watch plan of Go’s consul/api 1.34.5': [clients, 'plans', '1'],
      'what asks as Fabio does': [clients, 'routes', 'fabio'],
    });

    describe('clients in Go ask in measure', { timeout: 240_000 }, () => {
      let pair: Pair;
      let [theirs, ours]: CountingProxy[] = [];
      beforeAll(async () => {
        pair = await startConsulPair(consul, { environment: HUNDRED });
        theirs = await startCountingProxy(pair.real);
        ours = await startCountingProxy(pair.ours);
        await pair.put([{ host: 1, healthy: true }]);
      }, 120_000);
      afterAll(async () => {
        for (const one of [theirs, ours, pair]) await one?.stop();
      });

      /** Requests in so many seconds. */
      const countOf = async (proxy: CountingProxy | undefined, seconds: number) => {
        const before = proxy?.count() ?? 0;
        await sleep(seconds * 1_000);
        return (proxy?.count() ?? 0) - before;
      };

      test('Fabio’s keys are held: in 12 s at most twice the requests that Consul gets', async () => {
        const asking = [theirs, ours].map((proxy) => {
          runClient([clients, 'routes', 'fabio', proxy?.url ?? '', pair.token, 'web']);
          return countOf(proxy, 12);
        });
        const [toConsul = 0, toUs = 0] = await Promise.all(asking);
        console.log(`Fabio’s requests in 12 s: ${toConsul} to Consul, ${toUs} to the resolver`);
        expect(toConsul).toBeGreaterThan(0);
        expect(toUs).toBeLessThanOrEqual(2 * toConsul);
      });

      test('150 plans over a limit of 100 ask at most 2,000 times in 15 s, and all see a change', async () => {
        const plans = runClient([clients, 'plans', '150', ours?.url ?? '', pair.token, 'web']);
        await expect.poll(() => plans.sight()?.['seen']).toBe(150);
        const asked = await countOf(ours, 15);
        console.log(`150 plans over a limit of 100: ${asked} requests in 15 s`);
        expect(asked).toBeLessThanOrEqual(2_000);
        await pair.put([{ host: 2, healthy: true }]);
        await expect.poll(plans.sight).toEqual({ places: ['10.0.0.2:8080'], seen: 150 });
      });
    });
  },
);
