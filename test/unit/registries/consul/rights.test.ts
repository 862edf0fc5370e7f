import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { type ConsulServer, startConsul } from '../../../../local/consul.ts';
import { plainSecret, secretByReference } from '../../../../shared/config/secret.ts';
import { createDirectory as createConsulDirectory } from '../../../../shared/registries/consul/directory.ts';
import { createRegistry as createConsul } from '../../../../shared/registries/consul/index.ts';
import { toNodeName } from '../../../../shared/registries/consul/names.ts';
import { instanceFor } from '../../../contract/instance.ts';
import { quiet, removals, upserts } from '../../../contract/stage.ts';
import { reasonOf } from '../../../support/outcomes.ts';
import { useVirtualTime } from '../../../support/use-virtual-time.ts';

useVirtualTime();

const owner = 'rollcall-dev:123456789012:eu-west-1';
const cluster = 'arn:aws:ecs:eu-west-1:123456789012:cluster/prod';

const TOKENS = {
  all: { node: { 'rollcall-': 'write' }, service: { '': 'write' } },
  web: { node: { 'rollcall-': 'write' }, service: { web: 'write' } },
  'no-service': { node: { 'rollcall-': 'write' } },
  'no-node': { service: { '': 'write' } },
  'read-node': { node: { 'rollcall-': 'read' }, service: { '': 'write' } },
} as const;

let server: ConsulServer;
afterEach(() => server?.stop());

const start = async () => {
  server = await startConsul({ acl: { tokens: TOKENS } });
};
const registry = (token: string) =>
  createConsul({ addresses: [server.url], token: plainSecret(token) }, { owner });
const changes = (...services: readonly string[]) =>
  upserts(
    services.flatMap(
      (service) => registry('all').fit(instanceFor({ owner, cluster }, { service })).records,
    ),
  );

describe('a token', () => {
  test('with rights to some services registers those, and the refusal of others says what is lacking', async () => {
    await start();
    const [web, db] = await registry('web').apply(changes('web', 'db'), quiet());
    expect(web?.status).toBe('done');
    expect(db?.status).toBe('refused');
    expect(reasonOf(db)).toMatch(
      /Permission denied; the token lacks service "db" \{ policy = "write" \}/,
    );
  });

  test('that may not write the node is refused with the right it lacks', async () => {
    await start();
    for (const outcome of await registry('no-node').apply(changes('web', 'db'), quiet())) {
      expect(outcome.status).toBe('refused');
      expect(reasonOf(outcome)).toMatch(
        /creating node rollcall-prod-\w+: 403 Permission denied; .*node_prefix "rollcall-"/,
      );
    }
  });

  test('that may only read the node does once it exists', async () => {
    await start();
    await registry('all').apply(changes('web'), quiet());
    expect(await registry('read-node').apply(changes('web'), quiet())).toMatchObject([
      { status: 'done' },
    ]);
    expect((await registry('read-node').list(quiet())).records).toHaveLength(2);
  });

  test('that may only read the node cannot put it right, which names the right that it lacks', async () => {
    await start();
    await registry('all').apply(changes('web'), quiet());
    const body = JSON.stringify({
      Node: toNodeName(owner, { cluster, kind: 'plain' }),
      Address: '127.0.0.1',
    });
    const headers = { 'x-consul-token': 'all' };
    await fetch(`${server.url}/v1/catalog/register`, { method: 'PUT', headers, body });
    expect((await registry('read-node').list(quiet())).records).toHaveLength(1);
    expect(await registry('read-node').repair?.(cluster, quiet())).toMatchObject({
      status: 'refused',
      reason: expect.stringMatching(/writing node rollcall-prod-\w+: 403 .*policy = "write"/),
    });
  });

  test('that may not see our node makes the list unknown, never empty', async () => {
    await start();
    await registry('all').apply(changes('web'), quiet());
    const listing = await registry('no-node').list(quiet());
    expect(listing).toEqual({
      records: [],
      unknown: expect.stringContaining('the token lacks node_prefix "rollcall-"'),
    });
  });

  test('that may see our node and no service on it makes the list unknown, and a node without any does not', async () => {
    await start();
    await registry('all').apply(changes('web'), quiet());
    const { records, unknown } = await registry('no-service').list(quiet());
    expect([records, unknown]).toEqual([[], expect.stringContaining('are not visible')]);
    const held = await registry('all').list(quiet());
    await registry('all').apply(removals(held.records), quiet());
    expect(await registry('no-service').list(quiet())).toEqual({ records: [] });
  });

  test('that Consul does not know fails reads and writes alike', async () => {
    await start();
    await expect(registry('nobody').list(quiet())).rejects.toThrow(
      'consul: reading /v1/catalog/nodes: 403 ACL not found',
    );
    expect(await registry('nobody').apply(changes('web'), quiet())).toMatchObject([
      { status: 'refused' },
    ]);
  });

  test('that was rotated is read again, and the write lands', async () => {
    await start();
    const kept = ['expired', 'all'];
    const token = await secretByReference('ssm:/consul/token', async () => kept.shift() ?? 'all');
    const consul = createConsul({ addresses: [server.url], token }, { owner });
    expect(await consul.apply(changes('web'), quiet())).toMatchObject([{ status: 'done' }]);
  });

  test('is read again with the certificates and their key, which are rotated too', async () => {
    const asked: string[] = [];
    const secret = (name: string) =>
      secretByReference(`ssm:${name}`, async () => {
        asked.push(name);
        return name;
      });
    await start();
    const given = {
      token: await secret('token'),
      ca: await secret('ca'),
      clientCert: await secret('cert'),
      clientKey: await secret('key'),
    };
    asked.splice(0);
    const consul = createConsul({ addresses: [server.url], ...given }, { owner });
    await expect(consul.list(quiet())).rejects.toThrow('403 ACL not found');
    expect(asked.toSorted()).toEqual(['ca', 'cert', 'key', 'token']);
  });

  test('stands in no message', async () => {
    await start();
    const [outcome] = await registry('secret-token').apply(changes('web'), quiet());
    expect(JSON.stringify(outcome)).not.toContain('secret-token');
  });
});

