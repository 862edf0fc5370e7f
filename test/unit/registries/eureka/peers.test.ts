import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type EurekaServer, startEureka } from '../../../../local/eureka.ts';
import { plainSecret, secretByReference } from '../../../../shared/config/secret.ts';
import type { Outcome } from '../../../../shared/model/plan.ts';
import type { Registration } from '../../../../shared/model/registration.ts';
import { parsePeers } from '../../../../shared/registries/eureka/client.ts';
import { createDirectory as createEurekaDirectory } from '../../../../shared/registries/eureka/directory.ts';
import { createRegistry as createEureka } from '../../../../shared/registries/eureka/index.ts';
import { instanceFor } from '../../../contract/instance.ts';
import { reasonOf } from '../../../support/outcomes.ts';
import { useVirtualTime } from '../../../support/use-virtual-time.ts';

useVirtualTime();

const OURS = { owner: 'rollcall:1:eu', cluster: 'arn:aws:ecs:eu-west-1:123456789012:cluster/prod' };
const signal = new AbortController().signal;

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});
const start = async (): Promise<EurekaServer> => {
  const server = await startEureka();
  stops.push(server.stop);
  return server;
};
const over = (...urls: string[]) => {
  const config = { urls: plainSecret(urls.join(',')) };
  const registry = createEureka(config, { owner: OURS.owner });
  return { registry, directory: createEurekaDirectory(config), list: () => registry.list(signal) };
};
const recordOf = ({ registry }: ReturnType<typeof over>): Registration => {
  const [record] = registry.fit(instanceFor(OURS)).records;
  if (!record) throw new Error('fit gave no record');
  return record;
};
const put = async (eureka: ReturnType<typeof over>) => {
  const record = recordOf(eureka);
  const outcomes = await eureka.registry.apply(
    [{ kind: 'upsert', record, reason: 'missing' }],
    signal,
  );
  return { record, outcomes };
};
const statuses = (outcomes: readonly Outcome[] = []) => outcomes.map(({ status }) => status);

describe('addresses', () => {
  test.each([
    ['http://a:8761/eureka/', [{ base: 'http://a:8761/eureka' }]],
    [
      ' http://a/eureka , https://b/eureka/v2/ ,',
      [{ base: 'http://a/eureka' }, { base: 'https://b/eureka/v2' }],
    ],
    [
      'http://us%40er:p%3Aw%2C@a:8761/eureka/',
      [{ base: 'http://a:8761/eureka', authorization: `Basic ${btoa('us@er:p:w,')}` }],
    ],
    [
      'http://u:50%@a/eureka',
      [{ base: 'http://a/eureka', authorization: `Basic ${btoa('u:50%')}` }],
    ],
  ])('are taken from %j', (urls, peers) => {
    expect(parsePeers(urls)).toEqual(peers);
  });

  test.each(['eureka:8761/eureka', 'u:secret@host/eureka', 'ftp://u:secret@host/'])(
    'that are no URL (%j) are named by position, never quoted',
    (url) => {
      expect(() => parsePeers(`http://a/eureka/,${url}`)).toThrow(
        /^eureka: address 2 must be a URL/,
      );
      expect(() => parsePeers(url)).not.toThrow(/secret/);
    },
  );
});

