import { describe, expect, test } from 'vitest';
import { fitInstance } from '../../../../shared/registries/consul/record.ts';
import { register, toAgentCheck } from '../../../support/registrator.ts';
import { instance } from '../builders.ts';
import {
  byRegistrator,
  byRollcall,
  deriveGiven,
  FLAGS,
  type Given,
  published,
  toInspected,
} from './stage.ts';

const boundTo = (...ips: readonly string[]): Given => ({
  ports: [
    {
      containerPort: 80,
      protocol: 'tcp',
      bindings: ips.map((hostIp, at) => ({ hostIp, hostPort: 32_768 + at })),
    },
  ],
});

/** Where the two differ, on purpose: what Registrator says, what is derived instead. */
const both = (given: Given) => ({ registrator: byRegistrator(given), rollcall: byRollcall(given) });

describe('a bug of Registrator’s is mended', () => {
  test('an image named by digest only leaves no @sha256 in the name', () => {
    const { registrator, rollcall } = both({ image: 'team/api@sha256:0abc' });
    expect(registrator).toMatchObject([{ name: 'api@sha256' }]);
    expect(rollcall).toMatchObject([{ name: 'api' }]);
  });

  test('one SERVICE_ID for two ports makes no two records into one', () => {
    const given = { labels: { SERVICE_ID: 'mine' }, ports: [published(80), published(443)] };
    expect(register(toInspected(given), FLAGS).map(({ id }) => id)).toEqual(['mine', 'mine']);
    const { instances } = deriveGiven(given);
    expect(new Set(instances.map(({ id }) => id)).size).toBe(2);
    expect(instances.map(({ metadata }) => metadata['service_id'])).toEqual(['mine', 'mine']);
  });

  test('ids hold neither host nor container name, so that a new host name duplicates nothing', () => {
    expect(register(toInspected({}), FLAGS)).toMatchObject([
      { id: 'ip-10-0-9-9:ecs-shop-web-5-app-9af2c0d1e3f4b5a60100:80' },
    ]);
    expect(deriveGiven({}).instances[0]?.id).toMatch(
      /^0123456789abcdef0123456789abcdef-80-[a-z2-7]{20}$/,
    );
  });

  test('a check’s path without a slash does not run into the port, or on into another host', () => {
    const check = (SERVICE_CHECK_HTTP: string) => {
      const given = { labels: { SERVICE_CHECK_HTTP } };
      const [theirs] = register(toInspected(given), FLAGS).map(toAgentCheck);
      return [theirs?.target, deriveGiven(given).instances[0]?.check?.target];
    };
    expect(check('up')).toEqual(['http://10.0.9.9:32080up', 'http://10.0.9.9:32080/up']);
    expect(check('@else.example/')).toEqual([
      'http://10.0.9.9:32080@else.example/',
      'http://10.0.9.9:32080/@else.example/',
    ]);
  });

  test('a check changes nothing, and takes no record out', () => {
    const given = {
      labels: {
        SERVICE_CHECK_HTTP: '/',
        SERVICE_CHECK_HTTP_METHOD: 'PUT',
        SERVICE_CHECK_DEREGISTER_AFTER: '2m',
      },
    };
    expect(register(toInspected(given), FLAGS).map(toAgentCheck)).toMatchObject([
      { method: 'PUT', deregisterAfter: '2m' },
    ]);
    const { instances, notes } = deriveGiven(given);
    expect(instances.map(({ check }) => check)).toEqual([
      { kind: 'http', target: 'http://10.0.9.9:32080/', method: 'GET', interval: '10s' },
    ]);
    expect(notes).toHaveLength(2);
  });

  test('a port bound to loopback is not offered to others', () => {
    const { registrator, rollcall } = both(boundTo('127.0.0.1'));
    expect(registrator).toMatchObject([{ place: '127.0.0.1:32768/tcp' }]);
    expect(rollcall).toEqual([]);
    expect(deriveGiven(boundTo('127.0.0.1')).skips).toMatchObject([{ code: 'loopback' }]);
  });

  test('where Docker lists its IPv6 binding first, the IPv4 one is taken', () => {
    const { registrator, rollcall } = both(boundTo('::', '0.0.0.0'));
    expect(registrator).toMatchObject([{ place: ':::32768/tcp' }]);
    expect(rollcall).toMatchObject([{ place: '10.0.9.9:32769/tcp' }]);
  });

  test('of two labels that differ in case only, the same one wins each time', () => {
    const given = (...keys: readonly string[]): Given => ({
      labels: Object.fromEntries(keys.map((key) => [key, key])),
    });
    const orders = [given('SERVICE_name', 'SERVICE_NAME'), given('SERVICE_NAME', 'SERVICE_name')];
    expect(orders.map((one) => byRegistrator(one)[0]?.name)).toEqual([
      'SERVICE_NAME',
      'SERVICE_name',
    ]);
    expect(orders.map((one) => byRollcall(one)[0]?.name)).toEqual(['SERVICE_NAME', 'SERVICE_NAME']);
  });
});

