import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ConsulServer, startConsul } from '../../../scripts/real/consul.ts';
import { createDirectory as createConsulDirectory } from '../../../shared/registries/consul/directory.ts';
import { type Accepted, ask, differences, serveFrom } from './reads/compare.ts';
import { FILTERS, PATHS, RECORDS, REFUSED, REGION } from './reads/consul-cases.ts';

/** What the resolver tells otherwise than Consul, and why that is right. */
const ACCEPTED: readonly Accepted[] = [
  [/\.(Create|Modify)Index$/, 'entries have no history here'],
  [/\.TaggedAddresses\b/, 'the address again, for clients that take it from there'],
  [/\.(Service)?(Proxy|Connect|PeerName)\b/, 'there is no mesh'],
  [
    /\.(ServiceSocketPath|ServiceLocality|Interval|Timeout|ExposedPort)$/,
    'of newer servers, and empty',
  ],
  [/\.Status$/, 'a target is healthy or not: warning is critical'],
];
/** Whoever has no check has one here, which passes. */
const CHECKED: readonly Accepted[] = [...ACCEPTED, [/\.Checks\b/, 'there is always one check']];

const register = async (
  url: string,
  { ip, id, service, tags, status, meta }: (typeof RECORDS)[number],
) => {
  const node = { Node: `ip-${ip.replaceAll('.', '-')}`, Address: ip, NodeMeta: REGION };
  const Service = {
    ID: id,
    Service: service,
    Address: ip,
    Port: 8080,
    Tags: tags,
    Meta: { ...meta, ...REGION },
  };
  const Checks = [{ CheckID: `rollcall:${id}`, Name: 'Rollcall', Status: status, ServiceID: id }];
  const body = JSON.stringify({ ...node, Service, ...(status !== '' && { Checks }) });
  const answer = await fetch(`${url}/v1/catalog/register`, { method: 'PUT', body });
  if (!answer.ok) throw new Error(await answer.text());
};

/** The resolver’s Consul API over one version of Consul answers as that does. */
export const sameReads = (binary: string): void => {
  describe('Consul’s API over Consul answers as that does', () => {
    let server: ConsulServer;
    const start = () => serveFrom(createConsulDirectory({ addresses: [server.url] }));
    beforeAll(async () => {
      server = await startConsul(binary);
      for (const record of RECORDS) await register(server.url, record);
    });
    afterAll(() => server?.stop());

    test('to every read that clients make, member by member', async () => {
      const ours = await start();
      for (const path of PATHS)
        expect(
          differences(await ask(server.url, path), await ask(ours, path), ACCEPTED),
          path,
        ).toEqual([]);
    });

    test('where an instance has no check, but for the one that stands in for it', async () => {
      const [ours, path] = [await start(), '/v1/health/service/unchecked'];
      for (const query of ['', '?passing'])
        expect(
          differences(await ask(server.url, path + query), await ask(ours, path + query), CHECKED),
        ).toEqual([]);
    });

    test('to what it refuses, by status', async () => {
      const ours = await start();
      const found = REFUSED.map(async ([path]) => [
        path,
        (await ask(server.url, path)).status,
        (await ask(ours, path)).status,
      ]);
      expect(await Promise.all(found)).toEqual(REFUSED);
    });

    test.each(FILTERS)('to the filter %s: the same instances, or a refusal', async (filter) => {
      const path = `/v1/health/service/web?filter=${encodeURIComponent(filter)}`;
      const idsOf = async (base: string) => {
        const { status, text } = await ask(base, path);
        if (status !== 200) return 'refused';
        return JSON.parse(text)
          .map(({ Service }: { readonly Service: { readonly ID: string } }) => Service.ID)
          .join();
      };
      expect(await idsOf(await start())).toBe(await idsOf(server.url));
    });
  });
};
