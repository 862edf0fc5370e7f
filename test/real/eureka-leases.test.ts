import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EurekaServer, eurekaClassPath, startEureka } from '../../scripts/real/eureka.ts';
import { plainSecret } from '../../shared/config/secret.ts';
import type { Registration } from '../../shared/model/registration.ts';
import { createRegistry as createEureka } from '../../shared/registries/eureka/index.ts';
import { instanceFor, uniqueName } from '../contract/instance.ts';
import { eventually, expectWritten, quiet, removals, upserts } from '../contract/stage.ts';
import { withReal } from './real.ts';

const OWNER = 'owner-leases';
const CLUSTER = 'arn:aws:ecs:eu-west-1:123456789012:cluster/leases';
/** Eviction is looked for every quarter of a second, and lists are never old. */
const QUICK = {
  'eureka.server.use-read-only-response-cache': false,
  'eureka.server.eviction-interval-timer-in-ms': 250,
};

await withReal('Eureka, its leases', eurekaClassPath, (classPath) => {
  describe('leases', () => {
    /** One that evicts whatever has expired, and one that preserves itself. */
    let evicting: EurekaServer;
    let preserving: EurekaServer;
    beforeAll(async () => {
      [evicting, preserving] = await Promise.all([
        startEureka(classPath, { ...QUICK, 'eureka.server.enable-self-preservation': false }),
        startEureka(classPath, QUICK),
      ]);
    });
    afterAll(() => Promise.all([evicting?.stop(), preserving?.stop()]));

    test('an instance whose lease nobody renews is evicted, and renewing it then is told as gone', async () => {
      const registry = registryAt(evicting);
      const record = await plant(evicting, { seconds: 1 });
      // By the list: read alone, a record is absent as soon as its lease runs out, and a renewal
      // still revives it.
      await eventually(async () => expect(await listedIds(evicting)).not.toContain(record.id));
      expect(await registry.renew?.([record], quiet())).toMatchObject([{ status: 'gone' }]);
      expect(await registry.get([record], quiet())).toEqual([]);
    });

    test('an instance that is renewed outlives one of the same lease that is not', async () => {
      const registry = registryAt(evicting);
      const [renewed, left] = [
        await plant(evicting, { seconds: 2 }),
        await plant(evicting, { seconds: 2 }),
      ];
      await eventually(async () => {
        expectWritten((await registry.renew?.([renewed], quiet())) ?? []);
        expect(await registry.get([left], quiet())).toEqual([]);
      });
      expect(await registry.get([renewed], quiet())).toHaveLength(1);
    });

    test('what Rollcall registers bears a lease of three minutes', async () => {
      const registry = registryAt(evicting);
      const { records } = registry.fit(instanceFor({ owner: OWNER, cluster: CLUSTER }));
      expectWritten(await registry.apply(upserts(records), quiet()));
      for (const { service, id } of records) {
        const reply = await fetch(`${evicting.url}/apps/${service}/${id}`, {
          headers: { accept: 'application/json' },
        });
        expect(await reply.json()).toMatchObject({
          instance: { leaseInfo: { durationInSecs: 180, renewalIntervalInSecs: 30 } },
        });
      }
    });

    test('a server that preserves itself keeps an expired instance, until it is removed', async () => {
      const registry = registryAt(preserving);
      const kept = await plant(preserving, { seconds: 1 });
      // The other server shows that such a lease, granted later, has run out.
      const gone = await plant(evicting, { seconds: 1 });
      await eventually(async () =>
        expect(await registryAt(evicting).get([gone], quiet())).toEqual([]),
      );
      expect(await registry.get([kept], quiet())).toHaveLength(1);
      expectWritten(await registry.apply(removals([kept]), quiet()));
      expect(await registry.get([kept], quiet())).toEqual([]);
    });
  });
});

const registryAt = ({ url }: EurekaServer) =>
  createEureka({ urls: plainSecret(url) }, { owner: OWNER });

const listedIds = async (server: EurekaServer): Promise<readonly string[]> => {
  const { records } = await registryAt(server).list(quiet());
  return records.map(({ id }) => id);
};

/** One record with a lease of its own length. */
const plant = async (
  server: EurekaServer,
  { seconds }: { readonly seconds: number },
): Promise<Registration> => {
  const service = uniqueName();
  const [record] = registryAt(server).fit(
    instanceFor({ owner: OWNER, cluster: CLUSTER }, { service }),
  ).records;
  if (!record) throw new Error('fit gave no record');
  const answer = await fetch(`${server.url}/apps/${record.service}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ instance: leased(record, seconds) }),
  });
  expect(answer.status).toBe(204);
  return record;
};

const leased = ({ id, service, address, port, metadata }: Registration, seconds: number) => ({
  instanceId: id,
  app: service,
  hostName: address,
  ipAddr: address,
  status: 'UP',
  port: { $: port, '@enabled': 'true' },
  dataCenterInfo: {
    '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
    name: 'MyOwn',
  },
  leaseInfo: { renewalIntervalInSecs: 1, durationInSecs: seconds },
  metadata,
});
