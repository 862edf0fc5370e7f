import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server as NetServer,
} from 'node:net';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  type HttpSettings,
  httpClient,
  NoAnswer,
  withoutUserinfo,
} from '../../../../shared/platform/http/client.ts';
import {
  type Certificate,
  createPrivateCa,
  type PrivateCa,
} from '../../../support/certificates.ts';
import { startVirtualTime } from '../../../support/virtual-time.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(closers.splice(0).map((close) => close())));

const listen = async (server: NetServer & { closeAllConnections?(): void }): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections?.();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
const serve = (listener: RequestListener) => listen(createServer(listener));

const quiet = () => new AbortController().signal;
/** Whatever else the machine has to do: only what a test says itself ends a request. */
const PATIENT = { connectTimeout: 3_600_000, requestTimeout: 3_600_000 };
const clientOf = (settings: HttpSettings) => httpClient({ ...PATIENT, ...settings });
const get = (settings: HttpSettings, path = '/') =>
  clientOf(settings).request({ method: 'GET', path }, quiet());

/** An address where nobody listens. */
const deserted = async (): Promise<string> => {
  const url = await serve(() => {});
  await closers.pop()?.();
  return url;
};

describe('one request', () => {
  test('carries method, path, body and headers, and gives status, headers and text', async () => {
    const seen: Partial<IncomingMessage>[] = [];
    const base = await serve(async (request, response) => {
      const body = await text(request);
      seen.push(request);
      response.writeHead(201, { 'x-index': '7' }).end(`${request.method} ${request.url} ${body}`);
    });
    const client = clientOf({
      bases: () => [`${base}/prefix/`],
      headers: () => ({ 'x-token': 't' }),
    });
    const reply = await client.request(
      { method: 'PUT', path: '/v1/txn?dc=a%20b', body: ['ü'], headers: { 'x-more': 'm' } },
      quiet(),
    );
    expect(reply).toMatchObject({ status: 201, text: 'PUT /prefix/v1/txn?dc=a%20b ["ü"]' });
    expect(reply.headers['x-index']).toBe('7');
    expect(seen[0]?.headers).toMatchObject({
      'x-token': 't',
      'x-more': 'm',
      'content-length': '6',
    });
  });

  test.each(['/a/../b', '/a/%2e%2e/b', '/a/..%2fb', '/a//b', '/..'])(
    'sends the path %s as it is',
    async (path) => {
      const base = await serve((request, response) => response.end(request.url));
      expect((await get({ bases: () => [base] }, path)).text).toBe(path);
    },
  );

  test('refuses an answer that breaks off', async () => {
    const base = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => response.destroy());
    });
    await expect(get({ bases: () => [base] })).rejects.toThrow(NoAnswer);
  });

  test('tries again at once where the server had closed an idle connection', async () => {
    const requests = new Map<unknown, number>();
    const base = await serve((request, response) => {
      const count = (requests.get(request.socket) ?? 0) + 1;
      requests.set(request.socket, count);
      if (count > 1) request.socket.destroy();
      else response.end('fresh');
    });
    const client = clientOf({ bases: () => [base] });
    for (const _ of ['opens', 'reuses', 'again'])
      expect((await client.request({ method: 'GET', path: '/' }, quiet())).text).toBe('fresh');
    expect([...requests.values()]).toContain(2);
  });
});

