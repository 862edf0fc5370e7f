import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { axePath } from '../../scripts/real/axe.ts';
import type { Appearance, Page } from '../../scripts/real/chromium/page.ts';
import { type Browser, findChromium, startChromium } from '../../scripts/real/chromium.ts';
import type { ResolveConfig } from '../../shared/config/config.ts';
import { held, round } from '../support/page-scene.ts';
import { servePage, TOKEN } from './page/stage.ts';
import { withReal } from './real.ts';

const LOOKS: readonly (readonly [string, Appearance])[] = [
  ['light', { width: 1280, height: 900, scheme: 'light' }],
  ['dark', { width: 1280, height: 900, scheme: 'dark' }],
  ['on a phone', { width: 390, height: 844, scheme: 'light' }],
  ['on a phone, dark', { width: 390, height: 844, scheme: 'dark' }],
];

/** The polls of ten seconds come at once; `pending` tells whether another is to come. */
const HASTEN = `
  window.pending = new Set();
  const { setTimeout: real, clearTimeout: clear } = window;
  window.setTimeout = (work, wait) => {
    const timer = real(() => { pending.delete(timer); work(); }, Math.min(wait, 50));
    pending.add(timer);
    return timer;
  };
  window.clearTimeout = (timer) => { pending.delete(timer); clear(timer); };
`;

const LIVE = `document.getElementById('live').innerText`;
const STATUS = `document.getElementById('say').textContent`;

