import { describe, expect, it } from 'vitest';
import type { Target } from '../../../../shared/model/registration.ts';
import { recordLog } from '../../../support/log.ts';
import { ask, directoryOf, fakeClock, over, resolverOver, target } from '../support.ts';

const WEB: readonly Target[] = [
  target({ id: 'a', tags: ['v1', 'blue'], metadata: { version: '1' } }),
  target({ id: 'b', tags: ['v1'], zone: 'eu-central-1b', metadata: { version: '2' } }),
  target({ id: 'c', tags: ['v2'], healthy: false, protocol: 'udp', zone: null }),
];
const DNS = [target({ id: 'd', service: 'dns', port: 53, protocol: 'udp' })];
const SICK = [target({ id: 's', service: 'sick', healthy: false })];
const content = { dns: DNS, empty: [], sick: SICK, web: WEB };

const get = async (path: string, headers?: Record<string, string>) => {
  const response = await ask(over(content), `GET ${path}`, headers);
  return {
    ...response,
    data: response.body.startsWith('{') ? JSON.parse(response.body) : undefined,
  };
};
const idsOf = (instances: readonly Target[]) => instances.map(({ id }) => id).join();

describe('GET /services', () => {
  it('lists every service with its counts', async () => {
    expect((await get('/services')).data).toEqual({
      services: [
        { name: 'dns', instances: 1, healthy: 1 },
        { name: 'empty', instances: 0, healthy: 0 },
        { name: 'sick', instances: 1, healthy: 0 },
        { name: 'web', instances: 3, healthy: 2 },
      ],
    });
  });

  it('counts what a filter lets through, and leaves out the rest', async () => {
    expect((await get('/services?protocol=udp')).data).toEqual({
      services: [
        { name: 'dns', instances: 1, healthy: 1 },
        { name: 'web', instances: 1, healthy: 0 },
      ],
    });
  });

  it('ends at the limit', async () => {
    const { data } = await get('/services?limit=2');
    expect(data.services.map(({ name }: { name: string }) => name)).toEqual(['dns', 'empty']);
  });
});

describe('GET /services/{name}', () => {
  it('shows every instance, to the letter', async () => {
    expect((await get('/services/web')).data).toEqual({ name: 'web', instances: WEB });
  });

  it('shows a service without instances', async () => {
    expect((await get('/services/empty')).data).toEqual({ name: 'empty', instances: [] });
  });

  it.each([
    ['tag=v1', 'a,b'],
    ['tag=v1&tag=blue', 'a'],
    ['tag=none', ''],
    ['zone=eu-central-1b', 'b'],
    ['healthy=true', 'a,b'],
    ['healthy=false', 'c'],
    ['protocol=udp', 'c'],
    ['meta.version=2', 'b'],
    ['meta.version=', ''],
    ['meta.toString=x', ''],
    ['tag=v1&meta.version=1&zone=eu-central-1a', 'a'],
    ['limit=2', 'a,b'],
    ['tag=v2&limit=1', 'c'],
    ['_=17&_cb=x', 'a,b,c'],
  ])('with %s keeps %j', async (query, ids) => {
    expect(idsOf((await get(`/services/web?${query}`)).data.instances)).toBe(ids);
  });

  it.each([
    ['limit=0', 'limit: expected a whole number from 1 to 1000, got "0"'],
    ['limit=1001', 'limit: expected a whole number from 1 to 1000, got "1001"'],
    ['limit=1e2', 'limit: expected a whole number from 1 to 1000, got "1e2"'],
    ['healthy=yes', 'healthy: expected true or false, got "yes"'],
    ['protocol=TCP', 'protocol: expected tcp or udp, got "TCP"'],
    ['tag=', 'tag: expected a text that is not empty, got ""'],
    ['zone=a&zone=b', 'zone: expected once, got 2 times'],
    ['meta.=x', 'meta.: expected a name after the dot, got none'],
    [
      'tags=v1&META=1&healthy=1&tags=v2',
      'query: expected no keys but tag, protocol, meta.<key>, zone, healthy, limit, got "tags", "META"; ' +
        'healthy: expected true or false, got "1"',
    ],
    [
      Array.from({ length: 9 }, (_, n) => `k${n}`).join('&'),
      'query: expected no keys but tag, protocol, meta.<key>, zone, healthy, limit, got "k0", "k1", "k2", "k3", "k4"',
    ],
    [
      'healthy=1&limit=x',
      'healthy: expected true or false, got "1"; limit: expected a whole number from 1 to 1000, got "x"',
    ],
    [`healthy=${'x'.repeat(200)}`, `healthy: expected true or false, got "${'x'.repeat(100)}…"`],
  ])('refuses %s', async (query, detail) => {
    expect((await get(`/services/web?${query}`)).data).toMatchObject({ status: 400, detail });
  });

  it('says of an unknown service that it is unknown', async () => {
    const { status, headers, data } = await get('/services/n%20o?_x');
    expect(status).toBe(404);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(data).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'No service "n o".',
      instance: '/services/n%20o',
    });
  });

  it.each(['__proto__', 'constructor', 'toString'])('knows no service %s', async (name) => {
    expect((await get(`/services/${name}`)).status).toBe(404);
  });
});

