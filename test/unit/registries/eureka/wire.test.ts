import { describe, expect, test } from 'vitest';
import { toRecord } from '../../../../shared/registries/eureka/record.ts';
import { parseApplications, parseInstance } from '../../../../shared/registries/eureka/wire.ts';

const INSTANCE = {
  instanceId: 'web-1',
  hostName: 'ip-10-0-0-1',
  app: 'WEB',
  ipAddr: '10.0.0.1',
  status: 'UP',
  overriddenStatus: 'UNKNOWN',
  port: { $: 8080, '@enabled': 'true' },
  securePort: { $: 443, '@enabled': 'false' },
  vipAddress: 'web',
  dataCenterInfo: {
    '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
    name: 'MyOwn',
  },
  metadata: { '@class': 'java.util.Collections$EmptyMap' },
  lastDirtyTimestamp: '1700000000000',
};
const read = (over: object = {}) =>
  parseInstance(JSON.stringify({ instance: { ...INSTANCE, ...over } }));
const listed = (application: unknown) =>
  parseApplications(JSON.stringify({ applications: { versions__delta: '1', application } })).map(
    ({ id }) => id,
  );

describe('reading Eureka’s answers', () => {
  test.each<[string, unknown, string[]]>([
    [
      'arrays',
      [{ name: 'WEB', instance: [INSTANCE, { ...INSTANCE, instanceId: 'web-2' }] }],
      ['web-1', 'web-2'],
    ],
    [
      'an application and an instance that an old server unwrapped',
      { name: 'WEB', instance: INSTANCE },
      ['web-1'],
    ],
    ['no application', [], []],
    ['no list of applications at all', undefined, []],
    ['an application without instances', [{ name: 'WEB' }], []],
    ['what is no instance', [{ name: 'WEB', instance: [null, 7, {}, { instanceId: 'x' }] }], ['x']],
  ])('takes %s', (_, application, ids) => {
    expect(listed(application)).toEqual(ids);
  });

  test.each([
    ['', /an empty body/],
    ['<html><body>Sign in</body></html>', /expected JSON, got "<html>/],
    ['[]', /expected JSON/],
    ['{"message":"no"}', /expected applications, got/],
    ['{"applications":null}', /expected applications/],
    ['{"applications":[]}', /expected applications/],
  ])('throws on %j, which says nothing of what is registered', (text, message) => {
    expect(() => parseApplications(text)).toThrow(message);
    expect(() => parseInstance(text)).toThrow();
  });

  test('fills in what servers and old clients leave out', () => {
    const sparse = parseApplications(
      JSON.stringify({
        applications: { application: [{ name: 'old', instance: [{ hostName: 'h' }] }] },
      }),
    );
    expect(sparse).toMatchObject([
      {
        id: 'h',
        app: 'OLD',
        ipAddr: 'h',
        status: 'UNKNOWN',
        overriddenStatus: 'UNKNOWN',
        lastDirty: 0,
      },
    ]);
    expect(read({ port: { $: '8081', '@enabled': true } }).port).toEqual({
      number: 8081,
      enabled: true,
    });
    expect(read({ metadata: null }).metadata).toEqual({});
  });

  test('takes the Java class of an empty map for no metadata', () => {
    expect(read().metadata).toEqual({});
  });

  test.each([
    [{ status: 'UP' }, 'healthy', undefined],
    [{ status: 'OUT_OF_SERVICE' }, 'healthy', 'OUT_OF_SERVICE'],
    [{ status: 'DOWN' }, 'unhealthy', undefined],
    [{ status: 'STARTING' }, 'starting', undefined],
    [{ status: 'UNKNOWN' }, 'unhealthy', undefined],
    [{ status: 'SOMETHING' }, 'unhealthy', undefined],
    [{ status: 'OUT_OF_SERVICE', overriddenStatus: 'OUT_OF_SERVICE' }, undefined, undefined],
    [{ status: 'DOWN', overriddenStatus: 'OUT_OF_SERVICE' }, undefined, undefined],
    [
      { status: 'DOWN', metadata: { ROLLCALL_STATUS: 'OUT_OF_SERVICE' } },
      'unhealthy',
      'OUT_OF_SERVICE',
    ],
    [{ status: 'UP', metadata: { ROLLCALL_STATUS: 'OUT_OF_SERVICE' } }, 'healthy', undefined],
    [{ status: 'DOWN', metadata: { ROLLCALL_STATUS: 'DOWN' } }, undefined, 'DOWN'],
  ])('reads %j as %s', (over, health, status) => {
    const record = toRecord(read(over));
    expect([record.health, record.detail.status]).toEqual([health, status]);
  });
});
