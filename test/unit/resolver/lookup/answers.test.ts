import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAnswers } from '../../../../shared/resolver/lookup/answers.ts';
import { createCachedDirectory } from '../../../../shared/resolver/lookup/cached-directory.ts';
import { RequestReader } from '../../../../shared/resolver/lookup/request-reader.ts';
import { collectGarbage } from '../../../support/garbage.ts';
import { ask, directoryOf, fakeClock, resolverOver, secret, target } from '../support.ts';

const TTL = 5;

const setUp = (budget = 1_000_000) => {
  const { state, directory } = directoryOf({ web: [target()] });
  const clock = fakeClock();
  const cached = createCachedDirectory({
    directory,
    ttl: TTL,
    now: clock.now,
    onFailure: () => {},
  });
  const answers = createAnswers(budget);
  const rendered: string[] = [];
  /** What each was made from. */
  const sources: WeakRef<object>[] = [];
  /** An answer of the ports of `web`, filled up to a size. */
  const get = async (key: string, size = 0) => {
    const reader = new RequestReader(cached);
    const body = await answers.get(key, reader, async (reads) => {
      rendered.push(key);
      const targets = (await reads.instances('web')) ?? [];
      sources.push(new WeakRef(targets));
      const ports = targets.map(({ port }) => port);
      return [ports.join(), ' '.repeat(size)];
    });
    const reads = reader.reads().map(({ service }) => service);
    return { body, reads, freshness: reader.freshness() };
  };
  return { state, clock, rendered, sources, get, bytes: () => answers.counts().bytes };
};

describe('a kept answer', () => {
  it('is given again while what it was made from is the same, read again or not', async () => {
    const { state, clock, rendered, get } = setUp();
    const { body } = await get('a');
    clock.advance(1);
    expect(await get('a')).toMatchObject({ body, freshness: { age: 1000, stale: false } });
    state.content = structuredClone(state.content);
    clock.advance(3 * TTL);
    expect((await get('a')).body).toBe(body);
    expect(rendered).toEqual(['a']);
  });

  it('is made anew with a change, and tells how old what it is made from is', async () => {
    const { state, clock, get } = setUp();
    await get('a');
    state.content = { web: [target({ port: 9 })] };
    clock.advance(3 * TTL);
    const { body, freshness } = await get('a');
    expect([String(await body.plain()), freshness]).toEqual(['9', { age: 0, stale: false }]);
  });

  it('is held by what it was made from alone, however often it was made anew', async () => {
    const { state, clock, get } = setUp();
    for (let port = 1; port <= 20; port++) {
      state.content = { web: [target({ port })] };
      clock.advance(3 * TTL);
      await get('a');
    }
    expect((await get('a')).reads).toEqual(['web']);
  });

  it('is made once for all who wait for it, each told its age', async () => {
    const { rendered, get } = setUp();
    const all = await Promise.all([get('a'), get('a'), get('a')]);
    expect(rendered).toEqual(['a']);
    expect(all.map(({ freshness }) => freshness?.age)).toEqual([0, 0, 0]);
  });

  it('is not kept where it could not be made', async () => {
    const { state, get, clock } = setUp();
    state.failure = new Error('down');
    await expect(get('a')).rejects.toThrow();
    state.failure = undefined;
    clock.advance(TTL);
    expect(String(await (await get('a')).body.plain())).toBe('8080');
  });

  it('goes when there are too many bytes, those first that were asked for longest ago', async () => {
    const { rendered, get } = setUp(45_000);
    for (const key of ['a', 'b', 'a', 'c', 'a', 'c', 'b']) await get(key, 20_000);
    expect(rendered).toEqual(['a', 'b', 'c', 'b']);
  });

  it('counts with its compressed form from when it is used again', async () => {
    const { rendered, get } = setUp(38_060);
    for (const key of ['a', 'b', 'a', 'b']) await get(key, 18_000);
    expect(rendered).toEqual(['a', 'b']);
    await (await get('a', 18_000)).body.gzip();
    for (const key of ['a', 'c', 'a']) await get(key, 18_000);
    expect(rendered).toEqual(['a', 'b', 'c', 'a']);
  });

  it('counts so too where little is kept', async () => {
    const { get, bytes } = setUp();
    const { body } = await get('a', 20_000);
    const before = bytes();
    const packed = await body.gzip();
    await get('a');
    // With the text that it is sent as.
    expect(bytes() - before).toBe(2 * packed.length);
  });

  it('counts with its key, which may be longer than its body', async () => {
    const { rendered, get } = setUp(15_000);
    const [a, b] = ['a'.repeat(9_000), 'b'.repeat(9_000)];
    for (const key of [a, b, a]) await get(key);
    expect(rendered).toEqual([a, b, a]);
  });

  it('holds nothing of what it was made from, once that is another', async () => {
    const { state, clock, sources, get } = setUp();
    await get('a');
    state.content = { web: [target({ port: 9 })] };
    clock.advance(3 * TTL);
    await get('b');
    await collectGarbage();
    expect(sources.map((source) => source.deref() !== undefined)).toEqual([false, true]);
    expect(String(await (await get('a')).body.plain())).toBe('9');
  });

  it('is made anew where what it was made from is gone', async () => {
    const { state, clock, get } = setUp();
    await get('a');
    state.content = {};
    clock.advance(3 * TTL);
    await get('b');
    await collectGarbage();
    expect(String(await (await get('a')).body.plain())).toBe('');
  });

  it('stays where it alone is larger than all that may be kept', async () => {
    const { rendered, get } = setUp(1_000);
    for (let time = 0; time < 3; time++) await get('a', 10_000);
    expect(rendered).toEqual(['a']);
  });
});

