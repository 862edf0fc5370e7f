import { describe, expect, it } from 'vitest';
import { recordLog } from '../../../support/log.ts';
import { ask, directoryOf, fakeClock, resolverOver, secret } from '../support.ts';

const TOKEN = 'c0rrect-horse:battery';
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const closed = (token = secret(TOKEN), rest: Partial<Parameters<typeof resolverOver>[1]> = {}) =>
  resolverOver(directoryOf({ web: [] }).directory, { config: { access: 'token', token }, ...rest });
const statusOf = async (headers: Record<string, string>, line = 'GET /services') =>
  (await ask(closed(), line, headers)).status;

describe('access by token', () => {
  it.each([
    [{ authorization: `Bearer ${TOKEN}` }],
    [{ authorization: `bearer   ${TOKEN} ` }],
    [{ authorization: `Bearer ${TOKEN}` }],
    [{ 'x-consul-token': TOKEN }],
    [{ authorization: basic(`anybody:${TOKEN}`) }],
    [{ authorization: basic(`:${TOKEN}`) }],
    [{ authorization: 'Bearer wrong', 'x-consul-token': TOKEN }],
  ])('lets in %j', async (headers) => {
    expect(await statusOf(headers)).toBe(200);
  });

  it.each([
    [{}],
    [{ authorization: '' }],
    [{ authorization: 'Bearer' }],
    [{ authorization: TOKEN }],
    [{ authorization: `Digest ${TOKEN}` }],
    [{ authorization: `Bearer ${TOKEN}x` }],
    [{ authorization: `Bearer ${TOKEN.slice(1)}` }],
    [{ authorization: basic(TOKEN.replace(':', '')) }],
    [{ authorization: basic(`${TOKEN}:anybody`) }],
    [{ authorization: 'Basic %%%' }],
    [{ 'x-consul-token': '' }],
    [{ 'x-consul-token': 'wrong' }],
  ])('keeps out %j', async (headers: Record<string, string>) => {
    expect(await statusOf(headers)).toBe(401);
  });

  it.each([
    ['/v1/catalog/services', 200],
    ['/services', 401],
    ['/', 401],
    ['/go/web/', 401],
    ['/eureka/apps', 401],
    ['/prometheus/sd', 401],
  ])(
    "takes a token from the query of Consul's paths only, as logs keep queries: %s is %i",
    async (path, status) => {
      expect(await statusOf({}, `GET ${path}?token=${encodeURIComponent(TOKEN)}`)).toBe(status);
    },
  );

  it('keeps out a wrong token in the query', async () => {
    expect(await statusOf({}, 'GET /v1/catalog/services?token=wrong')).toBe(401);
    expect(await statusOf({}, 'GET /v1/catalog/services?token=')).toBe(401);
  });

  it('says how to come in, and repeats no token', async () => {
    const { headers, body } = await ask(closed(), 'GET /services', {
      authorization: 'Bearer wrong',
    });
    expect(headers).toMatchObject({
      'www-authenticate': 'Bearer realm="rollcall"',
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
    });
    expect(body).not.toMatch(/wrong|c0rrect/);
  });

  it.each([
    'GET /nothing',
    'POST /services',
    'GET /%',
    'GET /services?limit=x',
    'OPTIONS /services',
  ])('tells a stranger nothing else: %s', async (line) => {
    expect(await statusOf({}, line)).toBe(401);
  });

  it('leaves /health free', async () => {
    expect(await statusOf({}, 'GET /health')).toBe(200);
  });

  it('answers the preflight of a configured origin, which carries no token', async () => {
    const resolver = closed(secret(TOKEN), {
      config: { access: 'token', token: secret(TOKEN), corsOrigins: ['https://console.example'] },
    });
    const asking = { origin: 'https://console.example', 'access-control-request-method': 'GET' };
    const { status, headers } = await ask(resolver, 'OPTIONS /services', asking);
    expect(status).toBe(204);
    expect(headers).toMatchObject({
      'access-control-allow-origin': 'https://console.example',
      'access-control-allow-headers': expect.stringContaining('authorization'),
      vary: 'origin',
    });
    const foreign = await ask(resolver, 'OPTIONS /services', {
      ...asking,
      origin: 'https://evil.example',
    });
    expect(foreign.status).toBe(401);
  });

  it('opens to nobody with an empty token', async () => {
    const resolver = closed(secret(''));
    expect((await ask(resolver, 'GET /services', { 'x-consul-token': '' })).status).toBe(401);
    expect((await ask(resolver, 'GET /services', { authorization: basic('a:') })).status).toBe(401);
  });

  it('does not start without a token', () => {
    expect(() => resolverOver(directoryOf({}).directory, { config: { access: 'token' } })).toThrow(
      'ROLLCALL_RESOLVE_TOKEN',
    );
  });
});

describe('a rotated token', () => {
  const rotating = () => {
    const clock = fakeClock();
    const state = {
      text: 'old',
      next: 'old',
      refreshes: 0,
      failure: undefined as Error | undefined,
    };
    const token = {
      reveal: () => state.text,
      refresh: async () => {
        state.refreshes++;
        if (state.failure) throw state.failure;
        const changed = state.text !== state.next;
        state.text = state.next;
        return changed;
      },
    };
    const { logged, logger } = recordLog();
    const resolver = closed(token, { now: clock.now, logger });
    const statusWith = async (text: string) =>
      (await ask(resolver, 'GET /services', { 'x-consul-token': text })).status;
    return { clock, state, logged, resolver, statusWith };
  };

  it('is taken with the first request that brings it', async () => {
    const { state, statusWith } = rotating();
    expect(await statusWith('old')).toBe(200);
    state.next = 'new';
    expect(await statusWith('new')).toBe(200);
    expect(await statusWith('old')).toBe(401);
    expect(state.refreshes).toBe(1);
  });

  it('is looked for once in 30 seconds, however many guess', async () => {
    const { clock, state, statusWith } = rotating();
    await Promise.all(['a', 'b', 'c'].map(statusWith));
    clock.advance(29);
    await statusWith('d');
    expect(state.refreshes).toBe(1);
    state.next = 'new';
    clock.advance(1);
    expect(await Promise.all([statusWith('new'), statusWith('new')])).toEqual([200, 200]);
    expect(state.refreshes).toBe(2);
  });

  it('is not looked for when a request brings none', async () => {
    const { state, resolver } = rotating();
    await ask(resolver, 'GET /services');
    expect(state.refreshes).toBe(0);
  });

  it('that cannot be read leaves the old one in force, and is logged', async () => {
    const { state, logged, statusWith } = rotating();
    state.failure = new Error('AccessDenied');
    expect(await statusWith('new')).toBe(401);
    expect(await statusWith('old')).toBe(200);
    expect(logged).toMatchObject([
      { level: 'warn', message: 'the token could not be read again', error: 'AccessDenied' },
    ]);
  });
});

describe('other access', () => {
  it.each(['iam', 'open'] as const)('by %s asks for no token here', async (access) => {
    const resolver = resolverOver(directoryOf({}).directory, { config: { access } });
    expect((await ask(resolver, 'GET /services')).status).toBe(200);
  });
});
