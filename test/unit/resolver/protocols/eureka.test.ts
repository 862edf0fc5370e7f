import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Target } from '../../../../shared/model/registration.ts';
import { hashCode } from '../../../../shared/resolver/protocols/eureka/entries.ts';
import { toElementName, toXml } from '../../../../shared/resolver/protocols/eureka/xml.ts';
import { ask, directoryOf, over, resolverOver, target } from '../support.ts';
import { childOf, type Element, FORBIDDEN, parseXml, toKey } from './xml.ts';

const JSON_TYPE = { accept: 'application/json, application/*+json' };
const CONTENT = {
  dns: [target({ id: 'd', service: 'dns', port: 53, protocol: 'udp', zone: null })],
  empty: [],
  web: [
    target({
      id: 'a',
      tags: ['v1', 'a,b'],
      metadata: { ROLLCALL_STARTED: '2026-11-21T10:00:00.000Z' },
    }),
    target({ id: 'b', healthy: false, zone: null }),
  ],
};

/** Some number: it stands for the content. */
const VERSION = expect.stringMatching(/^\d{1,15}$/);

const get = async (path: string, content: Parameters<typeof over>[0] = CONTENT) => {
  const response = await ask(over(content), `GET /eureka${path}`, JSON_TYPE);
  return { ...response, data: JSON.parse(response.body) };
};
const instanceOf = async (overrides: Partial<Target>) => {
  const { data } = await get('/instances/x', { web: [target({ id: 'x', ...overrides })] });
  return data.instance;
};

