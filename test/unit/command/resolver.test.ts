import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, problemIn } from '../../../command/target/answered.ts';
import { askResolver } from '../../../command/target/resolver.ts';

const received: IncomingMessage[] = [];
const server = createServer((request, response) => {
  received.push(request);
  response.end('{}');
});
beforeAll(() => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)));
afterAll(() => server.close());

/** Asked where access is by IAM, with made-up credentials. */
const ask = async (path: string) => {
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'AKEXAMPLE', secretAccessKey: 'not-a-secret' };
  await askResolver(path, {
    stack: {
      name: 'rollcall-dev',
      parameters: { resolveAccess: 'iam' },
      outputs: { Resolver: `${endpoint}/` },
    },
    place: { region: 'eu-central-1', local: { endpoint, credentials } },
    client: undefined,
    signal: AbortSignal.timeout(10_000),
  });
  const { url, headers } = received.at(-1) ?? {};
  return { url, headers: headers ?? {} };
};

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) =>
  createHmac('sha256', key).update(text).digest();

/**
 * The signature that AWS expects of a GET without a body, by its own description
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html):
 * the path encoded once more than it is sent, the query in order.
 */
const expectedOf = (path: string, query: string, headers: IncomingMessage['headers']) => {
  const [, list = ''] = /SignedHeaders=([^,]+)/.exec(`${headers.authorization}`) ?? [];
  const lines = list.split(';').map((name) => `${name}:${headers[name]}`);
  const canonical = ['GET', path, query, ...lines, '', list, sha256('')].join('\n');
  const time = `${headers['x-amz-date']}`;
  const scope = [time.slice(0, 8), 'eu-central-1', 'execute-api', 'aws4_request'];
  const key = scope.reduce<string | Buffer>((made, part) => hmac(made, part), 'AWS4not-a-secret');
  const text = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n');
  return `AWS4-HMAC-SHA256 Credential=AKEXAMPLE/${scope.join('/')}, SignedHeaders=${list}, Signature=${hmac(key, text).toString('hex')}`;
};

describe('a resolver that knows callers by IAM', () => {
  it('is asked with a signature of the host, the path and the query, and with no token', async () => {
    const { url, headers } = await ask('/services/a%20b?y=2&x=a%2Fb&y=1');
    expect(url).toBe('/services/a%20b?y=2&x=a%2Fb&y=1');
    expect(headers.authorization).toMatch(/SignedHeaders=[^,]*\bhost\b/);
    expect(headers.authorization).toBe(expectedOf('/services/a%2520b', 'x=a%2Fb&y=1&y=2', headers));
  });

  it('is asked for the whole catalogue likewise', async () => {
    const { headers } = await ask('/services');
    expect(headers.authorization).toBe(expectedOf('/services', '', headers));
  });

  it.each(['.', '..', '%2e%2E'])(
    'is not asked for a name that a URL takes for a step in its path: %s',
    async (name) => {
      const before = received.length;
      await expect(ask(`/resolve/${name}`)).rejects.toThrow(`cannot be asked for it`);
      expect(received).toHaveLength(before);
    },
  );

  it('is asked for a name of more dots, or with dots, as for any other', async () => {
    expect((await ask('/resolve/...')).url).toBe('/resolve/...');
    expect((await ask('/resolve/a..b')).url).toBe('/resolve/a..b');
  });
});

describe('an answer that is none of the resolver’s', () => {
  it.each([
    ['API Gateway', '{"message":"Forbidden"}', 'Forbidden'],
    [
      'IAM',
      '{"Message":"User: anonymous is not authorized to perform: execute-api:Invoke"}',
      'User: anonymous is not authorized to perform: execute-api:Invoke',
    ],
    ['a proxy', '<html>no</html>', '<html>no</html>'],
  ])('is told in the words of whoever gives it: %s', async (_, body, words) => {
    expect(await problemIn(new Response(body, { status: 403 }))).toBe(words);
  });
});

describe('an answer of something else', () => {
  it('is told with the beginning of what came, where it is no JSON', async () => {
    const page = new Response('<html>Please sign in', { status: 200 });
    await expect(bodyOf(page)).rejects.toThrow('expected JSON, got <html>Please sign in');
    await expect(bodyOf(new Response(''))).rejects.toThrow('expected JSON, got nothing');
    expect(await bodyOf(new Response('[1]'))).toEqual([1]);
  });
});
