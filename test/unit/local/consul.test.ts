import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ConsulServer, startConsul } from '../../../local/consul.ts';

let server: ConsulServer;
beforeEach(async () => {
  server = await startConsul();
});
afterEach(() => server.stop());

const ask = async (
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const reply = await fetch(server.url + path, {
    method,
    headers,
    redirect: 'manual',
    ...(body !== undefined && { body: text }),
  });
  const answer = await reply.text();
  return { status: reply.status, headers: reply.headers, text: answer };
};
const read = async (path: string) => JSON.parse((await ask('GET', path)).text);
const indexOf = async (path: string) =>
  Number((await ask('GET', path)).headers.get('x-consul-index'));

const node = { Node: 'n1', Address: '127.0.0.1', NodeMeta: { kind: 'test' } };
const service = (id: string, more: object = {}) => ({
  ID: id,
  Service: 'web',
  Address: '10.0.0.1',
  Port: 80,
  ...more,
});
const check = (id: string, Status: string) => ({
  CheckID: `c-${id}`,
  Name: 'health',
  Status,
  ServiceID: id,
});
const register = (id: string, Status = 'passing', more: object = {}) =>
  ask('PUT', '/v1/catalog/register', {
    ...node,
    Service: service(id, more),
    Check: check(id, Status),
  });
const txn = (...operations: readonly object[]) => ask('PUT', '/v1/txn', operations);
const set = (id: string, more: object = {}) => ({
  Service: { Verb: 'set', Node: 'n1', Service: service(id, more) },
});

// What a real 1.8.7 answered to the same requests.
describe('the simulated Consul answers as the real one', () => {
  test.each([
    ['POST', '/v1/catalog/register', {}, 405, 'method POST not allowed'],
    ['GET', '/v1/txn', undefined, 405, 'method GET not allowed'],
    [
      'PUT',
      '/v1/catalog/register',
      { node_name: 'x' },
      400,
      'Request decode failed: json: unknown field "node_name"',
    ],
    ['PUT', '/v1/catalog/register', {}, 500, 'Must provide node'],
    [
      'PUT',
      '/v1/catalog/register',
      { Node: 'x' },
      500,
      'Must provide address if SkipNodeUpdate is not set',
    ],
    [
      'PUT',
      '/v1/catalog/register',
      { ...node, Service: { Service: 'a', Address: '0.0.0.0' } },
      500,
      'Invalid service address',
    ],
    [
      'PUT',
      '/v1/catalog/register',
      { ...node, Check: check('nope', 'passing') },
      500,
      'failed inserting check: Missing service registration on node "n1"',
    ],
    ['PUT', '/v1/catalog/deregister', { Node: 'nobody' }, 200, 'true'],
    ['PUT', '/v1/txn', '', 400, 'Failed to parse body: EOF'],
    ['GET', '/v1/catalog/nodes?dc=other', undefined, 500, 'No path to datacenter'],
    ['GET', '/v1/catalog/nodes?index=x', undefined, 400, 'Invalid index'],
    ['GET', '/v1/catalog/nodes?index=1&wait=x', undefined, 400, 'Invalid wait time'],
    [
      'GET',
      '/v1/catalog/nodes?stale&consistent',
      undefined,
      400,
      'Cannot specify ?stale with ?consistent, conflicting semantics.',
    ],
    ['GET', '/v1/health/service/nope', undefined, 200, '[]'],
    ['GET', '/v1/catalog/node-services/nope', undefined, 200, '{"Node":null,"Services":null}'],
    [
      'GET',
      '/v1/health/service/a%2F..%2Fb',
      undefined,
      301,
      '<a href="/v1/health/service/b">Moved Permanently</a>.',
    ],
    ['GET', '/v1/status/leader', undefined, 200, '"127.0.0.1:8300"'],
    ['GET', '/v1/nope', undefined, 404, ''],
  ])('to %s %s %j: %d', async (method, path, body, status, text) => {
    expect(await ask(method, path, body)).toMatchObject({ status, text });
  });

  test.each([
    [{ ID: 'x', Service: '' }, 'Must provide service name with ID'],
    [{ ID: 'x', Service: 'w', Address: '::' }, 'Invalid service address'],
    [
      { ID: 'x', Service: 'w', Meta: { 'a.b': 'c' } },
      "Invalid Service Meta for node n1 and serviceID x: Couldn't load metadata pair ('a.b', 'c'): Key contains invalid characters",
    ],
    [
      { ID: 'x', Service: 'w', Meta: { 'consul-b': 'c' } },
      "Invalid Service Meta for node n1 and serviceID x: Couldn't load metadata pair ('consul-b', 'c'): Key prefix 'consul-' is reserved for internal use",
    ],
  ])('to a transaction with %j: 409', async (given, What) => {
    await register('a');
    const { status, text } = await txn({ Service: { Verb: 'set', Node: 'n1', Service: given } });
    expect(status).toBe(409);
    expect(JSON.parse(text)).toEqual({ Results: null, Errors: [{ OpIndex: 0, What }] });
  });

  test('to more than 64 operations: 413', async () => {
    const { status, text } = await txn(...Array.from({ length: 65 }, (_, at) => set(`s${at}`)));
    expect([status, text]).toEqual([413, 'Transaction contains too many operations (65 > 64)']);
  });

  test('to more than 512 KB: 413', async () => {
    const { status, text } = await txn(set('a', { Tags: ['x'.repeat(530_000)] }));
    expect([status, text]).toEqual([413, 'Request body too large, max size: 524288 bytes']);
  });
});

