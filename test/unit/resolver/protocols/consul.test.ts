import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { consulRoutes } from '../../../../shared/resolver/protocols/consul/routes.ts';
import { ask, directoryOf, fakeClock, over, resolverOver, target } from '../support.ts';

const CONTENT = {
  dns: [target({ id: 'd', service: 'dns', port: 53, protocol: 'udp', zone: null })],
  empty: [],
  web: [
    target({ id: 'a', tags: ['v1', 'Blue'], metadata: { version: '1', REGION: 'eu' }, weight: 5 }),
    target({ id: 'b', address: '10.0.0.2', healthy: false, tags: ['v1'] }),
  ],
};

const get = async (path: string) => {
  const response = await ask(over(CONTENT), `GET /v1${path}`);
  return { ...response, data: JSON.parse(response.body) };
};
const idsAt = async (query: string) => {
  const { data } = await get(`/health/service/web${query}`);
  return data.map(({ Service }: { Service: { ID: string } }) => Service.ID).join();
};

const NODE = {
  ID: '',
  Node: 'ip-10-0-0-1',
  Address: '10.0.0.1',
  Datacenter: 'dc1',
  TaggedAddresses: { lan: '10.0.0.1', wan: '10.0.0.1' },
  Meta: { REGION: 'eu' },
  CreateIndex: 1,
  ModifyIndex: 1,
};
const SERVICE = {
  ID: 'a',
  Service: 'web',
  Tags: ['v1', 'Blue'],
  Address: '10.0.0.1',
  Port: 8080,
  Meta: { version: '1', REGION: 'eu' },
  Weights: { Passing: 5, Warning: 1 },
  EnableTagOverride: false,
  CreateIndex: 1,
  ModifyIndex: 1,
};

describe('docs/clients/consul.md', () => {
  it('lists the paths that there are, and no others', async () => {
    const page = await readFile(
      resolve(import.meta.dirname, '../../../../docs/clients/consul.md'),
      'utf8',
    );
    const listed = [...page.matchAll(/^- (`\/v1\/.*)$/gm)].flatMap(([, line = '']) =>
      line.match(/\/v1[^`]+/g),
    );
    expect(listed.toSorted()).toEqual(consulRoutes.map(({ path }) => path).toSorted());
  });
});