describe('GET /eureka/apps', () => {
  it('is every application with instances, and the hash of all statuses', async () => {
    const { status, headers, data } = await get('/apps');
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    const { application, ...rest } = data.applications;
    expect(rest).toEqual({ versions__delta: VERSION, apps__hashcode: 'DOWN_1_UP_2_' });
    expect(application.map(({ name }: { name: string }) => name)).toEqual(['DNS', 'WEB']);
  });

  it('shows an instance with the fields that clients know, each in the type they take', async () => {
    const { data } = await get('/apps/web/a');
    expect(data).toEqual({
      instance: {
        instanceId: 'a',
        hostName: '10.0.0.1',
        app: 'WEB',
        ipAddr: '10.0.0.1',
        status: 'UP',
        overriddenStatus: 'UNKNOWN',
        port: { $: 8080, '@enabled': 'true' },
        securePort: { $: 443, '@enabled': 'false' },
        countryId: 1,
        dataCenterInfo: {
          '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
          name: 'MyOwn',
        },
        leaseInfo: {
          renewalIntervalInSecs: 30,
          durationInSecs: 90,
          registrationTimestamp: 1_795_255_200_000,
          lastRenewalTimestamp: 1_795_255_200_000,
          evictionTimestamp: 0,
          serviceUpTimestamp: 1_795_255_200_000,
        },
        metadata: {
          zone: 'eu-central-1a',
          ROLLCALL_STARTED: '2026-11-21T10:00:00.000Z',
          ROLLCALL_TAGS: 'v1,a\\,b',
        },
        homePageUrl: 'http://10.0.0.1:8080/',
        statusPageUrl: 'http://10.0.0.1:8080/actuator/info',
        healthCheckUrl: 'http://10.0.0.1:8080/actuator/health',
        vipAddress: 'web',
        isCoordinatingDiscoveryServer: 'false',
        lastUpdatedTimestamp: '1795255200000',
        lastDirtyTimestamp: '1795255200000',
        actionType: 'ADDED',
      },
    });
  });

  it.each([
    [
      { metadata: { secure: 'true' } },
      {
        port: { $: 8080, '@enabled': 'false' },
        securePort: { $: 8080, '@enabled': 'true' },
        secureVipAddress: 'web',
        homePageUrl: 'https://10.0.0.1:8080/',
      },
    ],
    [
      { metadata: { 'management.port': '9001' } },
      {
        healthCheckUrl: 'http://10.0.0.1:9001/actuator/health',
        homePageUrl: 'http://10.0.0.1:8080/',
      },
    ],
    // As Consul carries it.
    [
      { metadata: { management_port: '9001', 'management_context-path': '/ops' } },
      {
        metadata: { 'management.port': '9001', 'management.context-path': '/ops' },
        healthCheckUrl: 'http://10.0.0.1:9001/ops/health',
      },
    ],
    [
      { metadata: { 'management.context-path': '//evil/<x>' } },
      { healthCheckUrl: 'http://10.0.0.1:8080/actuator/health' },
    ],
    [
      { metadata: { eureka_secureport: '8443' } },
      {
        port: { $: 8080, '@enabled': 'true' },
        securePort: { $: 8443, '@enabled': 'true' },
        secureVipAddress: 'web',
        homePageUrl: 'http://10.0.0.1:8080/',
      },
    ],
    [{ metadata: { eureka_secureport: '70000' } }, { securePort: { $: 443, '@enabled': 'false' } }],
    [
      { metadata: { 'management.port': 'x/y' } },
      { healthCheckUrl: 'http://10.0.0.1:8080/actuator/health' },
    ],
    [
      {
        metadata: {
          eureka_vip: 'shop,cart',
          eureka_hostname: 'a.example',
          eureka_healthcheckurl: 'http://h/',
          eureka_status: 'out_of_service',
        },
      },
      {
        vipAddress: 'shop,cart',
        hostName: 'a.example',
        ipAddr: '10.0.0.1',
        homePageUrl: 'http://a.example:8080/',
        healthCheckUrl: 'http://h/',
        status: 'OUT_OF_SERVICE',
      },
    ],
    [{ healthy: false, metadata: { eureka_status: 'UP' } }, { status: 'DOWN' }],
    [{ metadata: { eureka_status: 'FINE' } }, { status: 'UP' }],
    [{ address: 'fd00::1' }, { hostName: 'fd00::1', homePageUrl: 'http://[fd00::1]:8080/' }],
    [{ zone: null }, { metadata: { '@class': 'java.util.Collections$EmptyMap' } }],
    [{ metadata: { '@class': 'evil', zone: 'mine' } }, { metadata: { zone: 'mine' } }],
  ])('reads of %j what Eureka’s clients want', async (overrides: Partial<Target>, shown) => {
    expect(await instanceOf(overrides)).toMatchObject(shown);
  });

  it('gives no page to what speaks udp', async () => {
    const { data } = await get('/apps/DNS/d');
    expect(data.instance.metadata).toEqual({ ROLLCALL_PROTOCOL: 'udp' });
    expect(Object.keys(data.instance).filter((key) => key.endsWith('Url'))).toEqual([]);
  });

  it.each(['/apps', '/apps/', '/v2/apps', '/v2/apps/', '/apps/delta', '/v2/apps/delta'])(
    'is the same at %s',
    async (path) => {
      expect((await get(path)).body).toBe((await get('/apps')).body);
    },
  );

  it.each(['/apps/delta', '/apps/WEB', '/apps/WEB/a', '/v2/instances/a', '/vips/WEB', '/svips/x'])(
    'takes a slash after %s, as the server does, and no second one',
    async (path) => {
      const { status, body } = await get(path);
      expect(await get(`${path}/`)).toMatchObject({ status, body });
      expect((await get(`${path}//`)).status).toBe(404);
    },
  );

  it('takes services that differ in case only for one application', async () => {
    const { data } = await get('/apps', {
      WEB: [target({ id: 'b', service: 'WEB' })],
      web: [target({ id: 'a' })],
    });
    expect(data.applications.application).toMatchObject([
      { name: 'WEB', instance: [{ instanceId: 'b' }, { instanceId: 'a' }] },
    ]);
  });

  it('gives instances of one id their own, as clients keep one for each', async () => {
    const { data } = await get('/apps', {
      web: [target({ id: 'web' }), target({ id: 'web', address: '10.0.0.2' })],
    });
    expect(data.applications.application[0].instance).toMatchObject([
      { instanceId: 'web@10.0.0.1:8080' },
      { instanceId: 'web@10.0.0.2:8080' },
    ]);
  });

  it('has another version whenever anything is another, as some clients take the same for no news', async () => {
    const versionOf = async (overrides: Partial<Target>) =>
      (await get('/apps/delta', { web: [target({ id: 'a', ...overrides })] })).data.applications
        .versions__delta;
    const first = await versionOf({});
    expect(await versionOf({})).toBe(first);
    for (const other of [{ id: 'b' }, { address: '10.9.9.9' }, { metadata: { team: 'x' } }])
      expect(await versionOf(other)).not.toBe(first);
  });

  it('is empty only where the registry says so', async () => {
    expect((await get('/apps', {})).data.applications).toEqual({
      versions__delta: VERSION,
      apps__hashcode: '',
      application: [],
    });
    const { state, directory } = directoryOf(CONTENT);
    state.failure = new Error('down');
    for (const path of [
      '/apps',
      '/apps/delta',
      '/apps/WEB',
      '/apps/WEB/a',
      '/instances/a',
      '/vips/web',
    ])
      expect((await ask(resolverOver(directory), `GET /eureka${path}`)).status).toBe(503);
  });

  it.each(['/apps/NONE', '/apps/EMPTY', '/apps/WEB/none', '/apps/NONE/a', '/instances/none'])(
    'is 404 for what is not there: %s',
    async (path) => {
      expect((await get(path)).status).toBe(404);
    },
  );

  it.each([
    ['/vips/WEB', 'DOWN_1_UP_1_', ['WEB']],
    ['/vips/shop', 'UP_1_', ['CART']],
    ['/vips/none', '', []],
    ['/svips/web', '', []],
    ['/svips/cart', 'UP_1_', ['CART']],
  ])('finds %s', async (path, hash, names) => {
    const cart = target({
      service: 'cart',
      metadata: { eureka_vip: 'cart, Shop', secure: 'true' },
    });
    const { applications } = (await get(path, { ...CONTENT, cart: [cart] })).data;
    expect(applications.apps__hashcode).toBe(hash);
    expect(applications.application.map(({ name }: { name: string }) => name)).toEqual(names);
  });
});

