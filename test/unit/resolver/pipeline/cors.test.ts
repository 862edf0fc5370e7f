import { describe, expect, it } from 'vitest';
import { ask, directoryOf, fakeClock, over, resolverOver, target } from '../support.ts';

const ORIGIN = 'https://console.example';
const content = { web: [target()] };

const scene = () => {
  const { state, directory } = directoryOf(content);
  const clock = fakeClock();
  const resolver = resolverOver(directory, { config: { corsOrigins: [ORIGIN] }, now: clock.now });
  return {
    state,
    clock,
    get: (path: string, origin = ORIGIN) => ask(resolver, `GET ${path}`, { origin }),
  };
};

describe('pages of other origins', () => {
  it('may read answers where they are configured', async () => {
    const { headers } = await scene().get('/services');
    expect(headers).toMatchObject({ 'access-control-allow-origin': ORIGIN, vary: 'origin' });
  });

  it('may read errors, too', async () => {
    const { headers } = await scene().get('/nothing');
    expect(headers).toHaveProperty('access-control-allow-origin');
  });

  it.each(['https://evil.example', `${ORIGIN}.evil.example`, 'null'])(
    'may not where they are not: %s',
    async (origin) => {
      const { headers } = await scene().get('/services', origin);
      expect(headers).not.toHaveProperty('access-control-allow-origin');
      expect(headers).toMatchObject({ vary: 'origin' });
    },
  );

  it('are not spoken of where none is configured', async () => {
    const { headers } = await ask(over(content), 'GET /services', { origin: ORIGIN });
    expect(Object.keys(headers).filter((name) => /access-control|vary/.test(name))).toEqual([]);
  });
});

describe('the headers of an answer', () => {
  /** What a script may read anyhow, and what is for the browser alone. */
  const APART = /^(cache-control|content-type|vary|x-content-type-options|access-control-.*)$/;
  const hiddenIn = ({ headers }: Awaited<ReturnType<ReturnType<typeof scene>['get']>>) => {
    const exposed = (headers['access-control-expose-headers'] ?? '').split(', ');
    return Object.keys(headers).filter((name) => !APART.test(name) && !exposed.includes(name));
  };
  const PATHS = [
    '/services',
    '/resolve/web',
    '/resolve/nobody',
    '/go/web/orders',
    '/prometheus/sd',
    '/v1/catalog/services',
    '/v1/health/service/web',
    '/eureka/apps',
  ];

  it.each(PATHS)('are all for scripts of those pages to read: %s', async (path) => {
    expect(hiddenIn(await scene().get(path))).toEqual([]);
  });

  it.each(PATHS)('are so while the registry is down: %s', async (path) => {
    const { state, clock, get } = scene();
    await get(path);
    state.failure = new Error('down');
    clock.advance(60);
    expect(hiddenIn(await get(path))).toEqual([]);
  });
});
