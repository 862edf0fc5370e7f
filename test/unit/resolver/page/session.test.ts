import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toRequest } from '../../../../shared/resolver/http/message.ts';
import { makeTicket } from '../../../../shared/resolver/page/ticket.ts';
import { directoryOf, fakeClock, resolverOver, secret } from '../support.ts';

const TOKEN = 'c0rrect-horse:battery';
const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', host: 'rollcall.example' };

const stage = () => {
  const clock = fakeClock();
  const state = { text: TOKEN, next: TOKEN, refreshes: 0 };
  const token = secret('', async () => {
    state.refreshes++;
    state.text = state.next;
    return true;
  });
  const resolver = resolverOver(directoryOf({ web: [] }).directory, {
    config: { access: 'token', token: { ...token, reveal: () => state.text } },
    now: clock.now,
  });
  const send = (line: string, headers: Record<string, string> = {}, body?: string) => {
    const [method = '', target = ''] = line.split(' ');
    return resolver(
      toRequest({
        method,
        target,
        headers: { ...BROWSER, ...headers },
        ...(body !== undefined && { body }),
      }),
    );
  };
  const signIn = async (text: string, headers: Record<string, string> = {}, target = '/login') =>
    send(`POST ${target}`, headers, new URLSearchParams({ token: text }).toString());
  const cookieOf = async (text = TOKEN) => (await signIn(text)).cookies?.[0]?.split(';')[0] ?? '';
  return { clock, state, resolver, send, signIn, cookieOf };
};

describe('a browser without a cookie', () => {
  it('gets the form', async () => {
    const { status, headers, body } = await stage().send('GET /?q=%22web');
    expect([status, headers['content-type']]).toEqual([401, 'text/html; charset=utf-8']);
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(body).toContain('action="login?q=%22web"');
    expect(body).not.toContain('web</');
  });

  it('gets no form on other paths, and programs never', async () => {
    const { send } = stage();
    expect((await send('GET /services')).headers['content-type']).toBe('application/problem+json');
    expect((await send('GET /', { accept: '*/*' })).headers['content-type']).toBe(
      'application/problem+json',
    );
  });
});

