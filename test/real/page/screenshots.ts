import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { findChromium, startChromium } from '../../../scripts/real/chromium.ts';
import { isUnavailable } from '../../../scripts/real/unavailable.ts';
import type { ResolveConfig } from '../../../shared/config/config.ts';
import { servePage } from './stage.ts';
import { type Appearance, openTab } from './tab.ts';

/** The pictures of docs/page.md, by hand: `node test/real/page/screenshots.ts`. */

const IMAGES = resolve(import.meta.dirname, '../../../docs/images');

interface Picture {
  readonly name: string;
  readonly access: ResolveConfig['access'];
  readonly look: Appearance;
  /** Clicked before it is taken. */
  readonly click?: string;
}

const PICTURES: readonly Picture[] = [
  {
    name: 'page-light',
    access: 'open',
    look: { width: 1280, height: 1010, scheme: 'light' },
    click: 'tr:has(.presences .bad) summary',
  },
  {
    name: 'page-phone-dark',
    access: 'open',
    look: { width: 390, height: 844, scheme: 'dark' },
  },
  { name: 'page-login', access: 'token', look: { width: 600, height: 380, scheme: 'light' } },
];

const take = async (browser: Browser, { name, access, look, click }: Picture) => {
  const { url, stop } = await servePage(access);
  const { page } = await openTab(browser, { look });
  await page.goto(url);
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
