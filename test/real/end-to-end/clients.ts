import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Listening } from '../../../local/listen.ts';
import { digLines, resolveService } from './dns.ts';
import { FOREIGN } from './foreign.ts';
import { openFront } from './front.ts';
import { RESOLVER_TOKEN, type Stage } from './stage.ts';
import type { ConsulEntry } from './views.ts';
import { fetchText } from './views.ts';

/** What everybody finds under a name, strangers' included: address:port, sorted. */
const found = (stage: Stage, service: string) =>
  [
    ...stage.of(service).map(({ endpoint }) => endpoint),
    ...FOREIGN.flatMap(([name, endpoint]) => (name === service ? [endpoint] : [])),
  ].toSorted();

const SERVICES = ['api', 'checked', 'legacy', 'metrics', 'web'];

/** What clients see, each by its own protocol. */
export const clientFacts = (stage: () => Stage, dig?: string): void => {
  test.each(SERVICES)('Consul’s DNS leads to %s', async (service) => {
    const answers = await resolveService(stage().servers.consul.server().dnsPort, service);
    expect(answers).not.toEqual([]);
    expect(found(stage(), service)).toEqual(expect.arrayContaining([...answers]));
  });

  if (dig !== undefined)
    test('dig finds every address and every port', async () => {
      const { dnsPort } = stage().servers.consul.server();
      const split = found(stage(), 'api').map((endpoint) => endpoint.split(':'));
      const addresses = await digLines(dig, dnsPort, 'A', 'api.service.consul');
      expect(addresses).toEqual(split.map(([address]) => address).toSorted());
      const targets = await digLines(dig, dnsPort, 'SRV', '_api._tcp.service.consul');
      expect(targets).toEqual(
        split
          .map(([address = '', port]) => `1 1 ${port} ${toHex(address)}.addr.dc1.consul.`)
          .toSorted(),
      );
    });

  describe.each(['cloudmap', 'consul', 'eureka'])('a resolver that reads %s', (registry) => {
    let front: Listening;
    beforeAll(async () => {
      front = await openFront(
        await stage().functions.start('resolve', { ROLLCALL_RESOLVE_FROM: registry }),
      );
    });
    afterAll(() => front?.stop());
    const ask = (path: string, accept = 'application/json') =>
      fetchText(`${front.url}${path}`, { authorization: `Bearer ${RESOLVER_TOKEN}`, accept });

    test('is closed to whoever has no token', async () => {
      expect((await fetch(`${front.url}/services`)).status).toBe(401);
      expect((await fetch(`${front.url}/health`)).status).toBe(200);
    });

    test('lists every service with all its instances', async () => {
      const { services } = JSON.parse(await ask('/services'));
      // Eureka's own names are in capitals.
      const ours = services
        .map((one: { name: string }) => ({ ...one, name: one.name.toLowerCase() }))
        .filter(({ name }: { name: string }) => name !== 'consul');
      expect(ours).toEqual(
        SERVICES.map((name) => {
          const { length } = found(stage(), name);
          return { name, instances: length, healthy: length };
        }),
      );
    });

    test('gives one instance, redirects to it, and answers in the protocols of others', async () => {
      const web = found(stage(), 'web');
      expect(web).toContain(await ask('/resolve/web', 'text/plain'));
      const authorization = `Bearer ${RESOLVER_TOKEN}`;
      const moved = await fetch(`${front.url}/go/web/a?b=c`, {
        headers: { authorization },
        redirect: 'manual',
      });
      expect(moved.status).toBe(307);
      const location = new URL(moved.headers.get('location') ?? '');
      expect(web).toContain(location.host);
      expect(location.pathname + location.search).toBe('/a?b=c');

      const entries: readonly ConsulEntry[] = JSON.parse(
        await ask('/v1/health/service/web?passing'),
      );
      expect(entries.map(({ Service }) => `${Service.Address}:${Service.Port}`).toSorted()).toEqual(
        web,
      );
      const groups: readonly { readonly targets: readonly string[] }[] = JSON.parse(
        await ask('/prometheus/sd'),
      );
      expect(groups.flatMap(({ targets }) => targets)).toEqual(expect.arrayContaining(web));
      const { application } = JSON.parse(await ask('/eureka/apps/WEB'));
      expect(application.instance).toHaveLength(web.length);
    });
  });
};

const toHex = (address: string) =>
  address
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('');
