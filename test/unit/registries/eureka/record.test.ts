import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Health, Instance } from '../../../../shared/model/registration.ts';
import { createDirtyClock } from '../../../../shared/registries/eureka/client.ts';
import {
  instancePath,
  isReachable,
  keyOf,
  toServiceName,
} from '../../../../shared/registries/eureka/names.ts';
import { fitInstance, fromRecord, toRecord } from '../../../../shared/registries/eureka/record.ts';
import { statusFor } from '../../../../shared/registries/eureka/status.ts';
import { parseInstance } from '../../../../shared/registries/eureka/wire.ts';
import { instanceFor } from '../../../contract/instance.ts';

const OURS = { owner: 'rollcall:1:eu', cluster: 'arn:aws:ecs:eu-west-1:123456789012:cluster/prod' };

const fitted = (over: Partial<Instance> = {}) => {
  const { records, notes } = fitInstance(instanceFor(OURS, over));
  const [record] = records;
  if (!record) throw new Error('no record');
  return { record, notes };
};
const body = (over: Partial<Instance> = {}) => {
  const { record } = fitted(over);
  return fromRecord(record, statusFor(record, record.health), 1_700_000_000_000).instance;
};

describe('fitting to Eureka', () => {
  test('keeps the name’s own spelling in the VIP address, and capitals in the application', () => {
    expect(fitted({ service: 'Web_Shop' }).record).toMatchObject({
      service: 'WEB_SHOP',
      detail: { vip: 'Web_Shop' },
    });
  });

  test.each([
    ['a/b', 'A-B'],
    ['a\\b;c%d,e', 'A-B-C-D-E-49843B9F'],
    ['..', '--'],
    ['line\nbreak', 'LINE-BREAK-697AFFCA'],
    ['\ud800x', '\uFFFDX'],
    ['a+b c?d#e', 'A+B C?D#E'],
    ['straße', 'STRASSE'],
  ])('names the application of %j %j, and says so where a letter changed', (service, app) => {
    const { record, notes } = fitted({ service });
    expect(record.service).toBe(app);
    expect(toServiceName(app)).toBe(app);
    expect(notes.length).toBe(service.toUpperCase() === app ? 0 : 1);
  });

  test('says the host name is the address, which Spring’s clients connect to', () => {
    expect(body({ address: '10.0.0.9' })).toMatchObject({
      hostName: '10.0.0.9',
      ipAddr: '10.0.0.9',
    });
    expect(body({ eureka: { hostName: 'web.example' } })).toMatchObject({
      hostName: 'web.example',
      ipAddr: '10.0.1.17',
      homePageUrl: 'http://web.example:8080/',
    });
  });

  test.each<[string, Partial<Instance>, object]>([
    [
      'Spring Boot’s paths on its port',
      {},
      {
        homePageUrl: 'http://10.0.1.17:8080/',
        statusPageUrl: 'http://10.0.1.17:8080/actuator/info',
        healthCheckUrl: 'http://10.0.1.17:8080/actuator/health',
      },
    ],
    [
      'the management port',
      { eureka: { managementPort: 9001 } },
      {
        homePageUrl: 'http://10.0.1.17:8080/',
        healthCheckUrl: 'http://10.0.1.17:9001/actuator/health',
      },
    ],
    [
      'the management path',
      { eureka: { managementPort: 9001 }, metadata: { 'management.context-path': '/ops' } },
      {
        healthCheckUrl: 'http://10.0.1.17:9001/ops/health',
        statusPageUrl: 'http://10.0.1.17:9001/ops/info',
      },
    ],
    [
      'https where only the secure port is open',
      { eureka: { securePort: 8443, portEnabled: false } },
      {
        homePageUrl: 'https://10.0.1.17:8443/',
        healthCheckUrl: 'https://10.0.1.17:8443/actuator/health',
      },
    ],
    ['brackets around IPv6', { address: 'fd00::9' }, { homePageUrl: 'http://[fd00::9]:8080/' }],
    [
      'what the labels say',
      { eureka: { homePageUrl: 'https://x/', healthCheckUrl: 'https://x/up' } },
      { homePageUrl: 'https://x/', healthCheckUrl: 'https://x/up' },
    ],
    [
      'nothing for udp',
      { protocol: 'udp' },
      { homePageUrl: undefined, statusPageUrl: undefined, healthCheckUrl: undefined },
    ],
  ])('gives URLs: %s', (_, over, urls) => {
    expect(body(over)).toMatchObject(urls);
  });

  test('names a secure VIP address only where there is a secure port', () => {
    expect(body().secureVipAddress).toBeUndefined();
    expect(body({ eureka: { securePort: 8443 } })).toMatchObject({
      secureVipAddress: 'web',
      port: { $: 8080, '@enabled': 'true' },
      securePort: { $: 8443, '@enabled': 'true' },
    });
  });

  test('fills in zone and management port, and lets the task’s own metadata win', () => {
    const eureka = { managementPort: 9001 };
    expect(body({ eureka }).metadata).toMatchObject({
      zone: 'eu-west-1a',
      'management.port': '9001',
    });
    const metadata = { zone: 'mine', 'management.port': '7' };
    expect(body({ eureka, metadata }).metadata).toMatchObject(metadata);
  });

  test('sends what servers insist on: class, lease, a dirty timestamp as text, and never an override', () => {
    const sent = body({ tags: ['b', 'a,c'] });
    expect(sent).toMatchObject({
      status: 'UP',
      dataCenterInfo: {
        '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
        name: 'MyOwn',
      },
      leaseInfo: { renewalIntervalInSecs: 30, durationInSecs: 180 },
      lastDirtyTimestamp: '1700000000000',
      metadata: { ROLLCALL_TAGS: 'a\\,c,b' },
    });
    expect(Object.keys(sent)).not.toContain('overriddenStatus');
    expect(body({ eureka: { dataCenter: 'Amazon' } }).dataCenterInfo).toMatchObject({
      '@class': 'com.netflix.appinfo.AmazonInfo',
      metadata: { 'availability-zone': 'eu-west-1a', 'local-ipv4': '10.0.1.17' },
    });
  });

  test.each<[Health, Instance['eureka']['status'], string]>([
    ['healthy', undefined, 'UP'],
    ['healthy', 'OUT_OF_SERVICE', 'OUT_OF_SERVICE'],
    ['healthy', 'UNKNOWN', 'OUT_OF_SERVICE'],
    ['unhealthy', undefined, 'DOWN'],
    ['unhealthy', 'OUT_OF_SERVICE', 'DOWN'],
    ['starting', undefined, 'STARTING'],
  ])('registers %s with the status %s as %s', (health, status, expected) => {
    expect(body({ health, eureka: { ...(status && { status }) } }).status).toBe(expected);
  });

  test('says what it cannot carry', () => {
    const { notes } = fitted({
      tags: ['', 'a'],
      metadata: { '@class': 'x' },
      eureka: { status: 'UNKNOWN' },
    });
    expect(notes.map((note) => /tag|@class|UNKNOWN/.exec(note)?.[0]).sort()).toEqual([
      '@class',
      'UNKNOWN',
      'tag',
    ]);
  });

  const text = fc.string({ unit: 'binary', maxLength: 12 });
  const facts = fc.record(
    {
      vip: text,
      securePort: fc.integer({ min: 1, max: 65_535 }),
      portEnabled: fc.boolean(),
      managementPort: fc.integer({ min: 1, max: 65_535 }),
      homePageUrl: text,
      hostName: fc.domain(),
      dataCenter: fc.constantFrom('MyOwn' as const, 'Amazon' as const),
      status: fc.constantFrom('UP' as const, 'OUT_OF_SERVICE' as const, 'UNKNOWN' as const),
    },
    { requiredKeys: [] },
  );

  test('gives a record that compares equal once it was sent and read, whatever the instance says', () => {
    fc.assert(
      fc.property(
        fc.record({
          service: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
          port: fc.integer({ min: 1, max: 65_535 }),
          protocol: fc.constantFrom('tcp' as const, 'udp' as const),
          health: fc.constantFrom<Health>('healthy', 'unhealthy', 'starting'),
          tags: fc.array(fc.string({ unit: fc.constantFrom('a', ',', '\\', ' ', 'é') })),
          metadata: fc.dictionary(text, text),
          eureka: facts,
        }),
        (over) => {
          const { record } = fitted(over as Partial<Instance>);
          const sent = fromRecord(record, statusFor(record, record.health), 1);
          expect(toRecord(parseInstance(JSON.stringify(sent)))).toEqual(record);
        },
      ),
    );
  });
});