describe('a transaction', () => {
  test('is whole or nothing', async () => {
    await register('a');
    const { text } = await txn(set('b'), {
      Check: { Verb: 'set', Check: { Node: 'n1', ...check('none', 'passing') } },
    });
    expect(JSON.parse(text).Errors).toEqual([{ OpIndex: 1, What: 'Missing service registration' }]);
    expect(
      (await read('/v1/catalog/service/web')).map((row: { ServiceID: string }) => row.ServiceID),
    ).toEqual(['a']);
  });

  test('drops tagged addresses and gRPC checks without a word', async () => {
    await register('a', 'passing', {
      TaggedAddresses: { wan: { Address: '198.51.100.7', Port: 443 } },
    });
    const Definition = { GRPC: 'h:1', Interval: '10s' };
    await txn(set('a'), {
      Check: { Verb: 'set', Check: { Node: 'n1', ...check('a', 'passing'), Definition } },
    });
    const [{ Service, Checks }] = await read('/v1/health/service/web');
    expect(Service.TaggedAddresses).toBeUndefined();
    expect(Checks[0].Definition).toEqual({ Interval: '10s' });
  });

  test('turns a weight out of range into 1', async () => {
    await register('a', 'passing', { Weights: { Passing: 5, Warning: 1 } });
    expect((await read('/v1/health/service/web'))[0].Service.Weights).toEqual({
      Passing: 5,
      Warning: 1,
    });
    await txn(set('a', { Weights: { Passing: 0, Warning: 1 } }));
    expect((await read('/v1/health/service/web'))[0].Service.Weights).toEqual({
      Passing: 1,
      Warning: 1,
    });
  });

  test('with cas and index 0 creates only', async () => {
    await register('a');
    const { text } = await txn({
      Check: { Verb: 'cas', Check: { Node: 'n1', ...check('a', 'critical') } },
    });
    expect(JSON.parse(text).Errors).toEqual([
      { OpIndex: 0, What: 'failed to set check "c-a" on node "n1", index is stale' },
    ]);
  });

  test('deletes a service without regard to case, with its checks, and succeeds for what is absent', async () => {
    await register('a');
    const remove = (ID: string) => ({
      Service: { Verb: 'delete', Node: 'n1', Service: { ID, Service: 'any' } },
    });
    expect(await txn(remove('A'), remove('none'))).toMatchObject({
      status: 200,
      text: '{"Results":[],"Errors":null}',
    });
    expect(await read('/v1/health/node/n1')).toEqual([]);
  });
});

