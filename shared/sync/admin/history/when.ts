/** What `parseWhen` takes, for whoever is told that it was something else. */
export const WHEN = '90m, 14:02 or ISO 8601 (UTC unless it says)';

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DAY = UNITS.d;

const AGO = /^(\d{1,6})([smhd])$/;
const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/;
/** Without a zone UTC is meant, as everywhere in the log. */
const ISO = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * A point in time in milliseconds since the epoch, as people say it: `1h` (ago), `14:02` (the last
 * one, UTC) or ISO 8601. `undefined` for anything else.
 */
export const parseWhen = (text: string, now: number): number | undefined => {
  const [, amount, unit] = AGO.exec(text) ?? [];
  if (amount !== undefined) return now - Number(amount) * UNITS[unit as keyof typeof UNITS];
  const [, hours, minutes, seconds = '0'] = CLOCK.exec(text) ?? [];
  if (hours !== undefined) {
    const inDay = Number(hours) * UNITS.h + Number(minutes) * UNITS.m + Number(seconds) * UNITS.s;
    const today = Math.floor(now / DAY) * DAY + inDay;
    return today > now ? today - DAY : today;
  }
  const [, time, , , zone] = ISO.exec(text) ?? [];
  if (!ISO.test(text)) return undefined;
  const parsed = Date.parse(`${text.replace(' ', 'T')}${time !== undefined && !zone ? 'Z' : ''}`);
  return Number.isNaN(parsed) ? undefined : parsed;
};