describe('the delta', () => {
  const instances = fc.uniqueArray(
    fc.record({ instanceId: fc.nat(9), status: fc.constantFrom('UP', 'DOWN') }),
    { selector: ({ instanceId }) => instanceId },
  );

  it('has its hash only where a client then holds what there is, whatever it held before', () => {
    fc.assert(
      fc.property(instances, instances, (held, current) => {
        const merged = new Map([...held, ...current].map((one) => [one.instanceId, one]));
        const right = merged.size === current.length;
        expect(hashCode([...merged.values()]) === hashCode(current)).toBe(right);
      }),
    );
  });

  it('counts each status by name', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('UP', 'DOWN', 'OUT_OF_SERVICE', 'STARTING')),
        (statuses) => {
          const read = [
            ...hashCode(statuses.map((status) => ({ status }))).matchAll(/([A-Z_]+?)_(\d+)_/g),
          ];
          const names = read.map(([, name]) => name);
          expect(names).toEqual([...new Set(statuses)].sort());
          for (const [, name, count] of read)
            expect(statuses.filter((status) => status === name)).toHaveLength(Number(count));
        },
      ),
    );
  });
});

describe('XML', () => {
  const getXml = async (accept?: string, content: Parameters<typeof over>[0] = CONTENT) =>
    ask(over(content), 'GET /eureka/apps', accept ? { accept } : {});

  it.each([undefined, '*/*', 'application/xml', 'text/html'])(
    'is what Accept %s gets',
    async (accept) => {
      const { headers, body } = await getXml(accept);
      expect(headers['content-type']).toBe('application/xml');
      expect(parseXml(body).name).toBe('applications');
    },
  );

  it.each(['application/json', 'application/xml, application/json', 'application/vnd.x+JSON'])(
    'is not what Accept %s gets',
    async (accept) => {
      expect((await getXml(accept)).headers['content-type']).toBe('application/json');
    },
  );

  it('says what the JSON says, as the server spells it', async () => {
    const { body } = await getXml(undefined, {
      web: [target({ metadata: { '1h': 'x', _a: '1', $b: '2' } })],
    });
    expect(body.replace(/(?<=<versions__delta>)\d+/, '1')).toBe(
      '<applications><versions__delta>1</versions__delta><apps__hashcode>UP_1_</apps__hashcode>' +
        '<application><name>WEB</name><instance><instanceId>a</instanceId><hostName>10.0.0.1</hostName>' +
        '<app>WEB</app><ipAddr>10.0.0.1</ipAddr><status>UP</status><overriddenstatus>UNKNOWN</overriddenstatus>' +
        '<port enabled="true">8080</port><securePort enabled="false">443</securePort><countryId>1</countryId>' +
        '<dataCenterInfo class="com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo"><name>MyOwn</name>' +
        '</dataCenterInfo><leaseInfo><renewalIntervalInSecs>30</renewalIntervalInSecs>' +
        '<durationInSecs>90</durationInSecs><registrationTimestamp>0</registrationTimestamp>' +
        '<lastRenewalTimestamp>0</lastRenewalTimestamp><evictionTimestamp>0</evictionTimestamp>' +
        '<serviceUpTimestamp>0</serviceUpTimestamp></leaseInfo>' +
        '<metadata><zone>eu-central-1a</zone><_.0031h>x</_.0031h><__a>1</__a><_-b>2</_-b></metadata>' +
        '<homePageUrl>http://10.0.0.1:8080/</homePageUrl>' +
        '<statusPageUrl>http://10.0.0.1:8080/actuator/info</statusPageUrl>' +
        '<healthCheckUrl>http://10.0.0.1:8080/actuator/health</healthCheckUrl><vipAddress>web</vipAddress>' +
        '<isCoordinatingDiscoveryServer>false</isCoordinatingDiscoveryServer>' +
        '<lastUpdatedTimestamp>0</lastUpdatedTimestamp><lastDirtyTimestamp>0</lastDirtyTimestamp>' +
        '<actionType>ADDED</actionType></instance></application></applications>',
    );
  });

  const hostile = fc.string({
    unit: fc.oneof(
      fc.constantFrom(
        '<',
        '>',
        '&',
        '"',
        "'",
        '\0',
        '\r',
        '\n',
        ']]>',
        '\ud800',
        '\ufffe',
        '_',
        '$',
        ':',
        '1',
        '😀',
      ),
      fc.string({ minLength: 1, maxLength: 1 }),
    ),
  });
  const carried = (text: string) => text.toWellFormed().replace(FORBIDDEN, '\ufffd');

  it('is well formed and comes back whole, whatever names and metadata hold', () => {
    const entries = (element: Element) =>
      element.children.map(({ name, text }) => [toKey(name), text]);
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            hostile.filter((key) => key !== ''),
            hostile,
          ),
        ),
        hostile,
        (pairs, name) => {
          const metadata = Object.fromEntries(
            pairs.filter(([key]) => !/^(@class|__proto__)$/.test(key)),
          );
          const xml = parseXml(toXml({ instance: { name, metadata } }));
          expect(childOf(xml, 'name').text).toBe(carried(name));
          expect(entries(childOf(xml, 'metadata'))).toEqual(
            Object.entries(metadata).map(([key, value]) => [key, carried(value)]),
          );
        },
      ),
    );
  });

  it('names elements as any parser takes them', () => {
    fc.assert(
      fc.property(fc.string(), (key) => {
        expect(toElementName(key)).toMatch(/^[A-Za-z_][A-Za-z0-9_.-]*$/);
      }),
    );
  });

  it('is gzip for who accepts that', async () => {
    const { headers, body } = await ask(over(CONTENT), 'GET /eureka/apps', {
      'accept-encoding': 'gzip',
    });
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept, accept-encoding' });
    expect(body).toBe((await getXml()).body);
  });
});
