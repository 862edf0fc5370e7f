import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { type ResolverServer, serve } from '../../../shared/resolver/server.ts';
import { directoryOf, over, resolverOver, secret, target } from './support.ts';

const servers: ResolverServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(0);
});

const start = async (resolver: Parameters<typeof serve>[0]) => {
  const server = await serve(resolver, { port: 0, host: '127.0.0.1' });
  servers.push(server);
  return { server, url: `http://127.0.0.1:${server.port}` };
};
const hasIpv6 = () =>
  Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
const many = Array.from({ length: 100 }, (_, at) => target({ id: `i-${at}` }));

const LARGE = 'x'.repeat(50_000_000);

/** A client that has taken the beginning of a large answer, and no more. */
const slowClient = async (limits: Parameters<typeof serve>[1]['limits'] = {}) => {
  const resolver = async () => ({ status: 200, headers: {}, body: LARGE });
  const server = await serve(resolver, { port: 0, host: '127.0.0.1', limits });
  servers.push(server);
  const socket = connect(server.port, '127.0.0.1', () =>
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n'),
  );
  const begun = new Promise<void>((resolve) => {
    socket.once('readable', resolve);
  });
  return { socket, server, begun };
};

/** A resolver that holds what it may, and counts what has reached it. */
const holding = () => {
  const resolver = resolverOver(directoryOf({ web: many }).directory, {
    config: { wait: 600 },
    concurrency: 1_000,
  });
  const reached = { count: 0 };
  const counting: typeof resolver = (request) => {
    reached.count++;
    return resolver(request);
  };
  return { reached, resolver: counting };
};

