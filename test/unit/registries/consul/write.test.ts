import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ConsulServer, startConsul } from '../../../../local/consul.ts';
import { plainSecret } from '../../../../shared/config/secret.ts';
import type { Change } from '../../../../shared/model/plan.ts';
import type { Check, Instance, Registration } from '../../../../shared/model/registration.ts';
import { createRegistry as createConsul } from '../../../../shared/registries/consul/index.ts';
import { toNodeName } from '../../../../shared/registries/consul/names.ts';
import { instanceFor } from '../../../contract/instance.ts';
import { quiet, removals, upserts } from '../../../contract/stage.ts';
import { reasonOf } from '../../../support/outcomes.ts';
import { useVirtualTime } from '../../../support/use-virtual-time.ts';

useVirtualTime();

const owner = 'rollcall-dev:123456789012:eu-west-1';
const cluster = 'arn:aws:ecs:eu-west-1:123456789012:cluster/prod';
const node = toNodeName(owner, { cluster, kind: 'plain' });

let server: ConsulServer;
let requests: string[];
beforeEach(async () => {
  server = await startConsul();
  watchRequests();
});
afterEach(() => server.stop());

/** A fault that never strikes, and notes what passes. */
const watchRequests = () => {
  requests = [];
  const match = (method: string, url: string) =>
    requests.push(`${method} ${url.split('?')[0]}`) < 0;
  server.faults.inject({ times: 1, match });
};

const registry = (token?: string) =>
  createConsul({ addresses: [server.url], ...(token && { token: plainSecret(token) }) }, { owner });

const record = (over: Partial<Instance> = {}): Registration => {
  const [first] = registry().fit(instanceFor({ owner, cluster }, over)).records;
  if (!first) throw new Error('no record');
  return first;
};
const records = (count: number) => Array.from({ length: count }, () => record());

const apply = (changes: readonly Change[]) => registry().apply(changes, quiet());
const upsert = (...all: readonly Registration[]) => apply(upserts(all));
const held = async (id: string) =>
  (await registry().get([{ service: '', id, cluster }], quiet()))[0];

/** As curl would. */
const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
  const reply = await fetch(server.url + path, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return (await reply.json()) as T;
};

describe('a removal', () => {
  test('is one call where the records stand on the plain node', async () => {
    const all = records(2);
    await upsert(...all);
    requests.length = 0;
    expect(await apply(removals(all))).toMatchObject([{ status: 'done' }, { status: 'done' }]);
    expect(requests).toEqual(['PUT /v1/txn']);
  });

  test('of what is absent is a second call, which looks at the other node', async () => {
    const all = records(2);
    await upsert(record());
    requests.length = 0;
    expect(await apply(removals(all))).toMatchObject([
      { status: 'unchanged' },
      { status: 'unchanged' },
    ]);
    expect(requests).toEqual(['PUT /v1/txn', 'PUT /v1/txn']);
  });

  test('of what is absent holds up none beside it', async () => {
    const [first = record(), absent = record(), last = record()] = records(3);
    await upsert(first, last);
    const outcomes = await apply(removals([first, absent, last]));
    expect(outcomes.map(({ status }) => status)).toEqual(['done', 'unchanged', 'done']);
    expect(await held(first.id)).toBeUndefined();
  });
});