describe('Consul’s read API', () => {
  it('lists services with the tags of all their instances', async () => {
    const { status, headers, data } = await get('/catalog/services');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-consul-index': expect.stringMatching(/^[1-9]\d*$/),
      'x-consul-knownleader': 'true',
      'x-consul-lastcontact': '0',
    });
    expect(data).toEqual({ dns: ['udp'], web: ['Blue', 'v1'] });
  });

  it('lists the services of the instances that a filter leaves', async () => {
    const list = async (filter: string) =>
      (await get(`/catalog/services?filter=${encodeURIComponent(filter)}`)).data;
    expect(await list('NodeMeta.REGION == eu')).toEqual({ web: ['Blue', 'v1'] });
    expect(await list('ServiceName != web')).toEqual({ dns: ['udp'] });
    expect(await list('Service.Tags contains v1')).toMatchObject({ status: 400 });
  });

  it('shows instances with node, service and check', async () => {
    expect((await get('/health/service/web?tag=blue')).data).toEqual([
      {
        Node: NODE,
        Service: SERVICE,
        Checks: [
          expect.objectContaining({
            Node: 'ip-10-0-0-1',
            CheckID: 'rollcall:a',
            Status: 'passing',
            ServiceID: 'a',
            ServiceName: 'web',
          }),
        ],
      },
    ]);
  });

  it('shows the same flat', async () => {
    expect((await get('/catalog/service/web?tag=blue')).data).toEqual([
      expect.objectContaining({
        Node: 'ip-10-0-0-1',
        Address: '10.0.0.1',
        NodeMeta: { REGION: 'eu' },
        ServiceID: 'a',
        ServiceName: 'web',
        ServiceTags: ['v1', 'Blue'],
        ServiceAddress: '10.0.0.1',
        ServicePort: 8080,
        ServiceMeta: { version: '1', REGION: 'eu' },
        ServiceWeights: { Passing: 5, Warning: 1 },
      }),
    ]);
  });

  it.each([
    ['any', 'd,a,b'],
    ['passing', 'd,a'],
    ['critical', 'b'],
    ['warning', ''],
    ['any?node-meta=REGION:eu', 'a'],
    ['any?filter=ServiceName==dns', 'd'],
  ])('lists the checks that are %s', async (state, ids) => {
    const { data } = await get(`/health/state/${state}`);
    expect(data.map(({ ServiceID }: { ServiceID: string }) => ServiceID).join()).toBe(ids);
  });

  it.each([
    ['checks/web', 'a,b'],
    ['checks/web?tag=v2&passing', 'a,b'],
    ['checks/web?node-meta=REGION:eu', 'a'],
    ['checks/web?filter=Status==critical', 'b'],
    ['checks/none', ''],
    ['node/ip-10-0-0-1', 'd,a'],
    ['node/ip-10-0-0-1?filter=ServiceName==web', 'a'],
    ['node/none', ''],
  ])('lists the checks of a service, or of a node: %s', async (path, ids) => {
    const { headers, data } = await get(`/health/${path}`);
    expect(data.map(({ ServiceID }: { ServiceID: string }) => ServiceID).join()).toBe(ids);
    expect(Number(headers['x-consul-index'])).toBeGreaterThan(0);
  });

  it('has a node for each address', async () => {
    expect((await get('/catalog/nodes')).data).toEqual([
      // Of the three on two addresses.
      expect.objectContaining({ Node: 'ip-10-0-0-1' }),
      expect.objectContaining({ Node: 'ip-10-0-0-2', Address: '10.0.0.2' }),
    ]);
    const { data } = await get('/catalog/node/ip-10-0-0-1');
    expect(data.Services).toEqual({ a: SERVICE, d: expect.objectContaining({ Tags: ['udp'] }) });
    expect((await get('/catalog/node/none')).data).toBeNull();
  });

  it('lists the services of a node', async () => {
    const at = (node: string) => get(`/catalog/node-services/${node}`);
    const { data } = await at('ip-10-0-0-1?filter=Service==web');
    expect(data).toEqual({ Node: { ...NODE, Meta: {} }, Services: [SERVICE] });
    expect((await at('none')).data).toEqual({ Node: null, Services: null });
  });

  it.each(['/health/connect/web', '/session/list', '/catalog/service/web/'])(
    'has nothing at %s, and says what there is',
    async (path) => {
      const { status, data } = await get(path);
      expect(status).toBe(404);
      expect(data.detail).toMatch(
        /^No such path\. Under \/v1 there are: .*\/v1\/health\/checks\/\{name\},/,
      );
    },
  );

  it.each([
    ['', 'a,b'],
    ['?passing', 'a'],
    ['?passing=1', 'a'],
    ['?passing=true', 'a'],
    ['?passing=false&token=', 'a,b'],
    ['?passing=0', 'a,b'],
    ['?tag=v1', 'a,b'],
    ['?tag=v1&tag=blue', 'a'],
    ['?tag=v2', ''],
    ['?tag=&near=_agent&dc=dc9&stale=&index=0&wait=120000ms', 'a,b'],
    ['?node-meta=REGION:eu', 'a'],
    ['?filter=Checks.Status+==+critical', 'b'],
  ])('with %s finds %j', async (query, ids) => {
    expect(await idsAt(query)).toBe(ids);
  });

  it('has an empty list for a service that is not there, and an index', async () => {
    for (const path of ['/health/service/none', '/catalog/service/none', '/health/service/empty']) {
      const { status, headers, body } = await get(path);
      expect([status, body]).toEqual([200, '[]']);
      expect(Number(headers['x-consul-index'])).toBeGreaterThan(0);
    }
  });

  it.each([
    ['passing=maybe', 'passing: expected true or false, got "maybe"'],
    ['index=x', 'index: expected a whole number, got "x"'],
    ['index=-1', 'index: expected a whole number, got "-1"'],
    ['wait=soon', 'wait: expected a duration such as 30s, got "soon"'],
    ['filter=Service.Nothing==1', 'filter: Selector "Service.Nothing" is not valid'],
  ])('refuses %s', async (query, detail) => {
    expect((await get(`/health/service/web?${query}`)).data).toMatchObject({ status: 400, detail });
  });

  it('tells how old its answer is while the registry cannot be read', async () => {
    const { state, directory } = directoryOf(CONTENT);
    const clock = fakeClock();
    const resolver = resolverOver(directory, { now: clock.now });
    await ask(resolver, 'GET /v1/health/service/web');
    state.failure = new Error('down');
    clock.advance(90);
    expect(await ask(resolver, 'GET /v1/health/service/web')).toMatchObject({
      status: 200,
      headers: {
        age: '90',
        'x-rollcall-stale': 'true',
        'x-consul-knownleader': 'false',
        'x-consul-lastcontact': '90000',
      },
    });
  });

  it('is 503, never empty, while the registry cannot be read', async () => {
    const { state, directory } = directoryOf(CONTENT);
    state.failure = new Error('down');
    for (const path of [
      'catalog/services',
      'catalog/service/web',
      'catalog/nodes',
      'catalog/node/ip-10-0-0-1',
      'health/service/web',
      'health/service/none',
      'health/state/any',
      'health/checks/web',
      'health/node/none',
      'catalog/node-services/none',
    ])
      expect((await ask(resolverOver(directory), `GET /v1/${path}`)).status).toBe(503);
  });

  it.each([
    ['/status/leader', '127.0.0.1:8300'],
    ['/status/peers', ['127.0.0.1:8300']],
    ['/catalog/datacenters', ['dc1']],
    ['/agent/self', { Config: { Datacenter: 'dc1', NodeName: 'rollcall' } }],
  ])('says at %s what clients probe for', async (path, data) => {
    expect(await get(path)).toMatchObject({ status: 200, data });
  });

  it('names in /v1/agent/self all that clients in Java refuse to do without', async () => {
    const { data } = await get('/agent/self');
    expect(data.Config).toEqual({
      Datacenter: 'dc1',
      NodeName: 'rollcall',
      Revision: expect.any(String),
      Server: true,
      Version: '1.8.7',
    });
    expect(data.Member).toMatchObject({ Name: 'rollcall', Addr: '127.0.0.1', Tags: { dc: 'dc1' } });
    const protocols = ['Min', 'Max', 'Cur'].flatMap((end) => [`Protocol${end}`, `Delegate${end}`]);
    for (const name of ['Port', 'Status', ...protocols])
      expect([name, data.Member[name]]).toEqual([name, expect.any(Number)]);
  });
});