test('a list is asked for in gzip, and nothing else is', async () => {
  const asked: unknown[] = [];
  const list = { applications: { application: [] } };
  const server = createServer((request, response) => {
    asked.push([request.url, request.headers['accept-encoding']]);
    response.end(JSON.stringify(list));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(async () => server.close());
  const eureka = over(`http://127.0.0.1:${(server.address() as AddressInfo).port}/eureka/`);
  await eureka.list();
  const { service } = recordOf(eureka);
  await expect(eureka.registry.get([recordOf(eureka)], signal)).rejects.toThrow(
    'expected instance',
  );
  expect(asked).toEqual([
    ['/eureka/apps', 'gzip'],
    [expect.stringMatching(`/eureka/apps/${service}/`), undefined],
  ]);
});

describe('several peers', () => {
  test('are tried in turn while one is down', async () => {
    const [down, up] = [await start(), await start()];
    const eureka = over(`${down.url}/`, `${up.url}/`);
    await down.stop();
    const { record, outcomes } = await put(eureka);
    expect(statuses(outcomes)).toEqual(['done']);
    expect((await eureka.list()).records).toEqual([record]);
  });

  test('that have restarted and know nothing yet are not believed while another knows the record', async () => {
    const [restarted, steady] = [await start(), await start()];
    const { record } = await put(over(steady.url));
    const eureka = over(restarted.url, steady.url);
    expect(await eureka.registry.get([record], signal)).toEqual([record]);
    expect(statuses(await eureka.registry.renew?.([record], signal))).toEqual(['done']);
    const removal = { kind: 'remove', ref: record, reason: 'stopped' } as const;
    expect(statuses(await eureka.registry.apply([removal], signal))).toEqual(['done']);
    expect(await eureka.registry.get([record], signal)).toEqual([]);
  });

  test('are left only for what one of them does not know: the next write goes where the last one went', async () => {
    const [first, second] = [await start(), await start()];
    const { record } = await put(over(second.url));
    const eureka = over(first.url, second.url);
    expect(await eureka.registry.get([record], signal)).toEqual([record]);
    const { record: next } = await put(eureka);
    expect((await over(first.url).list()).records).toEqual([next]);
  });

  test('that warm up leave the list to one that does not', async () => {
    const [warming, ready] = [await start(), await start()];
    warming.warmUp(true);
    const { record } = await put(over(ready.url));
    expect(await over(warming.url, ready.url).list()).toEqual({ records: [record] });
  });

  test('that are all down give retry with each address and its fault', async () => {
    const [a, b] = [await start(), await start()];
    await Promise.all([a.stop(), b.stop()]);
    const eureka = over(a.url.replace('//', '//user:hunter2@'), b.url);
    const { outcomes } = await put(eureka);
    expect(statuses(outcomes)).toEqual(['retry']);
    expect(reasonOf(outcomes[0])).toMatch(
      /^eureka: registering WEB\/.*ECONNREFUSED.*; .*ECONNREFUSED/,
    );
    expect(reasonOf(outcomes[0])).not.toContain('hunter2');
    await expect(eureka.list()).rejects.toThrow('ECONNREFUSED');
  });
});

describe('a server that warms up', () => {
  test('has a list that is unknown, not empty, and takes additions and renewals', async () => {
    const server = await start();
    server.warmUp(true);
    const eureka = over(server.url);
    expect(await eureka.list()).toEqual({
      records: [],
      unknown: expect.stringContaining('warming up'),
    });
    const { record, outcomes } = await put(eureka);
    expect(statuses(outcomes)).toEqual(['done']);
    expect(await eureka.registry.get([record], signal)).toEqual([record]);
    expect(statuses(await eureka.registry.renew?.([record], signal))).toEqual(['done']);
  });

  test('has no answer for clients', async () => {
    const server = await start();
    server.warmUp(true);
    const { directory } = over(server.url);
    await expect(directory.everything(signal)).rejects.toThrow('warming up');
    await expect(directory.instances('web', signal)).rejects.toThrow('warming up');
  });

  test('does not excuse a single instance that is refused', async () => {
    const server = await start();
    const eureka = over(server.url);
    const { record } = await put(eureka);
    server.faults.inject({ times: 1, status: 403 });
    await expect(eureka.registry.get([record], signal)).rejects.toThrow(
      `eureka: reading ${record.service}/${record.id}: 403`,
    );
  });
});

test('a restart is met by putting back what is missing, and a renewal says gone', async () => {
  const server = await start();
  const eureka = over(server.url);
  const { record } = await put(eureka);
  server.restart();
  expect(await eureka.list()).toEqual({ records: [] });
  const before = server.writes();
  expect(statuses(await eureka.registry.renew?.([record], signal))).toEqual(['gone']);
  expect(server.writes()).toBe(before + 1);
  expect(await eureka.registry.get([record], signal)).toEqual([]);
});

test('a registration is one request, and changes of one record keep their order', async () => {
  const server = await start();
  const eureka = over(server.url);
  const record = recordOf(eureka);
  const upsert = { kind: 'upsert', record, reason: 'missing' } as const;
  const remove = { kind: 'remove', ref: record, reason: 'stopped' } as const;
  await eureka.registry.apply([upsert], signal);
  expect(server.writes()).toBe(1);
  const outcomes = await eureka.registry.apply([upsert, remove, upsert, remove], signal);
  expect(statuses(outcomes)).toEqual(['done', 'done', 'done', 'done']);
  expect(await eureka.registry.get([record], signal)).toEqual([]);
});

/** Lets in whoever holds the password of the moment, and takes every write. */
const startLocked = async (password: () => string) => {
  const server = createServer((request, response) => {
    const allowed = request.headers.authorization === `Basic ${btoa(`rollcall:${password()}`)}`;
    response.writeHead(allowed ? 204 : 401).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('not listening on TCP');
  return address.port;
};

describe('credentials', () => {
  test('that are rotated are read again, at most once for each request under way, and no write is lost', async () => {
    let password = 'first';
    let reads = 0;
    const port = await startLocked(() => password);
    const urls = await secretByReference('ssm:eureka', async () => {
      reads++;
      return `http://rollcall:${password}@127.0.0.1:${port}/eureka/`;
    });
    const registry = createEureka({ urls }, { owner: OURS.owner });
    const upserts = () =>
      Array.from({ length: 30 }, () => registry.fit(instanceFor(OURS)).records)
        .flat()
        .map((record) => ({ kind: 'upsert', record, reason: 'missing' }) as const);
    const write = async () => new Set(statuses(await registry.apply(upserts(), signal)));
    expect(await write()).toEqual(new Set(['done']));
    expect(reads).toBe(1);
    password = 'second';
    expect(await write()).toEqual(new Set(['done']));
    expect(reads).toBeLessThanOrEqual(11);
  });

  test('that are wrong end in refused, without the password in the reason', async () => {
    const port = await startLocked(() => 'right');
    const { outcomes } = await put(over(`http://rollcall:hunter2@127.0.0.1:${port}/eureka/`));
    expect(outcomes).toMatchObject([
      { status: 'refused', reason: expect.stringMatching(/: 401$/) },
    ]);
    expect(JSON.stringify(outcomes)).not.toContain('hunter2');
  });
});