describe('an upsert', () => {
  test('is one call once the node exists, and none of them reads', async () => {
    await upsert(record());
    requests.length = 0;
    expect(await upsert(record(), record())).toMatchObject([
      { status: 'done' },
      { status: 'done' },
    ]);
    expect(requests).toEqual(['PUT /v1/txn']);
  });

  test('makes the node where it is missing, and looks whether it is visible', async () => {
    await upsert(record(), record());
    const calls = [
      'PUT /v1/txn',
      'PUT /v1/catalog/register',
      `GET /v1/catalog/node-services/${node}`,
      'PUT /v1/txn',
    ];
    expect(requests).toEqual(calls);
    const { Node } = await call<{ Node: unknown }>('GET', `/v1/catalog/node-services/${node}`);
    const { Meta, ...rest } = Node as { Meta: object };
    expect(rest).toMatchObject({ Address: '127.0.0.1' });
    expect(Meta).toEqual({ 'rollcall-owner': owner, 'rollcall-cluster': cluster });
  });

  test('makes the node again after somebody took it out', async () => {
    const first = record();
    await upsert(first);
    await call('PUT', '/v1/catalog/deregister', { Node: node });
    expect(await upsert(first)).toMatchObject([{ status: 'done' }]);
    expect(await held(first.id)).toEqual(first);
  });

  test('of a record that is there already wakes no watcher', async () => {
    const all = records(3);
    await upsert(...all);
    const index = server.index();
    expect(await upsert(...all)).toMatchObject(all.map(() => ({ status: 'done' })));
    expect(server.index()).toBe(index);
  });

  test('goes in transactions of at most 64 operations', async () => {
    await upsert(record());
    requests.length = 0;
    const outcomes = await upsert(...records(65));
    expect(outcomes.every(({ status }) => status === 'done')).toBe(true);
    // Two operations each.
    expect(requests).toEqual(Array.from({ length: 3 }, () => 'PUT /v1/txn'));
  });

  test('goes in transactions below 512 KB', async () => {
    const tags = Array.from({ length: 60 }, (_, at) => `${at}-${'t'.repeat(1_000)}`);
    const big = Array.from({ length: 20 }, () => record({ tags }));
    expect((await upsert(...big)).filter(({ status }) => status !== 'done')).toEqual([]);
    expect(requests.filter((request) => request === 'PUT /v1/txn').length).toBeGreaterThan(3);
  });

  test('that Consul refuses is taken out, and the others land', async () => {
    const bad = record({ address: '0.0.0.0' });
    const meta = { ...record(), metadata: { 'a.b': 'c' } };
    const good = records(2);
    const outcomes = await upsert(...good.slice(0, 1), bad, meta, ...good.slice(1));
    expect(outcomes.map(({ status }) => status)).toEqual(['done', 'refused', 'refused', 'done']);
    expect(reasonOf(outcomes[1])).toBe(
      `consul: registering web/${bad.id}: Invalid service address`,
    );
    expect(reasonOf(outcomes[2])).toContain('Key contains invalid characters');
    for (const { id } of good) expect(await held(id)).toBeDefined();
  });

  test('that Consul cannot even decode is found among the others', async () => {
    const all = records(7);
    const spoilt = all.map((one, at) => (at === 4 ? { ...one, port: 80.5 } : one));
    const outcomes = await upsert(...spoilt);
    expect(outcomes.map(({ status }) => status)).toEqual(
      all.map((_, at) => (at === 4 ? 'refused' : 'done')),
    );
    expect(reasonOf(outcomes[4])).toContain('400 Failed to parse body');
  });

  test('with an empty id is refused before anything is sent', async () => {
    expect(await apply(removals([{ service: 'web', id: '', cluster }]))).toMatchObject([
      { status: 'refused' },
    ]);
    expect(requests).toEqual([]);
  });

  test('of one record several times in a batch ends as the last one says', async () => {
    const first = record();
    const moved = { ...first, port: 9999 };
    await apply([...upserts([first]), ...removals([first]), ...upserts([moved])]);
    expect(await held(first.id)).toEqual(moved);
  });

  test('under a new name renames the record', async () => {
    const first = record({ service: 'old' });
    const renamed = { ...first, service: 'new' };
    await upsert(first);
    await upsert(renamed);
    expect((await registry().list(quiet())).records).toEqual([renamed]);
  });
});

