import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findChromium, startChromium } from '../../scripts/real/chromium.ts';
import type { ResolveConfig } from '../../shared/config/config.ts';
import { makeTicket } from '../../shared/resolver/page/ticket.ts';
import { held, hostile, inCapitals, NOW, round, SHOP, troubled } from '../support/page-scene.ts';
import { servePage, TOKEN } from './page/stage.ts';
import { type Appearance, openTab, submit, type TabOptions } from './page/tab.ts';
import { withReal } from './real.ts';

const signIn = async (page: Page, token: string) => {
  await page.locator('#token').fill(token);
  await submit(page, 'button');
};

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

const FOCUSED = 'document.activeElement.name ?? document.activeElement.id';
const OPEN_ALL = `for (const one of document.querySelectorAll('details')) one.open = true`;

const attacked = () => {
  const content = hostile(10_000, 60);
  return { cloudmap: content, consul: content, eureka: inCapitals(content) };
};
/** What there is, and a service of it. */
const CONTENTS: readonly (readonly [string, () => typeof SHOP, string])[] = [
  ['3 services', () => SHOP, 'web'],
  ['50 services', () => troubled(50, 4), 'mail-api'],
  ['300 services', () => troubled(300, 10), 'orders-api'],
  ['10,000 hostile instances', attacked, `${'x'.repeat(300)}3`.slice(0, 300)],
];

/** Parts of the page, by name. */
const partsOf = (page: Page) => ({
  live: () => page.locator('#live').innerText(),
  top: () => page.locator('#top').innerText(),
  status: () => page.locator('#say').textContent(),
  clock: () => page.locator('#clock').innerText(),
  /** The details of the first instance, closed at first. */
  first: page.locator('.instances details').first(),
  summary: page.locator('.instances summary').first(),
});

