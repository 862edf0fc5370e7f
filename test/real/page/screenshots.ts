import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { findChromium, startChromium } from '../../../scripts/real/chromium.ts';
import { isUnavailable } from '../../../scripts/real/unavailable.ts';
import type { ResolveConfig } from '../../../shared/config/config.ts';
import type { SkippedTasks } from '../../../shared/model/summary.ts';
import { round, SHARED, troubled } from '../../support/page-scene.ts';
import { servePage } from './stage.ts';
import { type Appearance, openTab } from './tab.ts';

/** The pictures of docs/page.md, by hand: `node test/real/page/screenshots.ts`. */

const IMAGES = resolve(import.meta.dirname, '../../../docs/images');

const SHOP_TASKS = 'arn:aws:ecs:eu-central-1:111122223333:task/shop';

interface Picture {
  readonly name: string;
  readonly access: ResolveConfig['access'];
  readonly look: Appearance;
  /** Of the page's address. */
  readonly query?: string;
  /** Clicked before it is taken. */
  readonly click?: string;
}

const PICTURES: readonly Picture[] = [
  {
    name: 'page-light',
    access: 'open',
    look: { width: 1280, height: 800, scheme: 'light' },
  },
  {
    name: 'page-service-dark',
    access: 'open',
    look: { width: 1280, height: 760, scheme: 'dark' },
    query: '?service=mail-api',
    click: 'tr:has(.no) summary',
  },
  {
    name: 'page-phone-dark',
    access: 'open',
    look: { width: 390, height: 844, scheme: 'dark' },
  },
  { name: 'page-login', access: 'token', look: { width: 600, height: 380, scheme: 'light' } },
];

const SIDECAR: SkippedTasks = {
  task: `${SHOP_TASKS}/7e9c4b1d05f2a86378c1d90b4e5f001f`,
  code: 'sidecar',
  detail: 'container log_router, port 24224/tcp: the definition makes it the log router',
  service: 'mail-api',
  tasks: 10,
};

const take = async (browser: Browser, { name, access, look, query = '', click }: Picture) => {
  const { url, state, stop } = await servePage(access, troubled(300, 10));
  state.round = round({ registries: {}, failures: [], skips: [SIDECAR], shared: SHARED });
  const { page } = await openTab(browser, { look });
  await page.goto(`${url}${query}`);
  if (click) await page.locator(click).click();
  await page.screenshot({ path: join(IMAGES, `${name}.png`) });
  await page.close();
  await stop();
};

const path = await findChromium();
if (isUnavailable(path)) throw new Error(path.unavailable);
await mkdir(IMAGES, { recursive: true });
const browser = await startChromium(path);
for (const picture of PICTURES) await take(browser, picture);
await browser.close();