describe('the resolver as a process', () => {
  it('answers over HTTP, compressed for who accepts it', async () => {
    const { url } = await start(over({ web: many }));
    const response = await fetch(`${url}/services/web?limit=60`);
    expect([response.status, response.headers.get('content-encoding')]).toEqual([200, 'gzip']);
    expect(JSON.parse(await response.text()).instances).toHaveLength(60);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(await (await fetch(`${url}/services`, { method: 'HEAD' })).text()).toBe('');
  });

  it.each([256, 16_384, 16_385, 100_000])(
    'sends %i bytes as they are, whatever they are, be they there at once or later',
    async (size) => {
      const bytes = Buffer.from(Array.from({ length: size }, (_, at) => at % 256));
      const text = 'ü€'.repeat(size / 4);
      const answers = { bytes, text } as const;
      for (const [kind, body] of Object.entries(answers)) {
        const answer = { status: 200, headers: {}, body };
        for (const resolver of [() => answer, async () => answer]) {
          const { url } = await start(resolver);
          // Twice: what is made of them is kept.
          for (let time = 0; time < 2; time++) {
            const got = Buffer.from(await (await fetch(url)).arrayBuffer());
            expect([kind, got.equals(Buffer.from(body))]).toEqual([kind, true]);
          }
        }
      }
    },
  );

  it('hands over path, query, headers and body as they came', async () => {
    const seen: unknown[] = [];
    const { url } = await start(async (request) => {
      seen.push({ ...request, body: await request.readBody(1_000) });
      return { status: 200, headers: {}, body: '', cookies: ['a=1', 'b=2'] };
    });
    const response = await fetch(`${url}/a%2Fb?c=%20`, {
      method: 'POST',
      body: '{"é":1}',
      headers: { 'X-A': 'b' },
    });
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(seen).toMatchObject([
      {
        method: 'POST',
        target: { path: '/a%2Fb', rawQuery: 'c=%20' },
        body: '{"é":1}',
        headers: { 'x-a': 'b' },
      },
    ]);
  });

  it('refuses a body that no client sends', async () => {
    const { url } = await start(over({}));
    const body = 'x'.repeat(1_000_001);
    const { status, headers } = await fetch(`${url}/v3/discovery:endpoints`, {
      method: 'POST',
      body,
    });
    expect([status, headers.get('x-content-type-options')]).toEqual([413, 'nosniff']);
  });

  it('keeps the connection where a body is refused that is small', async () => {
    const { url } = await start(over({}));
    const { status, headers } = await fetch(`${url}/services`, { method: 'POST', body: 'x' });
    expect([status, headers.get('connection')]).toEqual([405, 'keep-alive']);
  });

  it('listens on both kinds of addresses where it is told none', async () => {
    const server = await serve(over({}), { port: 0 });
    servers.push(server);
    const hosts = ['127.0.0.1', ...(hasIpv6() ? ['[::1]'] : [])];
    for (const host of hosts)
      expect((await fetch(`http://${host}:${server.port}/health`)).status).toBe(200);
  });

  it('sends all of an answer that is on its way when it stops', async () => {
    const { socket, server, begun } = await slowClient();
    await begun;
    const stopped = server.stop(600_000);
    let size = 0;
    for await (const chunk of socket) size += chunk.length;
    expect(size).toBeGreaterThan(LARGE.length);
    await stopped;
  });

  it('keeps connections longer than a load balancer does', async () => {
    const { url } = await start(over({}));
    const { headers } = await fetch(`${url}/health`);
    expect(Number(/timeout=(\d+)/.exec(headers.get('keep-alive') ?? '')?.[1])).toBeGreaterThan(60);
  });

  it.each([
    ['http://proxied.example/a?b', '/a', 'b'],
    ['http://proxied.example?b', '/', 'b'],
    ['HTTPS://proxied.example:8443', '/', ''],
    ['/http://a/b', '/http://a/b', ''],
  ])('understands the request line of a proxy: %s', async (line, path, rawQuery) => {
    const seen = Promise.withResolvers<unknown>();
    const { server } = await start(async (request) => {
      seen.resolve(request);
      return { status: 200, headers: {}, body: '' };
    });
    const socket = connect(server.port, '127.0.0.1', () =>
      socket.write(`GET ${line} HTTP/1.1\r\nhost: a\r\n\r\n`),
    );
    expect(await seen.promise).toMatchObject({ target: { path, rawQuery } });
    socket.destroy();
  });

  it('answers those it holds when it stops, takes no more, and ends', async () => {
    const { reached, resolver } = holding();
    const { server, url } = await start(resolver);
    const path = `${url}/v1/health/service/web`;
    const index = (await fetch(path)).headers.get('x-consul-index');
    const held = Array.from({ length: 20 }, () => fetch(`${path}?index=${index}&wait=10m`));
    await expect.poll(() => reached.count).toBe(21);
    // No test lasts as long as this stop may.
    const stopped = server.stop(3_600_000);
    for (const response of await Promise.all(held)) expect(response.status).toBe(200);
    await stopped;
    await expect(fetch(`${url}/health`)).rejects.toThrow();
  });

  it('drops what is left when its time is over', async () => {
    const { server, url } = await start(() => new Promise(() => {}));
    const hanging = fetch(url).catch(() => 'dropped');
    await server.stop(50);
    expect(await hanging).toBe('dropped');
  });

  it('lets go of those whose client has gone', async () => {
    const aborted = Promise.withResolvers<void>();
    const { server } = await start(({ signal }) => {
      signal?.().addEventListener('abort', () => aborted.resolve());
      socket.destroy();
      return new Promise(() => {});
    });
    const socket = connect(server.port, '127.0.0.1', () =>
      socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n'),
    );
    await aborted.promise;
  });
});