describe('the key-value store', () => {
  const store = (config = {}) => {
    const clock = fakeClock();
    const resolver = resolverOver(directoryOf({}).directory, {
      config: { wait: 20, ...config },
      now: clock.now,
      random: () => 0,
      sleep: async (milliseconds) => clock.advance(milliseconds / 1000),
    });
    return async (path: string) => {
      const began = clock.now();
      const { status, headers, body } = await ask(resolver, `GET /v1/kv/${path}`);
      return { status, body, headers, seconds: (clock.now() - began) / 1000 };
    };
  };

  it.each(['a', 'a/b?raw', '?recurse', 'a?keys&separator=/', 'a?index=0', 'a?wait=10s'])(
    'holds nothing at %s, and says so as Consul does',
    async (path) => {
      const { headers, ...rest } = await store()(path);
      expect(rest).toEqual({ status: 404, body: '', seconds: 0 });
      expect(headers).toMatchObject({
        'x-consul-index': '1',
        'x-consul-knownleader': 'true',
        'x-consul-lastcontact': '0',
      });
      expect(headers).not.toHaveProperty('content-type');
    },
  );

  it.each([
    ['a?index=1', 20],
    ['a?index=1&wait=3s', 3],
    ['?recurse&index=77&wait=10m', 20],
  ])('holds who waits for a change of %s', async (path, seconds) => {
    expect(await store()(path)).toMatchObject({
      status: 404,
      seconds,
      headers: { 'x-consul-index': '1' },
    });
  });

  it('asks for a pause where none may be held', async () => {
    expect(await store({ wait: 0 })('a?index=1')).toMatchObject({
      seconds: 0,
      headers: { 'retry-after': '1' },
    });
  });
});