describe('what Registrator does not know', () => {
  const added = (labels: Record<string, string>, env: Record<string, string> = {}) => {
    const { registrator, rollcall } = both({ labels, env });
    return [registrator[0]?.attributes, rollcall[0]?.attributes];
  };

  test('keys that are Rollcall’s or AWS’s are dropped, in any case, with a note', () => {
    const labels = { SERVICE_ROLLCALL_OWNER: 'me', SERVICE_TEAM: 'a' };
    expect(added(labels)).toEqual([{ rollcall_owner: 'me', team: 'a' }, { team: 'a' }]);
    expect(deriveGiven({ labels }).notes).toEqual([
      expect.stringContaining('metadata key "rollcall_owner" is dropped'),
    ]);
  });

  test('SERVICE_EUREKA_METADATA_<K> adds the key K', () =>
    expect(added({ SERVICE_EUREKA_METADATA_K: 'x' })).toEqual([
      { eureka_metadata_k: 'x' },
      { eureka_metadata_k: 'x', k: 'x' },
    ]));

  test('in the environment two underscores in such a key are a dot', () =>
    expect(added({}, { SERVICE_EUREKA_METADATA_A__B: 'x' })).toEqual([
      { eureka_metadata_a__b: 'x' },
      { 'eureka_metadata_a.b': 'x', 'a.b': 'x' },
    ]));

  test('placeholders are filled in', () =>
    expect(added({ SERVICE_URL: 'http://{ip}:{port}/{path}' })).toEqual([
      { url: 'http://{ip}:{port}/{path}' },
      { url: 'http://10.0.9.9:32080/{path}' },
    ]));

  test('a port with a role is part of another one’s Eureka instance, and counts no longer', () => {
    const given = {
      labels: { SERVICE_8081_EUREKA_ROLE: 'management' },
      ports: [published(80), published(8081)],
    };
    const { registrator, rollcall } = both(given);
    expect(registrator.map(({ name }) => name)).toEqual(['api-80', 'api-8081']);
    expect(rollcall).toMatchObject([{ name: 'api', attributes: { 'management.port': '40081' } }]);
  });

  test('awsvpc: the task’s own address and container port', () =>
    expect(instance({ rules: { profile: 'registrator' } })).toMatchObject({
      service: 'api',
      address: '10.0.1.163',
      port: 8080,
    }));
});

describe('-tags and -ip have no counterpart', () => {
  test('tags of the whole host must be said of the tasks', () => {
    const given = { labels: { SERVICE_TAGS: 'a' } };
    expect(byRegistrator(given, { tags: 'prod,x\\,y' })).toMatchObject([
      { tags: ['a', 'prod', 'x,y'] },
    ]);
    expect(byRollcall(given)).toMatchObject([{ tags: ['a'] }]);
  });

  test('a forced private address is what is derived anyway, the public one is asked for by ROLLCALL_ADDRESS', () => {
    expect(byRollcall({})).toEqual(byRegistrator({}, { ip: '10.0.9.9' }));
    expect(byRollcall({}, { address: 'public' })).toEqual(byRegistrator({}, { ip: '203.0.113.9' }));
  });
});

describe('what Consul cannot carry is mapped, where Registrator’s registration fails', () => {
  const fitted = (labels: Record<string, string>) =>
    deriveGiven({ labels }).instances.map((one) => fitInstance(one));

  test('a dot in a metadata key', () => {
    const [found] = fitted({ 'SERVICE_management.port': '1' });
    expect(found?.records[0]?.metadata).toMatchObject({ management_port: '1' });
    expect(found?.notes).toEqual(['metadata key "management.port" is written as management_port']);
  });

  test('a name that no path can hold', () =>
    expect(fitted({ SERVICE_NAME: 'a//b' })[0]?.records).toMatchObject([{ service: 'a--b' }]));
});