describe('an answer', () => {
  const MB = 2 ** 20;
  const zeros = (bytes: number) => Buffer.alloc(bytes, '0');
  const list = (base: string) =>
    clientOf({ bases: () => [base] }).request(
      { method: 'GET', path: '/all', answer: 'list' },
      quiet(),
    );
  const zipped = (body: Buffer) =>
    serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(body));
  afterEach(() => vi.unstubAllEnvs());

  test('of one thing is bounded, the connection is closed, and what was asked is told', async () => {
    const closed = Promise.withResolvers<void>();
    const whole = await serve((_, response) => response.end(zeros(4 * MB + 1)));
    const endless = await serve((_, response) => {
      response.on('close', closed.resolve);
      response.write(zeros(5 * MB));
    });
    for (const base of [whole, endless])
      await expect(get({ bases: () => [base] }, '/one?x=1')).rejects.toThrow(
        /^http:.*: the answer to GET \/one\?x=1 is larger than 4 MB$/,
      );
    await closed.promise;
    const fits = await serve((_, response) => response.end(zeros(4 * MB)));
    expect((await get({ bases: () => [fits] })).text).toHaveLength(4 * MB);
  });

  test.each([
    ['128', 8],
    ['512', 32],
    ['', 64],
  ])('that is a list is bounded by the function’s memory: of %s MB by %s', async (memory, most) => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_MEMORY_SIZE', memory);
    const fits = await serve((_, response) => response.end(zeros(most * MB)));
    expect((await list(fits)).text).toHaveLength(most * MB);
    const exceeds = await serve((_, response) => response.end(zeros(most * MB + 1)));
    await expect(list(exceeds)).rejects.toThrow(
      `the answer to GET /all is larger than ${most} MB, all that ${memory || '1024'} MB of memory ` +
        'can hold of a list: more memory helps',
    );
  });

  test('that is compressed is read, every byte of it', async () => {
    const text = `${'ü€'.repeat(100_000)}!`;
    expect((await list(await zipped(gzipSync(text)))).text).toBe(text);
    expect((await list(await zipped(gzipSync('')))).text).toBe('');
  });

  test('that tells a fault holds none of the credentials that were sent', async () => {
    const echo = await serve((request, response) => {
      response.writeHead(500).end(`sent: ${request.headers['x-token']}`);
    });
    const settings = { bases: () => [echo], headers: () => ({ 'x-token': 'Basic a-long-secret' }) };
    expect((await get(settings, '/')).text).toBe('sent: Basic [secret]');
  });

  test('that is compressed is bounded as it would be plain: a bomb of a few kilobytes is refused', async () => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_MEMORY_SIZE', '128');
    const bomb = gzipSync(zeros(64 * MB));
    expect(bomb.length).toBeLessThan(MB / 8);
    await expect(list(await zipped(bomb))).rejects.toThrow('is larger than 8 MB');
  });

  test.each([
    ['is no gzip', Buffer.from('{"plain":true}'), /incorrect header check/],
    ['ends too early', gzipSync('x'.repeat(9_000)).subarray(0, -10), /unexpected end of file/],
  ])('that is said to be compressed and %s is refused', async (_, body, fault) => {
    await expect(list(await zipped(body))).rejects.toThrow(fault);
  });

  test('that is compressed and breaks off, or never ends, is refused', async () => {
    const half = gzipSync(randomBytes(50_000)).subarray(0, 20_000);
    const broken = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': 50_000 });
      response.write(half, () => response.destroy());
    });
    await expect(list(broken)).rejects.toThrow(NoAnswer);
    const endless = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).write(half);
    });
    const settings = { bases: () => [endless], requestTimeout: 50 };
    await expect(get(settings)).rejects.toThrow('no answer within 50 ms');
  });

  test('that tells a fault is cut where it is long, and its status counts', async () => {
    const bad = await serve((_, response) => response.writeHead(502).end(zeros(5 * MB)));
    const good = await serve((_, response) => response.end('ok'));
    expect((await get({ bases: () => [bad, good] })).text).toBe('ok');
    const { status, text } = await get({ bases: () => [bad] });
    expect([status, text.length > 0, text.length <= 256 * 1024]).toEqual([502, true, true]);
  });
});

describe('several addresses', () => {
  test('are tried in turn, and the one that answered comes first the next time', async () => {
    const asked: string[] = [];
    const dead = await deserted();
    const alive = await serve((request, response) => {
      asked.push(request.url ?? '');
      response.end('ok');
    });
    let reads = 0;
    const bases = () => {
      reads++;
      return [dead, alive];
    };
    const client = clientOf({ bases });
    const atStart = reads;
    for (const path of ['/one', '/two']) await client.request({ method: 'GET', path }, quiet());
    expect(asked).toEqual(['/one', '/two']);
    expect(reads - atStart).toBe(2);
  });

  test.each([
    ['503 by default', 503, {}],
    [
      'what the caller says',
      500,
      { tryNextPeer: ({ text }: { text: string }) => text === 'no leader' },
    ],
  ])('are tried on %s', async (_, status, more) => {
    const bad = await serve((_request, response) => response.writeHead(status).end('no leader'));
    const good = await serve((_request, response) => response.end('ok'));
    expect((await get({ bases: () => [bad, good], ...more })).text).toBe('ok');
    expect((await get({ bases: () => [bad], ...more })).status).toBe(status);
  });

  test('name each fault, and no password, when none answers', async () => {
    const dead = (await deserted()).replace('//', '//user:p@ss/w@');
    const plain = await deserted();
    const failed = get({ bases: () => [plain, dead] });
    await expect(failed).rejects.toThrow(/ECONNREFUSED.*; http:\/\/127.0.0.1:\d+: /);
    await expect(failed).rejects.not.toThrow(/p@ss|user/);
  });

  test('say the fault of each family where a name has several', async () => {
    const port = new URL(await deserted()).port;
    await expect(get({ bases: () => [`http://localhost:${port}`] })).rejects.toThrow(
      'ECONNREFUSED',
    );
  });

  test('may be none, which is an error that says so', async () => {
    await expect(get({ bases: () => [] })).rejects.toThrow('no address configured');
  });
});