describe('GET /resolve/{name}', () => {
  it('gives one healthy instance as JSON, not to be kept', async () => {
    const { status, headers, data } = await get('/resolve/web?zone=eu-central-1b');
    expect([status, headers['cache-control'], headers['vary']]).toEqual([
      200,
      'no-store',
      'accept',
    ]);
    expect(data).toEqual(WEB[1]);
  });

  it('gives host and port to who wants text', async () => {
    const { headers, body } = await get('/resolve/dns', { accept: 'text/plain' });
    expect([headers['content-type'], body]).toEqual(['text/plain; charset=utf-8', '10.0.0.1:53']);
  });

  it('puts IPv6 in brackets', async () => {
    const resolver = over({ six: [target({ address: 'fd00::1' })] });
    expect((await ask(resolver, 'GET /resolve/six', { accept: 'text/plain' })).body).toBe(
      '[fd00::1]:8080',
    );
  });

  it('takes a zone for a wish, not for a filter', async () => {
    expect((await get('/resolve/dns?zone=elsewhere')).data.id).toBe('d');
  });

  it.each([
    [
      '/resolve/web?healthy=false',
      'query: expected no keys but tag, protocol, meta.<key>, zone, got "healthy"',
    ],
    ['/services?cluster=x', expect.stringMatching(/^query: .* got "cluster"$/)],
  ])('is refused with a filter that there is not: %s', async (path, detail) => {
    expect((await get(path)).data).toMatchObject({ status: 400, detail });
  });

  it('chooses among those that the filters leave', async () => {
    expect((await get('/resolve/web?meta.version=2')).data.id).toBe('b');
  });

  it.each([
    '/resolve/sick',
    '/resolve/empty',
    '/resolve/web?tag=none',
    '/resolve/web?tag=v2',
    '/go/sick',
    '/go/empty',
  ])('asks for patience where nobody healthy fits: %s', async (path) => {
    const { status, headers } = await get(path);
    expect([status, headers['retry-after']]).toEqual([503, '5']);
  });
});

describe('/go/{name}', () => {
  const locationOf = async (line: string) => {
    const { status, headers, body } = await ask(
      over({ one: [target()], mixed: [...DNS, target()], dns: DNS }),
      line,
    );
    expect([status, body, headers['cache-control']]).toEqual([307, '', 'no-store']);
    return headers['location'];
  };

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])(
    'redirects %s',
    async (method) => {
      expect(await locationOf(`${method} /go/one/a?b=c`)).toBe('http://10.0.0.1:8080/a?b=c');
    },
  );

  it('leads to the root without a path', async () => {
    expect(await locationOf('GET /go/one')).toBe('http://10.0.0.1:8080/');
    expect(await locationOf('GET /go/one?zone=&limit=x')).toBe(
      'http://10.0.0.1:8080/?zone=&limit=x',
    );
  });

  it('leads to the tcp instance where there are both', async () => {
    expect(await locationOf('GET /go/mixed/')).toBe('http://10.0.0.1:8080/');
  });

  it('refuses a service that speaks udp only', async () => {
    expect((await get('/go/dns')).status).toBe(409);
  });

  it('refuses an address that is none, without showing it', async () => {
    const resolver = over({ bad: [target({ address: 'evil.example/?' })] });
    const { status, headers, body } = await ask(resolver, 'GET /go/bad');
    expect(status).toBe(502);
    expect(headers['location']).toBeUndefined();
    expect(body).not.toContain('evil');
  });
});