await withReal('the page in Chromium', findChromium, (path) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium(path);
  });
  afterAll(() => browser?.stop());

  const start = async ({ access = 'open' as ResolveConfig['access'], hasty = false } = {}) => {
    const served = await servePage(access);
    const page = await browser.open();
    onTestFinished(async () => {
      await page.close();
      await served.stop();
    });
    if (hasty) await page.before(HASTEN);
    const shows = (expression: string) => expect.poll(() => page.evaluate(expression), { timeout: 10_000 });
    return { ...served, page, shows };
  };

  describe('the page in Chromium', () => {
    it('asks for nothing but itself, and breaks no rule of its own', async () => {
      const { page, url } = await start();
      await page.go(url);
      expect(page.requested).toEqual([url]);
      expect(page.complaints).toEqual([]);
    });

    it('shows what changes, without being loaded again', async () => {
      const { page, url, state, shows } = await start({ hasty: true });
      await page.go(url);
      await page.evaluate('window.same = true');
      state.eureka.content = { ...state.eureka.content, BATCH: [held(51, { service: 'BATCH' })] };
      await shows(LIVE).toContain('10.0.0.51:8080');
      await shows(STATUS).toBe('5 services, 8 instances, 1 unhealthy, registries differ on 2');
      state.consul.failure = new Error('down');
      await shows(LIVE).toContain('consul cannot be read');
      expect(await page.evaluate('window.same')).toBe(true);
      expect(page.complaints).toEqual([]);
    });

    it('rests while nobody looks, or where it is told to', async () => {
      const { page, url, shows } = await start({ hasty: true });
      await page.go(url);
      const hide = (hidden: boolean) =>
        page.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, value: ${hidden} });
          document.dispatchEvent(new Event('visibilitychange'))`);
      await hide(true);
      await shows('pending.size').toBe(0);
      await hide(false);
      await shows('pending.size').toBe(1);
      await page.evaluate(`document.getElementById('pause').click()`);
      await shows('pending.size').toBe(0);
      expect(await page.evaluate(`document.getElementById('clock').textContent`)).toBe('Paused');
    });

    it('says that it is old where the resolver cannot be reached', async () => {
      const { page, url, stop, shows } = await start({ hasty: true });
      await page.go(url);
      await stop();
      await shows(STATUS).toBe('The resolver cannot be reached; what is shown is old.');
      expect(await page.evaluate(`document.getElementById('clock').innerText`)).toContain('is old');
      expect(await page.evaluate(LIVE)).toContain('10.0.0.1:8080');
    });

    it('is searched while one types, by keyboard alone', async () => {
      const { page, url, shows } = await start();
      await page.go(url);
      await page.evaluate(`document.querySelector('header').focus()`);
      const focused = () => page.evaluate('document.activeElement.name ?? document.activeElement.id');
      for (let at = 0; at < 3 && (await focused()) !== 'q'; at++) await page.press('Tab');
      expect(await focused()).toBe('q');
      await page.type('stock');
      await shows(LIVE).toContain('1 service, 2 instances');
      expect(await page.evaluate('location.search')).toBe('?q=stock');
      expect(await focused()).toBe('q');
      expect(await page.evaluate(`document.querySelector('[name=q]').value`)).toBe('stock');
    });

    it('keeps open and focused what was, when it renews itself', async () => {
      const { page, url, state, shows } = await start({ hasty: true });
      await page.go(url);
      await page.evaluate(`document.querySelector('.service summary').focus()`);
      const focused = await page.evaluate<string>('document.activeElement.id');
      await page.press('Enter');
      await shows(`document.querySelector('.service details').open`).toBe(true);
      state.round = round({ policy: 'observe' });
      await shows(`document.getElementById('live').textContent`).toContain('policy observe');
      expect(await page.evaluate(`document.querySelector('.service details').open`)).toBe(true);
      expect(await page.evaluate('document.activeElement.id')).toBe(focused);
    });

    it('shows hostile text as text', async () => {
      const { page, url, state } = await start();
      const evil = `</script><img src=x onerror="window.pwned=1">`;
      state.consul.content = {
        [evil]: [held(1, { service: evil, address: evil, tags: [evil], metadata: { [evil]: evil } })],
      };
      await page.go(url);
      expect(await page.evaluate('window.pwned ?? null')).toBe(null);
      expect(await page.evaluate(LIVE)).toContain(evil);
      expect(page.requested).toEqual([url]);
    });

    it('is read and searched without scripts', async () => {
      const { page, url } = await start();
      await page.withoutScripts();
      await page.go(`${url}?q=stock`);
      expect(await page.evaluate(LIVE)).toContain('1 service, 2 instances');
      expect(await page.evaluate(`document.getElementById('pause').offsetParent === null`)).toBe(true);
      await page.evaluate(`document.querySelector('[name=q]').value = 'mail'`);
      await page.submit(`document.getElementById('find').querySelector('button')`);
      expect(await page.evaluate('location.search')).toContain('q=mail');
      expect(await page.evaluate(LIVE)).toContain('1 service, 1 instance');
    });

    it.each([320, 360, 704, 705, 768, 1024, 1152, 1153, 1280, 1440])(
      'fits into %i pixels, with room for what is opened',
      async (width) => {
        const { page, url } = await start();
        await page.look({ width, height: 800, scheme: 'light' });
        await page.go(url);
        const overflow = () => page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect(await overflow()).toBe(0);
        await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`);
        expect(await overflow()).toBe(0);
        const facts = `[...document.querySelectorAll('dl')].map((one) => one.clientWidth)`;
        expect(Math.min(...(await page.evaluate<number[]>(facts)))).toBeGreaterThan(width * 0.85);
      },
    );

    it('leaves what opens and closes where it was', async () => {
      const { page, url } = await start();
      await page.go(url);
      const box = () =>
        page.evaluate(
          `(({ x, y }) => [x, y])(document.querySelector('.service summary').getBoundingClientRect())`,
        );
      const closed = await box();
      await page.evaluate(`document.querySelector('.service summary').click()`);
      expect(await page.evaluate(`document.querySelector('.service details').open`)).toBe(true);
      expect(await box()).toEqual(closed);
    });
  });

  describe('signing in with Chromium', () => {
    it('takes the token, and opens the page with a cookie that no script sees', async () => {
      const { page, url } = await start({ access: 'token' });
      const enter = async (token: string) => {
        await page.evaluate(`document.getElementById('token').value = ${JSON.stringify(token)}`);
        await page.submit(`document.querySelector('button')`);
      };
      await page.go(`${url}?q=stock`);
      await enter('wrong');
      expect(await page.evaluate(`document.querySelector('[role=alert]').textContent`)).toContain(
        'not valid',
      );
      await enter(TOKEN);
      expect(await page.evaluate('location.href')).toBe(`${url}?q=stock`);
      expect(await page.evaluate(LIVE)).toContain('1 service, 2 instances');
      expect(await page.evaluate('document.cookie')).toBe('');
      await page.submit(`document.querySelector('form[action=logout] button')`);
      expect(await page.evaluate(`document.getElementById('token') !== null`)).toBe(true);
      expect(page.requested.every((asked) => asked.startsWith(url))).toBe(true);
    });

    it('asks for it again where the session has ended', async () => {
      const { page, url, shows } = await start({ access: 'token', hasty: true });
      await page.go(url);
      await page.evaluate(`document.getElementById('token').value = '${TOKEN}'`);
      await page.submit(`document.querySelector('button')`);
      await page.evaluate(`fetch('logout', { method: 'POST' }).then(() => 0)`);
      await shows(STATUS).toBe('You are signed out. Load this page again to sign in.');
    });
  });

  const accessible = (file: string) => {
    const axe = readFileSync(file, 'utf8');
    const STATES: readonly (readonly [
      string,
      (stage: Awaited<ReturnType<typeof start>>) => Promise<void>,
    ])[] = [
      ['the catalogue, with drift and failures', ({ page, url }) => page.go(url)],
      [
        'everything opened',
        async ({ page, url }) => {
          await page.go(url);
          await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`);
        },
      ],
      ['a search that finds nothing', ({ page, url }) => page.go(`${url}?q=nobody`)],
      [
        'the second page of one service',
        ({ page, url, state }) => {
          const many = Array.from({ length: 101 }, (_, at) => held(at));
          state.cloudmap.content = { web: many };
          return page.go(`${url}?service=web&page=2`);
        },
      ],
      [
        'nothing registered yet',
        ({ page, url, state }) => {
          for (const name of ['cloudmap', 'consul', 'eureka'] as const) state[name].content = {};
          state.round = undefined;
          return page.go(url);
        },
      ],
      [
        'registries that cannot be read',
        ({ page, url, state }) => {
          state.cloudmap.failure = state.eureka.failure = new Error('down');
          return page.go(url);
        },
      ],
    ];
    const findings = (page: Page) =>
      page.evaluate(`${axe};axe.run().then(({ violations, incomplete }) =>
        [...violations, ...incomplete].map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))]))`);

    describe.each(LOOKS)('%s', (_, look) => {
      it.each(STATES)('finds nothing in %s', async (_, go) => {
        const stage = await start();
        await stage.page.look(look);
        await go(stage);
        expect(await findings(stage.page)).toEqual([]);
      });
    });

    it.each(LOOKS)('finds nothing in the form for the token, %s', async (_, look) => {
      const { page, url } = await start({ access: 'token' });
      await page.look(look);
      await page.go(url);
      expect(await findings(page)).toEqual([]);
      await page.evaluate(`document.getElementById('token').value = 'wrong'`);
      await page.submit(`document.querySelector('button')`);
      expect(await findings(page)).toEqual([]);
    });
  };

  describe('accessibility, by axe', () => withReal('axe-core', axePath, accessible));
});