describe('paths', () => {
  test('lead to no other record, whatever a name or id holds', () => {
    const name = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(name, name, (service, id) => {
        const ref = { service, id: id.toWellFormed(), cluster: '' };
        fc.pre(isReachable(ref) && service !== '');
        const { pathname, search, hash } = new URL(`http://eureka${instancePath(ref)}`);
        expect([search, hash]).toEqual(['', '']);
        expect(pathname.split('/').map(decodeURIComponent)).toEqual([
          '',
          'apps',
          toServiceName(service),
          ref.id,
        ]);
      }),
    );
  });

  test('are the same for names that differ in case only', () => {
    const id = 'Ab';
    expect(keyOf({ service: 'web', id })).toBe(keyOf({ service: 'WEB', id }));
    expect(keyOf({ service: 'web', id })).not.toBe(keyOf({ service: 'web', id: 'aB' }));
  });
});

describe('the dirty clock', () => {
  test('rises with every reading, though the time of day stands still or falls', () => {
    let now = 1_000;
    const clock = createDirtyClock(() => now);
    expect([clock.next(), clock.next()]).toEqual([1_000, 1_001]);
    now = 500;
    expect(clock.next()).toBe(1_002);
    clock.observe(9_000);
    expect(clock.next()).toBe(9_001);
    clock.observe(Number.NaN);
    clock.observe(100);
    expect(clock.next()).toBe(9_002);
  });

  test('is not taken along by a time that no clock shows', () => {
    const clock = createDirtyClock(() => 1_000);
    clock.observe(Number.MAX_SAFE_INTEGER);
    clock.observe(1_000 + 2 * 86_400_000);
    expect([clock.next(), clock.next()]).toEqual([1_000, 1_001]);
  });
});
