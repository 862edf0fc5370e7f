import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { connect, type Send } from './chromium/connection.ts';
import { openPage, type Page } from './chromium/page.ts';
import { isUnavailable, type Unavailable, unavailable } from './unavailable.ts';

export interface Browser {
  /** A page in a profile of its own: without cookies, without a cache. */
  open(): Promise<Page>;
  stop(): Promise<void>;
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** The path of a Chromium or Chrome: `CHROME_PATH`, or the first on the PATH. Nothing is fetched: with its libraries it is half a gigabyte, and scripts/chromium.sh leaves it to the system. */
export const findChromium = async (): Promise<string | Unavailable> => {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const given = process.env['CHROME_PATH'];
  const places = given ? [given] : NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  for (const place of places) if (await canRun(place)) return place;
  return unavailable(
    given ? `CHROME_PATH: ${given} cannot be run` : 'no Chromium: install chromium, or set CHROME_PATH',
  );
};

const canRun = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

/** Headless, over a pipe, so that it needs no port and ends when this process does. Rejects with its output where it does not start. */
export const startChromium = async (path: string): Promise<Browser> => {
  const profile = await mkdtemp(join(tmpdir(), 'rollcall-chromium-'));
  const child = spawn(path, [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
  });
  const { send, listen } = connect(child);
  const stop = async () => {
    await end(child, send);
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await send('Browser.getVersion');
  } catch (error) {
    await stop();
    throw error;
  }
  return { open: () => openPage(send, listen), stop };
};

const FLAGS = [
  '--headless=new',
  '--remote-debugging-pipe',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--hide-scrollbars',
  // Its sandbox refuses root, as whom tests run in containers.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

const end = async (child: ChildProcess, send: Send) => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  send('Browser.close').catch(() => child.kill('SIGKILL'));
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(late);
};

const show = async (): Promise<void> => {
  const path = await findChromium();
  console.log(isUnavailable(path) ? path.unavailable : path);
  if (isUnavailable(path)) process.exitCode = 1;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await show();
