import type { Browser, Page } from 'playwright-core';

export interface Appearance {
  readonly width: number;
  readonly height: number;
  readonly scheme: 'light' | 'dark';
}

export interface TabOptions {
  readonly look?: Appearance;
  /** Without them the page runs no script of its own. */
  readonly scripts?: boolean;
  /** JavaScript that runs before the page's own, whatever its policy. */
  readonly before?: string | undefined;
}

export interface Tab {
  /** In a profile of its own: without cookies, without a cache. */
  readonly page: Page;
  /** Addresses that were asked for, oldest first. */
  readonly requested: readonly string[];
  /** What a developer would see in the console: errors, and what the content policy refused. */
  readonly complaints: readonly string[];
}

/** Milliseconds. Ends what hangs, and nothing else. */
const PATIENCE = 60_000;

export const openTab = async (
  browser: Browser,
  { look = { width: 1280, height: 900, scheme: 'light' }, scripts = true, before }: TabOptions = {},
): Promise<Tab> => {
  const { width, height, scheme } = look;
  const page = await browser.newPage({
    viewport: { width, height },
    isMobile: width < 600,
    colorScheme: scheme,
    javaScriptEnabled: scripts,
  });
  page.setDefaultTimeout(PATIENCE);
  if (before !== undefined) await page.addInitScript(before);
  const requested: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requested.push(request.url()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  return { page, requested, complaints };
};

/** Clicks the first such button; resolves when the page that it leads to is loaded. */
export const submit = (page: Page, button: string) =>
  Promise.all([page.waitForEvent('load'), page.locator(button).first().click()]);