describe('a record with a probe', () => {
  const check: Check = { kind: 'http', target: 'http://10.0.1.17:8080/health', interval: '10s' };
  const probed = (over: Partial<Check> = {}) => record({ check: { ...check, ...over } });
  const esm = toNodeName(owner, { cluster, kind: 'esm' });

  test('makes the node that is for consul-esm, and looks whether it is visible', async () => {
    await upsert(record());
    requests.length = 0;
    await upsert(probed(), record());
    expect(requests).toEqual([
      'PUT /v1/txn',
      'PUT /v1/catalog/register',
      `GET /v1/catalog/node-services/${esm}`,
      'PUT /v1/txn',
    ]);
    const { Node } = await call<{ Node: object }>('GET', `/v1/catalog/node-services/${esm}`);
    expect(Node).toMatchObject({
      Address: '127.0.0.1',
      Meta: {
        'external-node': 'true',
        'external-probe': 'false',
        'rollcall-owner': owner,
        'rollcall-cluster': cluster,
      },
    });
  });

  test('is one call once the node exists, and none of them reads', async () => {
    await upsert(record(), probed());
    requests.length = 0;
    expect(await upsert(record(), probed())).toMatchObject([
      { status: 'done' },
      { status: 'done' },
    ]);
    expect(requests).toEqual(['PUT /v1/txn']);
  });

  test('starts its probe as the user says', async () => {
    const one = probed({ initialStatus: 'critical' });
    await upsert(one);
    expect(await held(one.id)).toEqual(one);
    const checks = await call<{ Name: string; Status: string }[]>('GET', `/v1/health/node/${esm}`);
    expect(checks.map(({ Name, Status }) => [Name, Status])).toEqual([
      ['ECS health', 'passing'],
      ['Checked by consul-esm', 'critical'],
    ]);
  });

  test('moves with one call, and is removed with one where its node is known', async () => {
    const one = probed();
    await upsert(record(), one);
    requests.length = 0;
    const [move] = upserts([{ ...one, detail: record().detail }]);
    await apply(move ? [{ ...move, before: one }] : []);
    await upsert(one);
    const [removal] = removals([one]);
    if (removal?.kind !== 'remove') throw new Error('no removal');
    expect(await apply([{ ...removal, before: one }])).toMatchObject([{ status: 'done' }]);
    expect(requests).toEqual(['PUT /v1/txn', 'PUT /v1/txn', 'PUT /v1/txn']);
  });
});

describe('a server in trouble', () => {
  test('without a leader is passed over for the next', async () => {
    const leaderless = await startConsul();
    leaderless.faults.inject({ times: 99, status: 500, body: 'No cluster leader' });
    const both = createConsul({ addresses: [leaderless.url, server.url] }, { owner });
    expect(await both.apply(upserts(records(1)), quiet())).toMatchObject([{ status: 'done' }]);
    await leaderless.stop();
  });

  test.each([
    [500, 'No cluster leader', 'retry'],
    [500, 'rpc error making call: EOF', 'retry'],
    [500, 'No path to datacenter', 'refused'],
    [502, 'bad gateway', 'retry'],
    [404, '', 'refused'],
    [301, 'Moved', 'refused'],
  ] as const)('that answers %d %s is a %s', async (status, body, expected) => {
    server.faults.inject({ times: 99, status, body });
    const [outcome] = await upsert(record());
    expect(outcome?.status).toBe(expected);
    expect(reasonOf(outcome)).toContain(`${status} ${body || '(empty)'}`);
  });

  test('that does not answer is asked once, and the other batches wait for the next time', async () => {
    let asked = 0;
    server.faults.inject({ times: 99, actThenDrop: true, match: () => ++asked > 0 });
    const outcomes = await upsert(...records(100));
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['retry']));
    expect(asked).toBe(1);
  });

  test('that answers something else is named with what came', async () => {
    server.faults.inject({
      times: 1,
      status: 200,
      body: '<h1>Login</h1>',
      headers: { 'content-type': 'text/html' },
    });
    const [outcome] = await upsert(record());
    expect(reasonOf(outcome)).toContain('expected JSON, came text/html: <h1>Login</h1>');
  });

  test.each(['true', '{}', '{"Results":[]}', '[]'])(
    'that answers %s to a transaction has not said what it did',
    async (body) => {
      server.faults.inject({ times: 1, status: 200, body });
      expect(await upsert(record())).toMatchObject([{ status: 'retry' }]);
    },
  );
});