describe('what is kept for one request', () => {
  const content = {
    dns: [target({ id: 'd', service: 'dns', protocol: 'udp', healthy: false })],
    web: [target({ tags: ['v1'], metadata: { eureka_vip: 'shop' } }), target({ id: 'b' })],
  };

  it('is given to nobody without the token', async () => {
    const { directory } = directoryOf(content);
    const resolver = resolverOver(directory, { config: { access: 'token', token: secret('t') } });
    const path = 'GET /v1/health/service/web';
    expect((await ask(resolver, path, { 'x-consul-token': 't' })).status).toBe(200);
    for (const headers of [{}, { 'x-consul-token': 'x' }])
      expect((await ask(resolver, path, headers)).status).toBe(401);
  });

  it('passes no check of the query', async () => {
    const resolver = resolverOver(directoryOf(content).directory);
    expect((await ask(resolver, 'GET /services?tag=v1')).status).toBe(200);
    expect((await ask(resolver, 'GET /services?tag=v1&limit=x')).status).toBe(400);
    expect((await ask(resolver, 'GET /services?tag=v1&_=1&x=1')).status).toBe(400);
  });

  it('names no origin but that of its own request', async () => {
    const corsOrigins = ['https://a.example', 'https://b.example'];
    const resolver = resolverOver(directoryOf(content).directory, { config: { corsOrigins } });
    for (const origin of [...corsOrigins, 'https://c.example']) {
      const { headers } = await ask(resolver, 'GET /services', { origin });
      expect(headers['vary']).toContain('origin');
      expect(headers['access-control-allow-origin']).toBe(
        corsOrigins.includes(origin) ? origin : undefined,
      );
    }
  });

  it('never differs from what is made for another alone, whatever was asked before', async () => {
    const path = fc.constantFrom(
      ...['/services', '/services?healthy=true', '/services?_=1', '/services/web?tag=v1'],
      ...['/prometheus/sd', '/prometheus/sd?service=web', '/eureka/apps', '/eureka/apps/web'],
      ...['/eureka/vips/SHOP', '/eureka/svips/shop', '/eureka/instances/b', '/eureka/apps/web/b'],
      ...['/v1/catalog/services', '/v1/health/service/web?passing', '/v1/health/service/web'],
      ...['/v1/health/service/web?tag=v1', '/v1/health/service/web?filter=Service.ID==b'],
      ...['/v1/catalog/nodes', '/v1/health/state/passing', '/v1/catalog/node/ip-10-0-0-1'],
    );
    const step = fc.record({
      path,
      method: fc.constantFrom('GET', 'HEAD'),
      accept: fc.constantFrom('application/json', 'application/xml'),
      encoding: fc.constantFrom('gzip', 'identity'),
      change: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const { state, directory } = directoryOf(content);
        const clock = fakeClock();
        const warm = resolverOver(directory, { now: clock.now });
        for (const { path, method, accept, encoding, change } of steps) {
          if (change) {
            state.content = { ...content, web: [...content.web, target({ id: change })] };
            clock.advance(60);
          }
          const headers = { accept, 'accept-encoding': encoding };
          const [kept, fresh] = await Promise.all(
            [warm, resolverOver(directory, { now: clock.now })].map((resolver) =>
              ask(resolver, `${method} ${path}`, headers),
            ),
          );
          const { age: _, 'x-consul-index': index, ...rest } = kept?.headers ?? {};
          expect({ ...kept, headers: rest }).toMatchObject({
            status: fresh?.status,
            body: fresh?.body,
          });
          expect(rest['etag']).toBe(fresh?.headers['etag']);
          expect(rest['content-type']).toBe(fresh?.headers['content-type']);
          // The same digest, though perhaps not the same second.
          expect(Number(index ?? 0) % 2 ** 22).toBe(
            Number(fresh?.headers['x-consul-index'] ?? 0) % 2 ** 22,
          );
        }
      }),
      { numRuns: 40 },
    );
  });
});
