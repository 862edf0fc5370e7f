import { expect, test, vi } from 'vitest';
import { memoize } from '../../../shared/platform/memoize.ts';

test('makes a thing once of each object, be it nothing', () => {
  const make = vi.fn(({ size }: ReadonlySet<unknown>) => (size > 0 ? { size } : undefined));
  const made = memoize(make);
  const [none, one, other] = [new Set(), new Set([1]), new Set([1])];
  expect([none, one, other, one, none].map(made)).toEqual([
    undefined,
    { size: 1 },
    { size: 1 },
    { size: 1 },
    undefined,
  ]);
  expect(made(one)).toBe(made(one));
  expect(made(one)).not.toBe(made(other));
  expect(make).toHaveBeenCalledTimes(3);
});
