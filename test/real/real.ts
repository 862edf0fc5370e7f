import { test } from 'vitest';
import { isUnavailable, type Unavailable } from '../../scripts/real/unavailable.ts';

const SETTINGS = ['auto', 'required', 'off'] as const;

/** `ROLLCALL_REAL`: what cannot be had is left out with its reason (`auto`, the default), or is a failure (`required`). */
const readSetting = () => {
  const text = process.env['ROLLCALL_REAL'] || 'auto';
  const setting = SETTINGS.find((one) => one === text);
  if (!setting) throw new Error(`ROLLCALL_REAL: expected ${SETTINGS.join(', ')}, got ${text}`);
  return setting;
};

/**
 * Tests against a real server: `suite` gets what it takes to start one. Awaited at the top of a test file, so that
 * whatever must be fetched is fetched while other files run.
 */
export const withReal = async <T extends string>(
  what: string,
  obtain: () => Promise<T | Unavailable>,
  suite: (had: T) => void,
): Promise<void> => {
  const setting = readSetting();
  const had = setting === 'off' ? { unavailable: 'ROLLCALL_REAL=off' } : await obtain();
  if (!isUnavailable(had)) return suite(had);
  if (setting !== 'required') return void test.skip(`${what} (left out: ${had.unavailable})`, () => {});
  test(`${what} can be had`, () => {
    throw new Error(had.unavailable);
  });
};
