import { describe, expect, it } from 'vitest';
import { toRequest } from '../../../../shared/resolver/http/message.ts';
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

describe('several clients', () => {
  const TOKENS = { prometheus: 'p-token', fabio: 'f-token', none: '' };
  const setUp = (map: unknown = TOKENS) => {
    const clock = fakeClock();
    const state = { text: JSON.stringify(map), next: JSON.stringify(map), refreshes: 0 };
    const token = {
      reveal: () => state.text,
      refresh: async () => {
        state.refreshes++;
        state.text = state.next;
        return true;
      },
    };
    const { logged, logger } = recordLog();
    const rest = { now: clock.now, logger, requestLevel: 'info' } as const;
    const resolver = closed(token, rest);
    const statusWith = async (text: string, line = 'GET /services') =>
      (await ask(resolver, line, { authorization: `Bearer ${text}` })).status;
    const put = (next: unknown) => {
      state.next = JSON.stringify(next);
    };
    return { clock, state, logged, resolver, statusWith, put };
  };

  it('each have a token of their own, and the log names who asked, never with what', async () => {
    const { logged, statusWith } = setUp();
    const statuses = ['p-token', 'f-token', 'wrong', ''].map((text) => statusWith(text));
    expect(await Promise.all(statuses)).toEqual([200, 200, 401, 401]);
    expect(logged.map(({ client, status }) => [client, status])).toEqual(
      expect.arrayContaining([
        ['prometheus', 200],
        ['fabio', 200],
        [undefined, 401],
        [undefined, 401],
      ]),
    );
    expect(JSON.stringify(logged)).not.toMatch(/token|wrong/);
  });

  it('are called default where there is one plain token', async () => {
    const { logged, logger } = recordLog();
    await ask(closed(secret(TOKEN), { logger, requestLevel: 'info' }), 'GET /resolve/c0rrect', {
      'x-consul-token': TOKEN,
    });
    expect(logged).toMatchObject([
      {
        message: 'answered',
        method: 'GET',
        route: '/resolve/{name}',
        status: 404,
        client: 'default',
      },
    ]);
    expect(JSON.stringify(logged)).not.toContain('c0rrect');
  });

  it('are shut out within a minute of losing their token, others are not', async () => {
    const { clock, state, statusWith, put } = setUp();
    put({ prometheus: 'p-token' });
    clock.advance(44);
    expect(await statusWith('f-token')).toBe(200);
    expect(state.refreshes).toBe(0);
    clock.advance(16);
    expect(await Promise.all([statusWith('f-token'), statusWith('p-token')])).toEqual([401, 200]);
  });

  it('are not kept waiting for the secret that is read again under traffic', async () => {
    const { clock, state, statusWith } = setUp();
    let isRead = () => {};
    const reading = new Promise<void>((resolve) => {
      isRead = resolve;
    });
    const token = { reveal: () => state.text, refresh: () => reading.then(() => false) };
    const resolver = closed(token, { now: clock.now });
    clock.advance(45);
    expect((await ask(resolver, 'GET /services', { 'x-consul-token': 'p-token' })).status).toBe(
      200,
    );
    isRead();
    expect(await statusWith('p-token')).toBe(200);
  });

  it('lose their session in the browser with their token', async () => {
    const { clock, resolver, put } = setUp();
    const login = toRequest({ method: 'POST', target: '/login', body: 'token=f-token' });
    const [cookie = ''] = (await resolver(login)).cookies ?? [];
    const page = () => ask(resolver, 'GET /', { cookie: cookie.split(';')[0] ?? '' });
    expect((await page()).status).toBe(200);
    put({ prometheus: 'p-token' });
    clock.advance(60);
    expect((await page()).status).toBe(401);
  });

  it('keep their tokens where the secret becomes no list of tokens, which the log says', async () => {
    const { clock, state, logged, statusWith } = setUp();
    state.next = '{"prometheus": 7, "leak": "p-token"}';
    clock.advance(60);
    expect(await statusWith('p-token')).toBe(200);
    expect(logged.filter(({ level }) => level === 'warn')).toMatchObject([
      {
        error: expect.stringMatching(/^ROLLCALL_RESOLVE_TOKEN: expected a token, or a JSON object/),
      },
    ]);
    expect(JSON.stringify(logged)).not.toContain('leak');
  });

  it.each(['{', '{"a": 1}', '{"a": {"b": "c"}}', '{"": "x"}', '{"a b": "x"}'])(
    'cannot be told by %s, and it is not quoted',
    (text) => {
      const start = () => closed(secret(text));
      expect(start).toThrow(
        /^ROLLCALL_RESOLVE_TOKEN: expected a token, or a JSON object of tokens/,
      );
    },
  );

  it('that put a token into the query are named once: logs of proxies keep it', async () => {
    const { logged, resolver } = setUp();
    for (const query of ['token=p-token', 'token=f-token'])
      await ask(resolver, `GET /v1/catalog/services?${query}`);
    const warnings = logged.filter(({ level }) => level === 'warn');
    expect(warnings).toMatchObject([
      { message: expect.stringContaining('?token='), client: 'prometheus' },
    ]);
    expect(JSON.stringify(logged)).not.toMatch(/[pf]-token/);
  });
});

describe('a resolver behind CloudFront', () => {
  const behind = (access: 'open' | 'token' = 'open') =>
    resolverOver(directoryOf({ web: [] }).directory, {
      config: { access, token: secret(TOKEN), originSecret: secret('{"old":"one","new":"two"}') },
    });

  it.each(['/services', '/health', '/login', '/nothing', '/'])(
    'answers nobody who gets past it: %s',
    async (path) => {
      for (const headers of [{}, { 'x-rollcall-origin': 'three' }, { 'x-rollcall-origin': '' }])
        expect((await ask(behind(), `GET ${path}`, headers as Record<string, string>)).status).toBe(
          403,
        );
    },
  );

  it('answers whoever comes through it, with either secret while it is rotated', async () => {
    for (const given of ['one', 'two'])
      expect((await ask(behind(), 'GET /services', { 'x-rollcall-origin': given })).status).toBe(
        200,
      );
  });

  it('asks for the token besides', async () => {
    const origin = { 'x-rollcall-origin': 'one' };
    expect((await ask(behind('token'), 'GET /services', origin)).status).toBe(401);
    const both = { ...origin, 'x-consul-token': TOKEN };
    expect((await ask(behind('token'), 'GET /services', both)).status).toBe(200);
  });
});

describe('other access', () => {
  it.each(['iam', 'open'] as const)('by %s asks for no token here', async (access) => {
    const resolver = resolverOver(directoryOf({}).directory, { config: { access } });
    expect((await ask(resolver, 'GET /services')).status).toBe(200);
  });
});