describe('a list', () => {
  /** Newer servers say that they left something out; the simulated one is as old as 1.8. */
  const filter = (path: RegExp, body: string) =>
    server.faults.inject({
      times: 1,
      status: 200,
      body,
      headers: { 'x-consul-results-filtered-by-acls': 'true' },
      match: (_, url) => path.test(url),
    });

  test.each([
    [/node-services/, '{"Node":{"Node":"x"},"Services":[]}'],
    [/health\/state/, '[]'],
  ])('from which Consul left out something at %s is unknown', async (path, body) => {
    await start();
    await registry('all').apply(changes('web'), quiet());
    filter(path, body);
    expect((await registry('all').list(quiet())).unknown).toContain('may not read');
  });

  test('of a node whose services are null is unknown', async () => {
    await start();
    await registry('all').apply(changes('web'), quiet());
    server.faults.inject({
      times: 1,
      status: 200,
      body: '{"Node":null,"Services":null}',
      match: (_, url) => url.includes('node-services'),
    });
    expect((await registry('all').list(quiet())).unknown).toMatch(
      /services of node .* not visible/,
    );
  });

  test('before anything was registered is unknown, so that nothing is removed and all is added', async () => {
    server = await startConsul();
    expect(await registry('').list(quiet())).toMatchObject({
      records: [],
      unknown: expect.any(String),
    });
  });

  test('holds the records of every cluster of the owner, and none of a node that only looks like ours', async () => {
    server = await startConsul();
    const gone = cluster.replace('prod', 'gone');
    const both = [cluster, gone].flatMap(
      (arn) => registry('').fit(instanceFor({ owner, cluster: arn })).records,
    );
    await registry('').apply(upserts(both), quiet());
    const NodeMeta = { 'rollcall-owner': owner, 'rollcall-cluster': cluster };
    const Service = { ID: 'x', Service: 'web', Address: '10.0.0.9' };
    const body = JSON.stringify({ Node: 'forged', Address: '127.0.0.1', NodeMeta, Service });
    await fetch(`${server.url}/v1/catalog/register`, { method: 'PUT', body });
    const { records, unknown } = await registry('').list(quiet());
    expect(unknown).toBeUndefined();
    expect(new Set(records)).toEqual(new Set(both));
  });

  test('after the last record went is empty, and no longer unknown', async () => {
    server = await startConsul();
    const made = changes('web');
    await registry('').apply(made, quiet());
    await registry('').apply(
      removals(made.flatMap((change) => (change.kind === 'upsert' ? [change.record] : []))),
      quiet(),
    );
    expect(await registry('').list(quiet())).toEqual({ records: [] });
  });
});

