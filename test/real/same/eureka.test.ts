import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EurekaServer, eurekaClassPath, startEureka } from '../../../scripts/real/eureka.ts';
import { plainSecret } from '../../../shared/config/secret.ts';
import { createDirectory as createEurekaDirectory } from '../../../shared/registries/eureka/directory.ts';
import { withReal } from '../real.ts';
import { type Accepted, type Answer, ask, differences, serveFrom } from './reads/compare.ts';

/** What the resolver tells otherwise than the server, and why that is right. */
const ACCEPTED: readonly Accepted[] = [
  [/\.(leaseInfo\.\w+|last(Updated|Dirty)Timestamp)$/, 'of leases only the task’s start is known'],
  [
    /\.(vip|secureVip)Address$/,
    'Eureka’s own VIP is not kept; it is the name, in capitals, and compared without case',
  ],
  [/\.metadata\.secure$/, 'how a secure port is told in every registry'],
  [/\.versions__delta$/, 'a counter of deltas, -1 for VIPs; here it stands for the content'],
];

const STARTED = '2023-11-14T22:13:20.000Z';
const instance = (app: string, id: string, overrides: Readonly<Record<string, unknown>> = {}) => ({
  app,
  instanceId: id,
  hostName: '10.0.0.1',
  ipAddr: '10.0.0.1',
  vipAddress: app,
  status: 'UP',
  countryId: 1,
  port: { $: 8080, '@enabled': 'true' },
  securePort: { $: 443, '@enabled': 'false' },
  homePageUrl: 'http://10.0.0.1:8080/',
  statusPageUrl: 'http://10.0.0.1:8080/actuator/info',
  healthCheckUrl: 'http://10.0.0.1:8080/actuator/health',
  dataCenterInfo: {
    '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
    name: 'MyOwn',
  },
  leaseInfo: { renewalIntervalInSecs: 30, durationInSecs: 900 },
  ...overrides,
});
const ODD = 'api:1@x;ä?%.. b';
const HOSTILE = { zone: 'a', '1h': '<&>"', _x$: 'y', weight: '5', ROLLCALL_STARTED: STARTED };
const INSTANCES = [
  instance('WEB', 'web-1', { metadata: HOSTILE }),
  instance('WEB', 'web-2', { status: 'DOWN' }),
  instance('API', ODD, {
    metadata: { zone: 'b' },
    port: { $: 8443, '@enabled': 'false' },
    securePort: { $: 8443, '@enabled': 'true' },
    homePageUrl: 'https://10.0.0.1:8443/',
    statusPageUrl: 'https://10.0.0.1:8443/actuator/info',
    healthCheckUrl: 'https://10.0.0.1:8443/actuator/health',
    secureVipAddress: 'API',
  }),
];

const PATHS = [
  ...[
    '/apps',
    '/apps/',
    '/apps/delta',
    '/apps?regions=eu',
    '/v2/apps',
    '/apps/WEB',
    '/apps/web',
    '/apps/none',
  ],
  ...[
    '/apps/WEB/web-1',
    '/apps/web/web-2',
    '/apps/WEB/none',
    '/apps/none/none',
    '/instances/web-2',
    '/instances/none',
  ],
  ...[
    '/instances',
    '/instances/',
    '/vips/WEB',
    '/vips/none',
    '/vips/',
    '/svips/API',
    '/svips/none',
    '/lastn',
  ],
  ...['/apps/API/', '/instances/'].map((path) => path + encodeURIComponent(ODD)),
  ...[
    '/apps/delta/',
    '/apps/WEB/',
    '/apps/web/web-2/',
    '/apps/none/',
    '/instances/web-2/',
    '/vips/WEB/',
    '/svips/API/',
  ],
  ...['/apps//', '/apps/WEB//', '/apps//WEB', '/vips/WEB//'],
];

/** By id, since each keeps an order of its own. */
const inOrder = (answer: Answer): Answer => {
  if (answer.status !== 200) return answer;
  const byName = (_: string, value: unknown): unknown =>
    Array.isArray(value)
      ? value.toSorted((a, b) => ((a.instanceId ?? a.name) < (b.instanceId ?? b.name) ? -1 : 1))
      : value;
  return { ...answer, text: JSON.stringify(JSON.parse(answer.text, byName)) };
};

/** Each keeps an order of its own, the server indents, and an empty element has two spellings. */
const elementsOf = ({ text }: Answer): readonly string[] =>
  text
    .replaceAll('"></metadata>', '"/>')
    .match(/<[^/>]+>[^<]*<\/[^>]+>|<[^/>]+\/>/g)
    ?.toSorted() ?? [];
const COUNTED =
  /^<(versions__delta|\w+Timestamp|durationInSecs|vipAddress|secureVipAddress|secure)>/;

await withReal('Eureka 2.0.4', eurekaClassPath, (classPath) =>
  describe('Eureka’s API over Eureka answers as that does', () => {
    let server: EurekaServer;
    const start = async () =>
      `${await serveFrom(createEurekaDirectory({ urls: plainSecret(`${server.url}/`) }))}/eureka`;
    beforeAll(async () => {
      server = await startEureka(classPath, {
        'eureka.server.use-read-only-response-cache': false,
      });
      for (const one of INSTANCES) {
        const body = JSON.stringify({ instance: one });
        const headers = { 'content-type': 'application/json' };
        const { status } = await fetch(`${server.url}/apps/${one.app}`, {
          method: 'POST',
          headers,
          body,
        });
        expect(status).toBe(204);
      }
    }, 180_000);
    afterAll(() => server?.stop());

    test('to every read that clients make, in JSON, member by member', async () => {
      const [ours, accept] = [await start(), { accept: 'application/json' }];
      const get = async (base: string, path: string) => inOrder(await ask(base, path, accept));
      for (const path of PATHS)
        expect(
          differences(await get(server.url, path), await get(ours, path), ACCEPTED),
          path,
        ).toEqual([]);
    });

    test('in XML, element by element, down to the spelling of metadata', async () => {
      const ours = await start();
      for (const path of ['/apps', '/apps/delta', '/apps/WEB/web-1', '/vips/WEB']) {
        const [theirs, mine] = [
          elementsOf(await ask(server.url, path)),
          elementsOf(await ask(ours, path)),
        ];
        const without = (elements: readonly string[]) =>
          elements.filter((one) => !COUNTED.test(one));
        expect(without(theirs).length).toBeGreaterThan(10);
        expect(without(mine), path).toEqual(without(theirs));
      }
    });

    test.each([
      [{}],
      [{ accept: '*/*' }],
      [{ accept: 'application/xml' }],
      [{ accept: 'application/*' }],
      [{ accept: 'application/xml, application/json' }],
      [{ accept: 'application/json, application/*+json' }],
      [{ accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }],
    ])('in JSON or XML, as the server chooses: %j', async (headers) => {
      const [theirs, mine] = [
        await ask(server.url, '/apps', headers),
        await ask(await start(), '/apps', headers),
      ];
      expect([mine.status, mine.text.trimStart()[0]]).toEqual([
        theirs.status,
        theirs.text.trimStart()[0],
      ]);
    });
  }),
);