describe('every answer', () => {
  it('tells its age, and that the registry is down', async () => {
    const { state, directory } = directoryOf(content);
    const clock = fakeClock();
    const resolver = resolverOver(directory, { now: clock.now });
    expect((await ask(resolver, 'GET /services')).headers).toMatchObject({ age: '0' });
    clock.advance(4);
    const { headers } = await ask(resolver, 'GET /services');
    expect(headers).toMatchObject({ age: '4' });
    expect(headers).not.toHaveProperty('x-rollcall-stale');
    state.failure = new Error('down');
    clock.advance(60);
    const stale = await ask(resolver, 'GET /services');
    expect(stale.status).toBe(200);
    expect(stale.headers).toMatchObject({ age: '64', 'x-rollcall-stale': 'true' });
    expect(stale.headers).toHaveProperty('warning');
  });

  it('is 503 where the registry is down and nothing is cached, and says nothing of why to the client', async () => {
    const { state, directory } = directoryOf(content);
    state.failure = new Error('http://10.9.9.9:8500: connection refused');
    const { logged, logger } = recordLog();
    const resolver = resolverOver(directory, { logger });
    for (const path of [
      '/services',
      '/services/web',
      '/resolve/web',
      '/go/web',
      '/services?tag=x',
    ]) {
      const { status, headers, body } = await ask(resolver, `GET ${path}`);
      expect([path, status, headers['retry-after']]).toEqual([path, 503, '5']);
      expect(body).not.toContain('10.9.9.9');
    }
    expect(logged[0]).toMatchObject({
      level: 'warn',
      message: 'consul: reading everything failed',
      error: 'http://10.9.9.9:8500: connection refused',
    });
  });

  it('is 500 without a word of the cause where the resolver itself fails', async () => {
    const { logged, logger } = recordLog();
    const { directory } = directoryOf(content);
    const random = () => {
      throw new Error('secret cause');
    };
    const resolver = resolverOver(directory, { random, logger });
    const { status, body } = await ask(resolver, 'GET /resolve/web');
    expect(status).toBe(500);
    expect(body).not.toMatch(/secret cause|\.ts/);
    expect(logged).toMatchObject([
      { level: 'error', error: expect.stringMatching(/secret cause\n.*\.ts/) },
    ]);
  });

  it.each(['/services', '/nothing', '/resolve/web', '/go/web', '/health', '/%'])(
    'forbids guessing its type: %s',
    async (path) => {
      expect((await get(path)).headers['x-content-type-options']).toBe('nosniff');
    },
  );

  it('has no body for HEAD, and the headers of GET', async () => {
    for (const path of ['/services', '/nothing', '/resolve/dns', '/health']) {
      const [asked, head] = [await get(path), await ask(over(content), `HEAD ${path}`)];
      expect(head).toEqual({ status: asked.status, headers: asked.headers, body: '' });
    }
  });

  it('is spared where the client holds it already', async () => {
    const { headers, body } = await get('/services/web');
    expect(headers['cache-control']).toBe('private, no-cache');
    const etag = headers['etag'] ?? '';
    expect(etag).toMatch(/^W\/"[\w-]{22}"$/);
    for (const given of [etag, etag.slice(2), `"x", ${etag}`, '*']) {
      const again = await get('/services/web', { 'if-none-match': given });
      expect([again.status, again.body, again.headers['etag']]).toEqual([304, '', etag]);
    }
    expect((await get('/services/web', { 'if-none-match': 'W/"x"' })).body).toBe(body);
    expect((await get('/services/web?limit=1')).headers['etag']).not.toBe(etag);
  });

  it('is a 405 with the methods that are allowed where the path knows no other', async () => {
    const { status, headers } = await ask(over(content), 'POST /services');
    expect([status, headers['allow']]).toEqual([405, 'GET, HEAD']);
  });

  it('says that the resolver lives without asking the registry', async () => {
    const { state, directory } = directoryOf(content);
    const { status, body } = await ask(resolverOver(directory), 'GET /health');
    expect([status, body, state.reads]).toEqual([200, '{"status":"ok"}', []]);
  });
});