describe('what a stranger can take of the process', () => {
  const TOKEN = 'the-token';
  const closed = () =>
    resolverOver(directoryOf({ web: many }).directory, {
      config: { access: 'token', token: secret(TOKEN) },
    });

  /** What comes back until the server closes the connection, and how much it took. */
  const exchange = async (port: number, ...parts: readonly string[]) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => {});
    for (const part of parts) socket.write(part);
    await new Promise((resolve) => socket.once('close', resolve));
    return answer;
  };

  const REQUEST = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
  const LAST = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';

  it.each([1, 100])('is %i answers for which another waits, in order', async (waiting) => {
    let count = 0;
    const { server } = await start(async () => ({
      status: 200,
      headers: {},
      body: `<${++count}>`,
    }));
    const answer = await exchange(server.port, REQUEST.repeat(waiting) + LAST);
    const bodies = Array.from({ length: waiting + 1 }, (_, at) => `<${at + 1}>`);
    expect(answer.match(/<\d+>/g)).toEqual(bodies);
  });

  it('is as many again once they have their answers', async () => {
    const { server } = await start(() => ({ status: 200, headers: {}, body: '<>' }));
    const socket = connect(server.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    for (let round = 1; round <= 3; round++) {
      socket.write(REQUEST.repeat(80));
      await expect.poll(() => answer.match(/<>/g)).toHaveLength(80 * round);
    }
    socket.destroy();
  });

  it.each(['at once', 'later'])('is not more of them: answered %s', async (when) => {
    let asked = 0;
    const answer = { status: 200, headers: {}, body: 'x' };
    const { server } = await start(() => {
      asked++;
      return when === 'later' ? Promise.resolve(answer) : answer;
    });
    await exchange(server.port, REQUEST.repeat(5_000));
    expect(asked).toBe(101);
  });

  it('is not a body: of 500 POSTs of a megabyte each, a fraction is read, and none is kept', async () => {
    const sockets = new Set<Socket>();
    const note = (message: unknown) => sockets.add((message as { socket: Socket }).socket);
    subscribe('http.server.request.start', note);
    const { server } = await start(closed());
    const head =
      'POST /v3/discovery:endpoints HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n';
    const body = 'x'.repeat(1_000_000);
    const answers = await Promise.all(
      Array.from({ length: 500 }, () => exchange(server.port, head, body)),
    );
    unsubscribe('http.server.request.start', note);
    expect(answers.filter((one) => one.startsWith('HTTP/1.1 401')).length).toBe(500);
    const read = [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    expect(sockets.size).toBe(500);
    expect(read).toBeLessThan(100_000_000);
  });

  it('is told to keep its body where it asks first, and asked for it where it may', async () => {
    const { server } = await start(closed());
    const head = (token: string) =>
      [
        'POST /v3/discovery:endpoints HTTP/1.1',
        'host: a',
        `x-consul-token: ${token}`,
        'content-length: 100000',
        'expect: 100-continue',
        'connection: close',
        '\r\n',
      ].join('\r\n');
    expect(await exchange(server.port, head('wrong'))).toMatch(/^HTTP\/1\.1 401/);
    const asked = await exchange(server.port, head(TOKEN), ' '.repeat(100_000));
    expect(asked).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 400/);
  });

  it('is not a body that is longer than the route takes, whatever it says of its length', async () => {
    const { server } = await start(over({}));
    const chunk = `${(60_000).toString(16)}\r\n${'x'.repeat(60_000)}\r\n`;
    const head = 'POST /login HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n';
    expect(await exchange(server.port, head, chunk)).toMatch(/^HTTP\/1\.1 413/);
  });

  it('is not the memory of all bodies that arrive at once', async () => {
    const resolver = over({ web: many });
    const server = await serve(resolver, {
      port: 0,
      host: '127.0.0.1',
      limits: { bodies: 50_000 },
    });
    servers.push(server);
    const head =
      'POST /v3/discovery:endpoints HTTP/1.1\r\nhost: a\r\ncontent-length: 90000\r\n\r\n';
    expect(await exchange(server.port, head, 'x'.repeat(60_000))).toMatch(/^HTTP\/1\.1 503/);
    // What was held is free again.
    const small = await fetch(`http://127.0.0.1:${server.port}/v3/discovery:endpoints`, {
      method: 'POST',
      body: JSON.stringify({ resource_names: ['web'] }),
    });
    expect(small.status).toBe(200);
  });

  it('is not a connection whose headers never end, nor one of a thousand', async () => {
    const limits = { connections: 2, headersWithin: 50 };
    const server = await serve(closed(), { port: 0, host: '127.0.0.1', limits });
    servers.push(server);
    const slow = () => exchange(server.port, 'GET / HTTP/1.1\r\nhost: a\r\n');
    const [first, second, third] = await Promise.all([slow(), slow(), slow()]);
    expect([first, second]).toEqual([
      expect.stringMatching(/^HTTP\/1\.1 408/),
      expect.stringMatching(/^HTTP\/1\.1 408/),
    ]);
    expect(third).toBe('');
  });

  it('is not an answer that nobody takes: its connection does not outlast its time', async () => {
    const { socket, server, begun } = await slowClient({ takenWithin: 50 });
    await begun;
    // It ends when no connection is left; far sooner than it would drop this one.
    await server.stop(600_000);
    socket.destroy();
  });

  it('is not headers without end', async () => {
    const { server } = await start(closed());
    const long = `GET / HTTP/1.1\r\nhost: a\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await exchange(server.port, long)).toMatch(/^HTTP\/1\.1 431/);
  });
});
