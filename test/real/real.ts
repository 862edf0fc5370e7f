import { test } from 'vitest';
import { isUnavailable, type Unavailable, unavailable } from '../../scripts/real/unavailable.ts';

const SETTINGS = ['auto', 'required', 'off'] as const;

/**
 * `ROLLCALL_REAL`: what cannot be had is left out with its reason (`auto`, the default), or is a
 * failure (`required`).
 */
const readSetting = () => {
  const text = process.env['ROLLCALL_REAL'] || 'auto';
  const setting = SETTINGS.find((one) => one === text);
  if (!setting) throw new Error(`ROLLCALL_REAL: expected ${SETTINGS.join(', ')}, got ${text}`);
  return setting;
};

/**
 * Tests against a real server: `suite` gets what it takes to start one. Awaited at the top of a
 * test file, so that whatever must be fetched is fetched while other files run.
 */
export const withReal = async <T extends string | object>(
  what: string,
  obtain: () => Promise<T | Unavailable>,
  suite: (had: T) => void,
): Promise<void> => {
  const setting = readSetting();
  const had = setting === 'off' ? OFF : await obtain();
  if (!isUnavailable(had)) suite(had);
  else if (setting !== 'required') leaveOut(what, had);
  else
    test(`${what} can be had`, () => {
      throw new Error(had.unavailable);
    });
};

/**
 * The same for what no machine must have: it is left out where it is not there, whatever the
 * setting.
 */
export const withExtra = async <T extends string | object>(
  what: string,
  obtain: () => Promise<T | Unavailable>,
  suite: (had: T) => void,
): Promise<void> => {
  const had = readSetting() === 'off' ? OFF : await obtain();
  if (isUnavailable(had)) leaveOut(what, had);
  else suite(had);
};

/** All that a suite needs, or the reason why one of them cannot be had. */
export const together =
  <T extends object>(obtain: { readonly [K in keyof T]: () => Promise<T[K] | Unavailable> }) =>
  async (): Promise<T | Unavailable> => {
    const had: Partial<T> = {};
    for (const name in obtain) {
      const one = await obtain[name]();
      if (isUnavailable(one)) return one;
      had[name] = one;
    }
    return had as T;
  };

const OFF = unavailable('ROLLCALL_REAL=off');

const leaveOut = (what: string, { unavailable: reason }: Unavailable) =>
  test.skip(`${what} (left out: ${reason})`, () => {});