describe('a ticket', () => {
  const withTicket = () => {
    const { clock, send, ...rest } = stage();
    const redeem = (ticket: string, headers: Record<string, string> = {}) =>
      send('POST /login', headers, new URLSearchParams({ token: '', ticket }).toString());
    return { clock, send, redeem, ...rest };
  };

  it('signs in once', async () => {
    const { clock, redeem, send } = withTicket();
    const ticket = makeTicket(TOKEN, clock.now());
    const first = await redeem(ticket);
    expect([first.status, first.headers['location']]).toEqual([303, './']);
    const cookie = first.cookies?.[0]?.split(';')[0] ?? '';
    expect((await send('GET /', { cookie })).status).toBe(200);
    const again = await redeem(ticket);
    expect([again.status, again.cookies]).toEqual([401, undefined]);
    expect(again.body).toContain('This link was used, or is too old');
  });

  it('that is redeemed twice at once signs in once', async () => {
    const { clock, redeem } = withTicket();
    const ticket = makeTicket(TOKEN, clock.now());
    const both = await Promise.all([redeem(ticket), redeem(ticket)]);
    expect(both.map(({ status }) => status).sort()).toEqual([303, 401]);
  });

  it('is over within a minute, and none is taken that is made for longer', async () => {
    const { clock, redeem } = withTicket();
    const ticket = makeTicket(TOKEN, clock.now());
    clock.advance(46_000);
    expect((await redeem(ticket)).status).toBe(401);
    expect((await redeem(makeTicket(TOKEN, clock.now() + 20_000))).status).toBe(401);
    expect((await redeem(makeTicket(TOKEN, clock.now() + 14_000))).status).toBe(303);
  });

  it('is the token’s own: another token, a changed time or another site makes none', async () => {
    const { clock, redeem } = withTicket();
    const ticket = makeTicket(TOKEN, clock.now());
    const later = ticket.replace(/^\d+/, (end) => String(Number(end) + 5));
    for (const wrong of [makeTicket('guess', clock.now()), later, 'a', `${ticket}x`])
      expect((await redeem(wrong)).status).toBe(401);
    expect((await redeem(ticket, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect(ticket).not.toContain(TOKEN);
    expect((await redeem(ticket)).status).toBe(303);
  });

  it('opens no page and no other path where it stands in place of the token', async () => {
    const { clock, send } = withTicket();
    const ticket = makeTicket(TOKEN, clock.now());
    for (const path of ['/', '/services', `/?ticket=${ticket}`])
      expect((await send(`GET ${path}`, { authorization: `Bearer ${ticket}` })).status).toBe(401);
  });

  it('is taken out of the address by the form’s own script, which the page’s policy names', async () => {
    const { body, headers } = await withTicket().send('GET /');
    const [, script = ''] = /<script>([\s\S]*?)<\/script>/.exec(String(body)) ?? [];
    expect(script).toContain('history.replaceState');
    const hash = createHash('sha256').update(script).digest('base64');
    expect(headers['content-security-policy']).toContain(`'sha256-${hash}'`);
  });
});

describe('signing in', () => {
  it('sets a cookie that holds no token, for this host, out of reach of scripts and other sites', async () => {
    const { status, headers, cookies } = await stage().signIn(TOKEN);
    expect([status, headers['location'], headers['cache-control']]).toEqual([
      303,
      './',
      'no-store',
    ]);
    expect(cookies).toEqual([
      expect.stringMatching(
        /^__Host-rollcall=\d+\.[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/,
      ),
    ]);
    expect(cookies?.[0]).not.toContain('c0rrect');
  });

  it.each([
    ['localhost:8080', undefined, false],
    ['127.0.0.1', undefined, false],
    ['[::1]:1', undefined, false],
    ['localhost', 'https', true],
    ['localhost.evil.example', undefined, true],
    ['10.0.0.1', undefined, true],
  ])('at %s, forwarded from %s, asks for TLS: %s', async (host, proto, secure) => {
    const { cookies } = await stage().signIn(TOKEN, {
      host,
      ...(proto && { 'x-forwarded-proto': proto }),
    });
    expect(cookies?.[0]?.endsWith('; Secure')).toBe(secure);
    expect(cookies?.[0]?.startsWith('__Host-')).toBe(secure);
  });

  it('opens the page, which then offers to sign out', async () => {
    const { send, cookieOf } = stage();
    const { status, body } = await send('GET /', { cookie: `other=1; ${await cookieOf()}` });
    expect(status).toBe(200);
    expect(body).toContain('action="logout"');
  });

  it('comes back to what was asked for, and to nowhere else', async () => {
    const { signIn } = stage();
    expect((await signIn(TOKEN, {}, '/login?q=web&next=//evil.example')).headers['location']).toBe(
      './?q=web',
    );
  });

  it('refuses what is not the token, with the form again, and sets nothing', async () => {
    const { signIn, send } = stage();
    for (const answer of [
      await signIn('wrong'),
      await signIn(''),
      await send('POST /login', {}, 'x'),
    ]) {
      expect([answer.status, answer.cookies]).toEqual([401, undefined]);
      expect(answer.body).toContain('This token is not valid.');
      expect(answer.body).not.toContain('wrong');
    }
  });

  it('looks at the secret once in 30 seconds, however many guess, and not for an empty guess', async () => {
    const { clock, state, signIn, send } = stage();
    await signIn('');
    await Promise.all(['a', 'b', 'c'].map((text) => signIn(text)));
    await send('GET /', {
      cookie: `rollcall=${Math.floor(clock.now() / 1000) + 60}.${'A'.repeat(43)}`,
    });
    expect(state.refreshes).toBe(1);
  });

  it('is taken from our own pages only', async () => {
    const { signIn, send } = stage();
    for (const site of ['cross-site', 'same-site']) {
      expect((await signIn(TOKEN, { 'sec-fetch-site': site })).status).toBe(403);
      expect((await send('POST /logout', { 'sec-fetch-site': site })).status).toBe(403);
    }
    expect((await signIn(TOKEN, { 'sec-fetch-site': 'same-origin' })).status).toBe(303);
  });

  it('leads to the page where no token is asked for', async () => {
    const open = resolverOver(directoryOf({}).directory);
    const answer = await open(
      toRequest({ method: 'POST', target: '/login', headers: BROWSER, body: 'token=x' }),
    );
    expect([answer.status, answer.headers['location'], answer.cookies]).toEqual([
      303,
      './',
      undefined,
    ]);
    expect(
      (await open(toRequest({ method: 'GET', target: '/', headers: BROWSER }))).body,
    ).not.toContain('action="logout"');
  });
});

describe('the cookie', () => {
  it.each([
    'GET /services',
    'GET /go/web',
    'POST /v3/discovery:endpoints',
    'GET /nothing',
    'POST /',
  ])('opens nothing but the page: %s', async (line) => {
    const { send, cookieOf } = stage();
    expect((await send(line, { cookie: await cookieOf() })).status).toBe(401);
  });

  it('answers HEAD of the page', async () => {
    const { send, cookieOf } = stage();
    expect(await send('HEAD /', { cookie: await cookieOf() })).toMatchObject({
      status: 200,
      body: '',
    });
  });

  it('ends after twelve hours', async () => {
    const { clock, send, cookieOf } = stage();
    const cookie = await cookieOf();
    clock.advance(12 * 3600 - 1);
    expect((await send('GET /', { cookie })).status).toBe(200);
    clock.advance(1);
    expect((await send('GET /', { cookie })).status).toBe(401);
  });

  it('ends when the token is rotated', async () => {
    const { clock, state, send, cookieOf } = stage();
    const old = await cookieOf();
    state.next = 'new';
    const fresh = await cookieOf('new');
    expect((await send('GET /', { cookie: old })).status).toBe(401);
    clock.advance(60);
    expect((await send('GET /', { cookie: fresh })).status).toBe(200);
  });

  it('of a new token is known to a process that has still the old one', async () => {
    const [one, other] = [stage(), stage()];
    one.state.text = one.state.next = other.state.next = 'new';
    expect((await other.send('GET /', { cookie: await one.cookieOf('new') })).status).toBe(200);
  });

  it.each<[string, (value: string) => string]>([
    ['another end', (value) => value.replace(/=\d/, '=9')],
    ['another code', (value) => `${value.slice(0, -1)}${value.endsWith('A') ? 'B' : 'A'}`],
    ['no code', (value) => value.split('.')[0] ?? ''],
    ['more behind it', (value) => `${value}x`],
    ['the token itself', () => `__Host-rollcall=${TOKEN}`],
  ])('with %s opens nothing', async (_, change) => {
    const { send, cookieOf } = stage();
    expect((await send('GET /', { cookie: change(await cookieOf()) })).status).toBe(401);
  });

  it('still opens beside one that somebody else set', async () => {
    const { clock, send, cookieOf } = stage();
    const planted = `rollcall=${Math.floor(clock.now() / 1000) + 60}.${'A'.repeat(43)}`;
    expect((await send('GET /', { cookie: `${planted}; ${await cookieOf()}` })).status).toBe(200);
  });

  it('of an empty token opens nothing', async () => {
    const { state, send, cookieOf } = stage();
    state.text = state.next = '';
    expect(await cookieOf('')).toBe('');
    const empty = stage();
    expect((await send('GET /', { cookie: await empty.cookieOf() })).status).toBe(401);
  });
});

describe('signing out', () => {
  it('takes the cookie away, and what the browser keeps of the page', async () => {
    const { status, headers, cookies } = await stage().send('POST /logout');
    expect([status, headers['location'], headers['clear-site-data']]).toEqual([
      303,
      './',
      '"cache"',
    ]);
    expect(cookies).toEqual([
      '__Host-rollcall=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure',
    ]);
  });
});