await withReal('the page in Chromium', findChromium, (path) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium(path);
  });
  afterAll(() => browser?.close());

  interface Start extends Omit<TabOptions, 'before'> {
    readonly access?: ResolveConfig['access'];
    readonly hasty?: boolean;
    readonly content?: Parameters<typeof servePage>[1];
  }
  const start = async ({ access = 'open', hasty = false, content, ...options }: Start = {}) => {
    const served = await servePage(access, content);
    const tab = await openTab(browser, { ...options, before: hasty ? HASTEN : undefined });
    const { page } = tab;
    onTestFinished(async () => {
      await page.close();
      await served.stop();
    });
    const shows = (read: () => Promise<unknown>) => expect.poll(read, { timeout: 10_000 });
    return { ...served, ...tab, ...partsOf(page), shows };
  };

  describe('the page in Chromium', () => {
    it('asks for nothing but itself, and breaks no rule of its own', async () => {
      const { page, url, requested, complaints } = await start();
      await page.goto(url);
      expect(requested).toEqual([url]);
      expect(complaints).toEqual([]);
    });

    it('shows what changes, without being loaded again', async () => {
      const { page, url, state, complaints, live, top, status, shows } = await start({
        hasty: true,
      });
      await page.goto(url);
      await page.evaluate('window.same = true');
      state.eureka.content = { ...state.eureka.content, BATCH: [held(51, { service: 'BATCH' })] };
      await shows(live).toContain('BATCH');
      await shows(status).toBe(
        '5 services, 8 instances, 3 need you, 1 unhealthy, registries differ on 2',
      );
      state.consul.failure = new Error('down');
      await shows(top).toContain('Consul cannot be read');
      await shows(() => page.title()).toContain('need you · Consul cannot be read · prod');
      expect(await page.evaluate('window.same')).toBe(true);
      expect(complaints).toEqual([]);
    });

    it('rests while nobody looks, or where it is told to', async () => {
      const { page, url, clock, shows } = await start({ hasty: true });
      await page.goto(url);
      const hide = (hidden: boolean) =>
        page.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, value: ${hidden} });
          document.dispatchEvent(new Event('visibilitychange'))`);
      const pending = () => page.evaluate('pending.size');
      await hide(true);
      await shows(pending).toBe(0);
      await hide(false);
      await shows(pending).toBe(1);
      await page.locator('#pause').click();
      await shows(clock).toBe('Paused');
      expect(await pending()).toBe(0);
    });

    it('stays paused where an answer comes that was asked for before', async () => {
      const { page, url, state, live, clock } = await start({ hasty: true });
      const answers = Promise.withResolvers<void>();
      await page.goto(url);
      await page.route(url, async (route) => {
        await answers.promise;
        await route.continue();
      });
      await page.waitForRequest(url);
      state.eureka.content = { BATCH: [held(51, { service: 'BATCH' })] };
      await page.locator('#pause').click();
      const answered = page.waitForEvent('requestfinished');
      answers.resolve();
      await answered;
      // What the page does with an answer is done before it is asked for anything later.
      await page.evaluate(
        'new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))',
      );
      expect(await clock()).toBe('Paused');
      expect(await live()).not.toContain('BATCH');
    });

    it('says that it is old where the resolver cannot be reached', async () => {
      const { page, url, stop, live, status, clock, shows } = await start({ hasty: true });
      await page.goto(url);
      await stop();
      await shows(status).toBe('The resolver cannot be reached; what is shown is old.');
      expect(await clock()).toContain('is old');
      expect(await live()).toContain('stock-price');
    });

    it('is searched while one types, by keyboard alone', async () => {
      const { page, url, live, shows } = await start();
      await page.goto(url);
      await page.locator('header').focus();
      const focused = () => page.evaluate(FOCUSED);
      for (let at = 0; at < 20 && (await focused()) !== 'q'; at++) await page.keyboard.press('Tab');
      expect(await focused()).toBe('q');
      await page.keyboard.type('stock');
      await shows(live).toContain('1 of 4 services');
      expect(page.url()).toBe(`${url}?q=stock`);
      expect(await focused()).toBe('q');
      expect(await page.locator('[name=q]').inputValue()).toBe('stock');
    });

    it('keeps open, focused and in place what was, when it renews itself', async () => {
      const { page, url, state, first, summary, shows } = await start({ hasty: true });
      const isOpen = async () => (await first.getAttribute('open')) !== null;
      await page.goto(`${url}?service=stock-price`);
      await summary.focus();
      const focused = await page.evaluate(FOCUSED);
      await page.keyboard.press('Enter');
      await shows(isOpen).toBe(true);
      state.round = round({
        skips: [{ task: 'x', code: 'no-ports', detail: 'new', service: 'stock-price' }],
      });
      await shows(() => page.locator('#live').textContent()).toContain('no-ports');
      expect(await isOpen()).toBe(true);
      expect(await page.evaluate(FOCUSED)).toBe(focused);
    });

    it('keeps a link focused and the list where it was, though rows come above', async () => {
      const content = troubled(300, 2);
      const { page, url, state, shows, live } = await start({ hasty: true, content });
      await page.goto(url);
      const link = page.getByRole('link', { name: 'mail-web-3', exact: true });
      await link.focus();
      await link.scrollIntoViewIfNeeded();
      const place = async () => Math.round((await link.boundingBox())?.y ?? -1);
      const before = await place();
      state.consul.content = {
        ...state.consul.content,
        ...Object.fromEntries(
          [1, 2, 3].map((at) => [`auth-${at}`, [held(60_000 + at, { service: `auth-${at}` })]]),
        ),
      };
      await shows(live).toContain('auth-3');
      expect(Math.abs((await place()) - before)).toBeLessThanOrEqual(1);
      expect(await page.evaluate('document.activeElement.textContent')).toBe('mail-web-3');
    });

    it('leaves what is selected alone', async () => {
      const { page, url, state, live, clock, shows } = await start({ hasty: true });
      await page.goto(url);
      await page.evaluate(`getSelection().selectAllChildren(document.querySelector('tbody a'))`);
      state.eureka.content = { BATCH: [held(51, { service: 'BATCH' })] };
      await shows(clock).toContain('Updated');
      expect(await live()).not.toContain('BATCH');
      await page.evaluate('getSelection().removeAllRanges()');
      await shows(live).toContain('BATCH');
    });

    it('is sorted, filtered and grouped by keyboard, without scripts too', async () => {
      const { page, url, live } = await start({ scripts: false });
      await page.goto(url);
      const follow = async (name: string) => {
        await page.getByRole('link', { name, exact: true }).focus();
        await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
      };
      await follow('Service');
      expect((await page.locator('tbody tr th').allInnerTexts())[0]).toContain('ledger');
      await follow('3 zones');
      await follow('eu-central-1b');
      expect(page.url()).toBe(`${url}?zone=eu-central-1b`);
      await follow('web');
      expect(page.url()).toBe(`${url}?service=web`);
      expect(await live()).toContain('10.0.0.3:8080');
    });

    it('shows hostile text as text', async () => {
      const { page, url, state, requested, live } = await start();
      const evil = `</script><img src=x onerror="window.pwned=1">`;
      state.consul.content = {
        [evil]: [
          held(91, { service: evil, address: evil, tags: [evil], metadata: { [evil]: evil } }),
        ],
      };
      await page.goto(url);
      expect(await live()).toContain(evil);
      const service = `${url}?service=${encodeURIComponent(evil)}`;
      await page.goto(service);
      expect(await live()).toContain(evil);
      expect(await page.evaluate('window.pwned ?? null')).toBe(null);
      expect(requested).toHaveLength(2);
    });

    it('is read and searched without scripts', async () => {
      const { page, url, live } = await start({ scripts: false });
      await page.goto(`${url}?q=stock`);
      expect(await live()).toContain('1 of 4 services');
      expect(await page.locator('#pause').isVisible()).toBe(false);
      await page.locator('[name=q]').fill('mail');
      await submit(page, '#find button');
      expect(page.url()).toContain('q=mail');
      expect(await live()).toContain('1 of 4 services');
    });

    describe.each(CONTENTS)('with %s', (_, content, service) => {
      it.each([320, 360, 600, 601, 768, 860, 861, 1024, 1100, 1101, 1280, 1440])(
        'fits into %i pixels, with room for what is opened',
        async (width) => {
          const look = { width, height: 800, scheme: 'light' } as const;
          const { page, url } = await start({ look, content: content() });
          const overflow = () => page.evaluate('document.documentElement.scrollWidth - innerWidth');
          for (const query of ['', '?group=zone', `?${new URLSearchParams({ service })}`]) {
            await page.goto(`${url}${query}`);
            expect(await overflow()).toBe(0);
            await page.evaluate(OPEN_ALL);
            expect(await overflow()).toBe(0);
          }
          const facts = `[...document.querySelectorAll('.instances dl')].map((one) => one.clientWidth / one.closest('table').clientWidth)`;
          expect(Math.min(...(await page.evaluate<number[]>(facts)))).toBeGreaterThan(0.95);
        },
      );
    });

    it('is a list that a phone can scroll, with 300 services of 10 instances', async () => {
      const look = { width: 390, height: 844, scheme: 'light' } as const;
      const { page, url } = await start({ look, content: troubled(300, 10) });
      await page.goto(url);
      const height = await page.evaluate<number>('document.documentElement.scrollHeight');
      expect(height).toBeLessThan(14_000);
    });

    it('leaves what opens and closes where it was', async () => {
      const { page, url, first, summary } = await start();
      await page.goto(`${url}?service=web`);
      const place = async () => {
        const box = await summary.boundingBox();
        return [box?.x, box?.y];
      };
      const closed = await place();
      await summary.click();
      expect(await first.getAttribute('open')).not.toBe(null);
      expect(await place()).toEqual(closed);
    });
  });

  describe('signing in with Chromium', () => {
    it('takes the token, and opens the page with a cookie that no script sees', async () => {
      const { page, url, requested, live } = await start({ access: 'token' });
      await page.goto(`${url}?q=stock`);
      await signIn(page, 'wrong');
      expect(await page.getByRole('alert').textContent()).toContain('not valid');
      await signIn(page, TOKEN);
      expect(page.url()).toBe(`${url}?q=stock`);
      expect(await live()).toContain('1 of 4 services');
      expect(await page.evaluate('document.cookie')).toBe('');
      await submit(page, 'form[action=logout] button');
      expect(await page.locator('#token').isVisible()).toBe(true);
      expect(requested.every((asked) => asked.startsWith(url))).toBe(true);
    });

    it('is signed in by a ticket in the fragment, once, and nothing of it is left in the address', async () => {
      const { page, url, requested, complaints, live } = await start({ access: 'token' });
      const link = `${url}#ticket=${makeTicket(TOKEN, NOW)}`;
      await Promise.all([page.waitForURL(url), page.goto(link)]);
      await page.locator('form[action=logout] button').waitFor();
      expect(await live()).toContain('web');
      expect(page.url()).toBe(url);
      expect(await page.evaluate('location.hash')).toBe('');
      expect(requested.filter((one) => one.includes('ticket'))).toEqual([]);
      await page.context().clearCookies();
      // From elsewhere: within the page a new fragment loads nothing.
      await page.goto('about:blank');
      await page.goto(link);
      await page.getByText('This link was used, or is too old').waitFor();
      expect(await page.locator('#token').isVisible()).toBe(true);
      expect(page.url()).not.toContain('ticket');
      expect(complaints.filter((one) => !one.includes('401'))).toEqual([]);
    });

    it('asks for it again where the session has ended', async () => {
      const { page, url, status, shows } = await start({ access: 'token', hasty: true });
      await page.goto(url);
      await signIn(page, TOKEN);
      await page.evaluate(`fetch('logout', { method: 'POST' }).then(() => 0)`);
      await shows(status).toBe('You are signed out. Load this page again to sign in.');
    });
  });

  describe('accessibility, by axe', () => {
    const STATES: readonly (readonly [
      string,
      (stage: Awaited<ReturnType<typeof start>>) => Promise<unknown>,
    ])[] = [
      ['the overview, with drift and failures', ({ page, url }) => page.goto(url)],
      ...(['', '?service=web'] as const).map(
        (query) =>
          [
            `everything opened at /${query}`,
            async ({ page, url }) => {
              await page.goto(`${url}${query}`);
              await page.evaluate(OPEN_ALL);
            },
          ] as const satisfies (typeof STATES)[number],
      ),
      [
        'a sorted list, filtered, with an address that is not understood',
        ({ page, url }) => page.goto(`${url}?sort=-healthy&zone=eu-central-1a&colour=red`),
      ],
      ['hosts', ({ page, url }) => page.goto(`${url}?group=host`)],
      [
        'ten thousand hostile instances',
        ({ page, url, state }) => {
          state.consul.content = state.cloudmap.content = hostile(10_000, 60);
          return page.goto(url);
        },
      ],
      ['a service of others', ({ page, url }) => page.goto(`${url}?service=ledger`)],
      ['a search that finds nothing', ({ page, url }) => page.goto(`${url}?q=nobody`)],
      [
        'the second page of one service',
        ({ page, url, state }) => {
          const many = Array.from({ length: 101 }, (_, at) => held(at));
          state.cloudmap.content = { web: many };
          return page.goto(`${url}?service=web&page=2`);
        },
      ],
      [
        'nothing registered yet',
        ({ page, url, state }) => {
          for (const name of ['cloudmap', 'consul', 'eureka'] as const) state[name].content = {};
          state.round = undefined;
          return page.goto(url);
        },
      ],
      [
        'registries that cannot be read',
        ({ page, url, state }) => {
          state.cloudmap.failure = state.eureka.failure = new Error('down');
          return page.goto(url);
        },
      ],
    ];
    const findings = (page: Page) =>
      page.evaluate(`${axe.source};axe.run().then(({ violations, incomplete }) =>
        [...violations, ...incomplete].map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))]))`);

    describe.each(LOOKS)('%s', (_, look) => {
      it.each(STATES)('finds nothing in %s', async (_, go) => {
        const stage = await start({ look });
        await go(stage);
        expect(await findings(stage.page)).toEqual([]);
      });
    });

    it.each(LOOKS)('finds nothing in the form for the token, %s', async (_, look) => {
      const { page, url } = await start({ access: 'token', look });
      await page.goto(url);
      expect(await findings(page)).toEqual([]);
      await signIn(page, 'wrong');
      expect(await findings(page)).toEqual([]);
    });
  });
});