describe('time', () => {
  test('is limited for the whole answer', async () => {
    const base = await serve((_, response) => void response.writeHead(200).write('never the end'));
    const settings = { bases: () => [base], requestTimeout: 50 };
    await expect(get(settings)).rejects.toThrow('no answer within 50 ms');
  });

  test('is limited apart for a connection, handshake included', async () => {
    const mute = (await listen(createTcpServer((socket) => socket.resume()))).replace(
      'http:',
      'https:',
    );
    const limited = { bases: () => [mute], connectTimeout: 50, requestTimeout: 10_000 };
    await expect(get(limited)).rejects.toThrow('no connection within 50 ms');
  });

  test('runs out at one address and goes on at the next', async () => {
    const slow = await serve(() => {});
    const good = await serve((_, response) => response.end('ok'));
    const time = startVirtualTime();
    onTestFinished(time.stop);
    const reply = await time.during(get({ bases: () => [slow, good], requestTimeout: 50 }));
    expect(reply.text).toBe('ok');
  });
});

describe('abort', () => {
  test('ends the request with the signal’s reason, tries no other address, and closes the connection', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    let closed: Promise<unknown> = Promise.resolve();
    let others = 0;
    const slow = await serve((request) => {
      closed = new Promise((resolve) => request.socket.once('close', resolve));
      controller.abort(reason);
    });
    const other = await serve((_, response) => {
      others++;
      response.end();
    });
    const client = clientOf({ bases: () => [slow, other] });
    await expect(client.request({ method: 'GET', path: '/' }, controller.signal)).rejects.toBe(
      reason,
    );
    await closed;
    expect(others).toBe(0);
  });

  test('before the request sends nothing', async () => {
    let requests = 0;
    const base = await serve((_, response) => {
      requests++;
      response.end();
    });
    const client = clientOf({ bases: () => [base] });
    await expect(
      client.request({ method: 'GET', path: '/' }, AbortSignal.abort()),
    ).rejects.toThrow();
    expect(requests).toBe(0);
  });
});

describe('credentials', () => {
  /** Accepts one token; the client holds `tokens[0]` and finds the next at each reading. */
  const rotated = async (accepted: string, tokens: readonly string[]) => {
    let at = 0;
    let reads = 0;
    const base = await serve((request, response) => {
      response
        .writeHead(request.headers['x-token'] === accepted ? 200 : 403)
        .end(`${request.headers['x-token']}`);
    });
    const client = clientOf({
      bases: () => [base],
      headers: () => ({ 'x-token': tokens[at] ?? '' }),
      refresh: async () => {
        reads++;
        at = Math.min(at + 1, tokens.length - 1);
        return at > 0 && reads < tokens.length;
      },
    });
    const ask = () => client.request({ method: 'GET', path: '/' }, quiet());
    return { ask, reads: () => reads };
  };

  test('are read again after a 403, and the request is sent once more', async () => {
    const { ask, reads } = await rotated('new', ['old', 'new']);
    expect(await ask()).toMatchObject({ status: 200, text: 'new' });
    expect(reads()).toBe(1);
  });

  test('that did not change leave the 403 as it is', async () => {
    const { ask, reads } = await rotated('other', ['old']);
    expect((await ask()).status).toBe(403);
    expect(reads()).toBe(1);
  });

  test('are read once for requests that are denied together, and each is sent again', async () => {
    const { ask, reads } = await rotated('new', ['old', 'new']);
    const replies = await Promise.all(Array.from({ length: 5 }, ask));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(reads()).toBe(1);
  });

  test('that cannot be read leave the 403 as it is', async () => {
    const base = await serve((_, response) => response.writeHead(403).end('denied'));
    const refresh = async () => {
      throw new Error('secrets are down');
    };
    expect(await get({ bases: () => [base], refresh })).toMatchObject({
      status: 403,
      text: 'denied',
    });
  });
});