test('a get from which Consul left out something rejects', async () => {
  await start();
  const [change] = changes('web');
  if (change?.kind !== 'upsert') throw new Error('no change');
  await registry('all').apply([change], quiet());
  const headers = { 'x-consul-results-filtered-by-acls': 'true' };
  server.faults.inject({
    times: 9,
    status: 200,
    body: '{"Node":{},"Services":[]}',
    headers,
    match: (_, url) => url.includes('node-services'),
  });
  await expect(registry('all').get([change.record], quiet())).rejects.toThrow('may not read');
});

test('a directory that may not read a service rejects where the server says so', async () => {
  await start();
  const headers = { 'x-consul-results-filtered-by-acls': 'true' };
  server.faults.inject({ times: 9, status: 200, body: '[]', headers });
  const directory = createConsulDirectory({ addresses: [server.url], token: plainSecret('all') });
  await expect(directory.instances('web', quiet())).rejects.toThrow('may not read all of web');
});

test.each([
  ['nobody’s', ''],
  ['one for our nodes only', 'no-service'],
  ['one for services only', 'no-node'],
])(
  'a directory asked with a token without rights rejects, however quietly Consul hides: %s',
  async (_, token) => {
    await start();
    await registry('all').apply(changes('web'), quiet());
    const directory = createConsulDirectory({ addresses: [server.url], token: plainSecret(token) });
    await expect(directory.everything(quiet())).rejects.toThrow('may not read the catalog');
    await expect(directory.instances('web', quiet())).rejects.toThrow('may not read the catalog');
  },
);

test('a directory of a namespace, which lacks Consul’s own service, may be empty', async () => {
  const fake = createServer((request, response) =>
    response.end(request.url?.includes('catalog') ? '{}' : '[]'),
  );
  await new Promise<void>((resolve) => fake.listen(0, '127.0.0.1', resolve));
  const addresses = [`http://127.0.0.1:${(fake.address() as AddressInfo).port}`];
  const directory = createConsulDirectory({ addresses, namespace: 'team' });
  expect(await directory.everything(quiet())).toEqual([]);
  expect(await directory.instances('web', quiet())).toBeUndefined();
  fake.close();
});

test('namespace, partition and datacenter go with each read, and with each operation of a transaction', async () => {
  const seen: { url: string; body: string }[] = [];
  const fake = createServer(async (request, response) => {
    const body = await text(request);
    seen.push({ url: request.url ?? '', body });
    response.end(request.method === 'PUT' ? '{"Results":[],"Errors":null}' : '[]');
  });
  await new Promise<void>((resolve) => fake.listen(0, '127.0.0.1', resolve));
  const addresses = [`http://127.0.0.1:${(fake.address() as AddressInfo).port}`];
  const config = { addresses, namespace: 'team a', partition: 'p1', datacenter: 'dc2' };
  const consul = createConsul(config, { owner });
  await consul.list(quiet());
  await consul.apply(upserts(consul.fit(instanceFor({ owner, cluster })).records), quiet());
  fake.closeAllConnections();
  await new Promise((resolve) => fake.close(resolve));

  for (const { url } of seen) expect(url).toContain('dc=dc2&ns=team%20a&partition=p1');
  const [service, check] = JSON.parse(seen.at(-1)?.body ?? '[]');
  expect(service.Service.Service).toMatchObject({ Namespace: 'team a', Partition: 'p1' });
  expect(check.Check.Check).toMatchObject({ Namespace: 'team a', Partition: 'p1' });
});
