import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EurekaHarness, EurekaRunning } from './eureka.harness.ts';
import { uniqueName } from './instance.ts';

/** What of a server's answers is looked at here. */
interface Answer {
  readonly instance: {
    readonly status: string;
    readonly metadata: Readonly<Record<string, string>>;
  };
  readonly applications: {
    readonly apps__hashcode: string;
    readonly application: readonly {
      readonly name: string;
      readonly instance: readonly object[];
    }[];
  };
}

/**
 * How a real server was found to behave: run on the simulator, and on a real one where there is
 * one.
 */
export const serverFacts = (harness: EurekaHarness): void => {
  describe(`${harness.title}: the server by itself`, () => {
    let running: EurekaRunning;
    beforeAll(async () => {
      running = await harness.start();
    });
    afterAll(() => running?.stop());

    const call = (method: string, path: string, body?: unknown) =>
      fetch(running.url + path, {
        method,
        headers: { accept: 'application/json', 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    const fetchJson = async (path: string) => (await (await call('GET', path)).json()) as Answer;

    test.each([
      ['an older registration is accepted and ignored', '1000', 'first'],
      ['an equal one replaces', '2000', 'second'],
      ['a newer one replaces', '3000', 'second'],
    ])('%s', async (_, lastDirtyTimestamp, shown) => {
      const service = uniqueName();
      const post = async (dirty: string, which: string) =>
        (
          await call(
            'POST',
            `/apps/${service}`,
            bare(service, { lastDirtyTimestamp: dirty, metadata: { which } }),
          )
        ).status;
      expect(await post('2000', 'first')).toBe(204);
      expect(await post(lastDirtyTimestamp, 'second')).toBe(204);
      const { instance } = await fetchJson(`/apps/${service}/bare`);
      expect(instance.metadata['which']).toBe(shown);
      await call('DELETE', `/apps/${service}/bare`);
    });

    test.each([
      ['/apps', 'gzip'],
      ['/apps/delta', 'gzip'],
      ['/apps/{app}', null],
      ['/apps/{app}/bare', null],
      ['/vips/bare', null],
    ])('answers %s to whoever takes gzip with the encoding %s', async (path, encoding) => {
      const service = uniqueName();
      await call('POST', `/apps/${service}`, bare(service));
      const { headers, status } = await call('GET', path.replace('{app}', service));
      expect([status, headers.get('content-encoding')]).toEqual([200, encoding]);
      await call('DELETE', `/apps/${service}/bare`);
    });

    test.each([
      ['', 200],
      ['?status=DOWN&lastDirtyTimestamp=1000', 200],
      ['?lastDirtyTimestamp=3000', 404],
      ['?lastDirtyTimestamp=soon', 500],
    ])('answers a renewal %s with %i, and its status changes nothing', async (query, expected) => {
      const service = uniqueName();
      await call('POST', `/apps/${service}`, bare(service, { lastDirtyTimestamp: '2000' }));
      expect((await call('PUT', `/apps/${service}/bare${query}`)).status).toBe(expected);
      expect((await fetchJson(`/apps/${service}/bare`)).instance.status).toBe('UP');
      await call('DELETE', `/apps/${service}/bare`);
    });

    test.each([
      ['nothing around the instance', (instance: object) => instance, /cannot parse/],
      [
        'a port that is a number',
        (instance: object) => ({ instance: { ...instance, port: 80 } }),
        /cannot parse/,
      ],
      [
        'no class of data center',
        (instance: object) => ({ instance: { ...instance, dataCenterInfo: { name: 'MyOwn' } } }),
        /cannot parse/,
      ],
      [
        'no data center',
        (instance: object) => ({ instance: { ...instance, dataCenterInfo: undefined } }),
        /^Missing dataCenterInfo$/,
      ],
      [
        'no address',
        (instance: object) => ({ instance: { ...instance, ipAddr: undefined } }),
        /^Missing ip address$/,
      ],
      [
        'no host name',
        (instance: object) => ({ instance: { ...instance, hostName: undefined } }),
        /^Missing hostname$/,
      ],
      [
        'neither id nor host name',
        (instance: object) => ({
          instance: { ...instance, instanceId: undefined, hostName: undefined },
        }),
        /^Missing instanceId$/,
      ],
      [
        'another application',
        (instance: object) => ({ instance: { ...instance, app: 'other' } }),
        /^Mismatched appName, expecting .* but was OTHER$/,
      ],
    ])('refuses a registration with %s', async (_, spoil, text) => {
      const service = uniqueName();
      const response = await call('POST', `/apps/${service}`, spoil(bare(service).instance));
      expect(response.status).toBe(400);
      expect(await response.text()).toMatch(text);
    });

    test('shows a change in the delta, with the hash of the whole, and in XML to whoever does not ask for JSON', async () => {
      const service = uniqueName();
      const app = service.toUpperCase();
      await call('POST', `/apps/${service}`, bare(service, { metadata: { '1h_': 'a<b' } }));
      await call('DELETE', `/apps/${service}/bare`);
      const all = (await fetchJson('/apps')).applications;
      const delta = (await fetchJson('/apps/delta')).applications;
      expect(delta.apps__hashcode).toBe(all.apps__hashcode);
      const changed = delta.application.find(({ name }) => name === app);
      expect(changed?.instance).toMatchObject([{ instanceId: 'bare', actionType: 'DELETED' }]);

      await call('POST', `/apps/${service}`, bare(service, { metadata: { '1h_': 'a<b' } }));
      const response = await fetch(`${running.url}/apps/${app}`);
      expect(response.headers.get('content-type')).toContain('application/xml');
      const xml = (await response.text()).replace(/>\s+</g, '><');
      expect(xml).toContain(
        `<application><name>${app}</name><instance><instanceId>bare</instanceId>`,
      );
      expect(xml).toContain('<port enabled="true">8080</port>');
      expect(xml).toContain('<metadata><_.0031h__>a&lt;b</_.0031h__></metadata>');
      await call('DELETE', `/apps/${service}/bare`);
    });
  });
};

const bare = (service: string, over: object = {}) => ({
  instance: {
    instanceId: 'bare',
    app: service,
    hostName: '10.0.0.1',
    ipAddr: '10.0.0.1',
    port: { $: 8080, '@enabled': 'true' },
    dataCenterInfo: {
      '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
      name: 'MyOwn',
    },
    ...over,
  },
});