describe('TLS', () => {
  let authority: PrivateCa;
  let server: Certificate;
  let client: Certificate;
  beforeAll(() => {
    authority = createPrivateCa();
    server = authority.sign('server', 'subjectAltName=DNS:server.dc1.consul');
    client = authority.sign('client', 'extendedKeyUsage=clientAuth');
  });
  afterAll(() => authority.remove());

  const secure = async (options: ServerOptions = {}) => {
    const listener: RequestListener = ({ socket }, response) => {
      const { CN } = (socket as TLSSocket).getPeerCertificate().subject ?? {};
      response.end(`hello ${CN ?? 'stranger'}`);
    };
    const own = { ...server, ca: authority.ca };
    const url = await listen(createTlsServer({ ...own, ...options }, listener));
    return url.replace('http:', 'https:');
  };
  const trust = () => ({ ca: authority.ca, servername: 'server.dc1.consul' });

  test('trusts a CA that is given, for the server name that is given', async () => {
    const base = await secure();
    expect((await get({ bases: () => [base], tls: trust })).text).toBe('hello stranger');
  });

  test('refuses a server whose CA is unknown, or whose name is another', async () => {
    const base = await secure();
    await expect(get({ bases: () => [base] })).rejects.toThrow(/certificate/);
    await expect(get({ bases: () => [base], tls: () => ({ ca: authority.ca }) })).rejects.toThrow(
      /altnames/,
    );
  });

  test('reads the CA again where the server’s certificate is not trusted: both may have been rotated', async () => {
    const base = await secure();
    const kept = [client.cert, authority.ca];
    const refresh = async () => {
      kept.shift();
      return kept.length > 0;
    };
    const tls = () => ({ ...trust(), ca: kept[0] ?? '' });
    expect((await get({ bases: () => [base], tls, refresh })).text).toBe('hello stranger');
    expect(kept).toHaveLength(1);
  });

  test('tells the fault of TLS where nothing has changed', async () => {
    const base = await secure();
    const refresh = async () => false;
    await expect(get({ bases: () => [base], refresh })).rejects.toThrow(/certificate/);
  });

  test('reads nothing again where nobody listens', async () => {
    const base = (await deserted()).replace('http:', 'https:');
    let reads = 0;
    const refresh = async () => ++reads > 0;
    await expect(get({ bases: () => [base], refresh })).rejects.toThrow(/ECONNREFUSED/);
    expect(reads).toBe(0);
  });

  test('shows a client certificate where one is asked for', async () => {
    const base = await secure({ requestCert: true, rejectUnauthorized: true });
    const own = () => ({ ...trust(), ...client });
    expect((await get({ bases: () => [base], tls: own })).text).toBe('hello client');
    await expect(get({ bases: () => [base], tls: trust })).rejects.toThrow(NoAnswer);
  });
});

test.each([
  ['http://user:secret@host:8761/eureka', 'http://host:8761/eureka'],
  ['https://user:p@ss/w:rd@host', 'https://host'],
  ['http://host:8500', 'http://host:8500'],
])('shows %s without its password', (url, shown) => {
  expect(withoutUserinfo(url)).toBe(shown);
});

describe('whoever gives up waiting', () => {
  test('begins at the next address, so that one that hangs does not keep the others from being asked', async () => {
    const hanging = await serve(() => {});
    const other = await serve((_, response) => response.end('here'));
    const client = httpClient({ bases: () => [hanging, other] });
    const time = startVirtualTime();
    const first = client.request({ method: 'GET', path: '/' }, AbortSignal.timeout(800));
    await expect(time.during(first)).rejects.toThrow('the time is over');
    const reply = await time.during(
      client.request({ method: 'GET', path: '/' }, AbortSignal.timeout(800)),
    );
    time.stop();
    expect(reply.text).toBe('here');
  });
});
