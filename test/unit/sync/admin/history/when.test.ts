import { describe, expect, it } from 'vitest';
import { parseWhen } from '../../../../../shared/sync/admin/history/when.ts';

const NOW = Date.parse('2026-01-02T12:00:00.000Z');
const said = (text: string) => {
  const time = parseWhen(text, NOW);
  return time === undefined ? undefined : new Date(time).toISOString();
};

describe('a point in time', () => {
  it.each([
    ['90s', '2026-01-02T11:58:30.000Z'],
    ['15m', '2026-01-02T11:45:00.000Z'],
    ['1h', '2026-01-02T11:00:00.000Z'],
    ['2d', '2025-12-31T12:00:00.000Z'],
    ['11:02', '2026-01-02T11:02:00.000Z'],
    ['9:05:07', '2026-01-02T09:05:07.000Z'],
    ['14:02', '2026-01-01T14:02:00.000Z'],
    ['2026-01-01', '2026-01-01T00:00:00.000Z'],
    ['2026-01-01T14:02', '2026-01-01T14:02:00.000Z'],
    ['2026-01-01 14:02', '2026-01-01T14:02:00.000Z'],
    ['2026-01-01T14:02:03.250Z', '2026-01-01T14:02:03.250Z'],
    ['2026-01-01T14:02+02:00', '2026-01-01T12:02:00.000Z'],
  ])('is said as %s', (text, expected) => {
    expect(said(text)).toBe(expected);
  });

  it.each(['', '1', 'h', '1w', '24:00', '12:60', 'yesterday', '2026-13-01', '2026-01-01T', '-1h'])(
    'is not %j',
    (text) => {
      expect(said(text)).toBeUndefined();
    },
  );
});