describe('the index', () => {
  test('of a service moves with it alone, and not for an identical write', async () => {
    await register('a');
    const before = await indexOf('/v1/health/service/web');
    await register('a');
    await ask('PUT', '/v1/catalog/register', { ...node, Service: { Service: 'other' } });
    expect(await indexOf('/v1/health/service/web')).toBe(before);
    await register('a', 'critical');
    expect(await indexOf('/v1/health/service/web')).toBeGreaterThan(before);
  });

  test('of every service on a node moves when the node changes', async () => {
    await register('a');
    const before = await indexOf('/v1/health/service/web');
    await ask('PUT', '/v1/catalog/register', { ...node, Address: '127.0.0.2' });
    expect(await indexOf('/v1/health/service/web')).toBeGreaterThan(before);
  });

  test('holds a blocking query until it moves', async () => {
    await register('a');
    const held = read(
      `/v1/health/service/web?index=${await indexOf('/v1/health/service/web')}&wait=60s`,
    );
    await expect.poll(() => server.inFlight()).toBe(1);
    await register('b');
    expect(await held).toHaveLength(2);
  });

  test('is the same after a blocking query ran out of time', async () => {
    await register('a');
    const index = await indexOf('/v1/health/service/web');
    const { headers, status } = await ask('GET', `/v1/health/service/web?index=${index}&wait=10ms`);
    expect([status, headers.get('x-consul-index')]).toEqual([200, String(index)]);
  });
});

describe('a read', () => {
  const idsOf = async (query: string) =>
    (await read(`/v1/health/service/web${query}`)).map(
      (entry: { Service: { ID: string } }) => entry.Service.ID,
    );

  beforeEach(async () => {
    await register('a', 'passing', { Tags: ['blue'], Meta: { team: 'stock' } });
    await register('b', 'critical', { Port: 81 });
  });

  test.each([
    ['', ['a', 'b']],
    ['?passing', ['a']],
    ['?passing=false', ['a', 'b']],
    ['?tag=blue', ['a']],
    ['?node-meta=kind:test', ['a', 'b']],
    ['?node-meta=kind:other', []],
    [`?filter=${encodeURIComponent('Service.Meta.team == "stock"')}`, ['a']],
    [`?filter=${encodeURIComponent('Service.Meta["team"] != "stock"')}`, ['b']],
    [`?filter=${encodeURIComponent('"blue" in Service.Tags or Service.Port == 81')}`, ['a', 'b']],
    [`?filter=${encodeURIComponent('"blue" not in Service.Tags')}`, ['b']],
    [
      `?filter=${encodeURIComponent('not (Checks.Status == critical) and Service.ID is not empty')}`,
      ['a'],
    ],
    [`?filter=${encodeURIComponent('Service.Tags is empty')}`, ['b']],
    [`?filter=${encodeURIComponent('Service.Address contains "10.0"')}`, ['a', 'b']],
  ])('of a service with %s gives %j', async (query, ids) => {
    expect(await idsOf(query)).toEqual(ids);
  });

  test.each(['Foo ==', '(ID == "a"', 'ID', 'ID == "a" and', 'ID == "a" b'])(
    'with the filter %j is 500',
    async (filter) => {
      const { status, text } = await ask(
        'GET',
        `/v1/catalog/node-services/n1?filter=${encodeURIComponent(filter)}`,
      );
      expect([status, text]).toEqual([
        500,
        expect.stringContaining('Failed to create boolean expression evaluator'),
      ]);
    },
  );

  test('lists services with their tags, Consul’s own included', async () => {
    expect(await read('/v1/catalog/services')).toEqual({ consul: [], web: ['blue'] });
  });

  test('is indented on request, for people', async () => {
    expect((await ask('GET', '/v1/catalog/datacenters?pretty')).text).toBe('[\n    "dc1"\n]\n');
  });
});

test('a token may come in each of the three ways that Consul takes', async () => {
  await server.stop();
  server = await startConsul({ acl: { tokens: { t: { node: { '': 'read' } } } } });
  const count = async (path: string, headers = {}) =>
    JSON.parse((await ask('GET', path, undefined, headers)).text).length;
  expect(await count('/v1/catalog/nodes')).toBe(0);
  expect(await count('/v1/catalog/nodes?token=t')).toBe(1);
  expect(await count('/v1/catalog/nodes', { 'x-consul-token': 't' })).toBe(1);
  expect(await count('/v1/catalog/nodes', { authorization: 'Bearer t' })).toBe(1);
  expect(await ask('GET', '/v1/catalog/nodes?token=x')).toMatchObject({
    status: 403,
    text: 'ACL not found',
  });
});

test('a port that is taken is an error', async () => {
  await expect(startConsul({ port: server.port })).rejects.toThrow('EADDRINUSE');
});
