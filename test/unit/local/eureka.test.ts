import { afterEach, describe, expect, test } from 'vitest';
import { type EurekaOptions, startEureka } from '../../../local/eureka.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** A server whose clock moves by hand, and a client of it. */
const start = async (options: EurekaOptions = {}) => {
  let now = 1_700_000_000_000;
  const server = await startEureka({ now: () => now, ...options });
  stops.push(server.stop);
  const call = (method: string, path: string, body?: object, headers?: Record<string, string>) =>
    fetch(server.url + path, {
      method,
      headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
  return {
    server,
    call,
    wait: (seconds: number) => {
      now += seconds * 1_000;
    },
    register: (instanceId: string, over: object = {}) =>
      call('POST', '/apps/WEB', instance(instanceId, over)),
    status: async (method: string, path: string) => (await call(method, path)).status,
    hash: async () =>
      JSON.parse(await (await call('GET', '/apps')).text()).applications.apps__hashcode,
  };
};

const instance = (instanceId: string, over: object) => ({
  instance: {
    instanceId,
    app: 'WEB',
    hostName: '10.0.0.1',
    ipAddr: '10.0.0.1',
    dataCenterInfo: {
      '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
      name: 'MyOwn',
    },
    leaseInfo: { renewalIntervalInSecs: 30, durationInSecs: 180 },
    ...over,
  },
});

describe('leases of the simulated Eureka', () => {
  test('last their time after a registration, and twice that after a renewal', async () => {
    const eureka = await start();
    await eureka.register('a');
    await eureka.register('b');
    await eureka.status('PUT', '/apps/WEB/b');
    eureka.wait(180);
    expect(await eureka.status('GET', '/apps/WEB/a')).toBe(200);
    eureka.wait(60);
    expect(await eureka.status('GET', '/apps/WEB/a')).toBe(404);
    eureka.wait(120);
    expect(await eureka.status('GET', '/apps/WEB/b')).toBe(200);
    eureka.wait(60);
    expect(await eureka.status('GET', '/apps/WEB/b')).toBe(404);
  });

  test('are fresh, and single again, after another registration or new metadata', async () => {
    const eureka = await start();
    for (const id of ['a', 'b']) {
      await eureka.register(id);
      await eureka.status('PUT', `/apps/WEB/${id}`);
    }
    await eureka.register('a');
    await eureka.status('PUT', '/apps/WEB/b/metadata?k=v');
    eureka.wait(301);
    expect(await eureka.hash()).toBe('');
  });

  test('end for at most 15 percent of the registry a minute', async () => {
    const eureka = await start();
    for (let at = 0; at < 20; at++) await eureka.register(`i${at}`);
    eureka.wait(180);
    expect(await eureka.hash()).toBe('UP_20_');
    eureka.wait(60);
    expect(await eureka.hash()).toBe('UP_17_');
  });
});

describe('the simulated Eureka', () => {
  test('serves a list again while it is young enough, and single instances always fresh', async () => {
    const eureka = await start({ listLagMs: 30_000 });
    await eureka.register('a');
    expect(await eureka.hash()).toBe('UP_1_');
    await eureka.register('b', { status: 'DOWN' });
    expect(await eureka.hash()).toBe('UP_1_');
    expect(await eureka.status('GET', '/apps/WEB/b')).toBe(200);
    eureka.wait(30);
    expect(await eureka.hash()).toBe('DOWN_1_UP_1_');
  });

  test('refuses lists while it warms up, and nothing else', async () => {
    const eureka = await start();
    eureka.server.warmUp(true);
    expect((await eureka.register('a')).status).toBe(204);
    for (const path of ['/apps', '/apps/delta', '/apps/WEB', '/vips/web'])
      expect([path, await eureka.status('GET', path)]).toEqual([path, 403]);
    expect(await eureka.status('GET', '/apps/WEB/a')).toBe(200);
    expect(await eureka.status('GET', '/instances/a')).toBe(200);
    eureka.server.warmUp(false);
    expect(await eureka.hash()).toBe('UP_1_');
  });

  test('forgets everything in a restart, overrides included', async () => {
    const eureka = await start({ listLagMs: 30_000 });
    await eureka.register('a');
    await eureka.status('PUT', '/apps/WEB/a/status?value=OUT_OF_SERVICE');
    expect(await eureka.hash()).toBe('OUT_OF_SERVICE_1_');
    eureka.server.restart();
    expect(await eureka.hash()).toBe('');
    expect(await eureka.status('PUT', '/apps/WEB/a')).toBe(404);
    await eureka.register('a');
    eureka.wait(30);
    expect(await eureka.hash()).toBe('UP_1_');
  });

  test.each([
    ['GET', '/apps', { accept: 'text/html' }, 406],
    ['POST', '/apps/WEB', { 'content-type': 'text/plain' }, 415],
    ['POST', '/apps', {}, 405],
    ['GET', '/apps/WEB/a%2Fb', {}, 400],
    ['GET', '/apps/WEB', {}, 404],
    ['GET', '/nowhere', {}, 404],
    ['DELETE', '/apps/WEB/none', {}, 404],
    ['PUT', '/apps/WEB/none/status?value=UP', {}, 404],
    ['GET', '/vips/none', {}, 200],
    ['GET', '/v2/apps/', {}, 200],
  ])('answers %s %s (%j) with %i', async (method, path, headers, expected) => {
    const { call } = await start();
    expect((await call(method, path, method === 'POST' ? {} : undefined, headers)).status).toBe(
      expected,
    );
  });

  test('shows what an override without a valid value is worth: 500', async () => {
    const eureka = await start();
    await eureka.register('a');
    for (const query of ['', '?value=up', '?value=GONE'])
      expect(await eureka.status('PUT', `/apps/WEB/a/status${query}`)).toBe(500);
  });
});
