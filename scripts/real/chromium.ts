import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { isUnavailable, type Unavailable, unavailable } from './unavailable.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/**
 * The path of a Chromium or Chrome: `CHROME_PATH`, or the first on the PATH. Nothing is fetched:
 * with its libraries it is half a gigabyte, and scripts/chromium.sh leaves it to the system.
 */
export const findChromium = async (): Promise<string | Unavailable> => {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const given = process.env['CHROME_PATH'];
  const places = given
    ? [given]
    : NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  for (const place of places) if (await canRun(place)) return place;
  return unavailable(
    given
      ? `CHROME_PATH: ${given} cannot be run`
      : 'no Chromium: install chromium, or set CHROME_PATH',
  );
};

const canRun = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

/**
 * Headless, over a pipe, so that it needs no port and ends when this process does. Rejects with its
 * output where it does not start.
 */
export const startChromium = (path: string): Promise<Browser> =>
  // Its sandbox refuses root, as whom tests run in containers.
  chromium.launch({ executablePath: path, chromiumSandbox: process.getuid?.() !== 0 });

const show = async (): Promise<void> => {
  const path = await findChromium();
  console.log(isUnavailable(path) ? path.unavailable : path);
  if (isUnavailable(path)) process.exitCode = 1;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await show();
