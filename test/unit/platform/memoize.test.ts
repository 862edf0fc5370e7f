import { expect, test, vi } from 'vitest';
import { memoize, memoizeTexts } from '../../../shared/platform/memoize.ts';

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

test('of texts it keeps what was asked for last, and nothing of a long one', () => {
  const make = vi.fn((text: string) => ({ text }));
  const made = memoizeTexts(make, { most: 2, longest: 3 });
  for (const text of ['a', 'b', 'a', 'c', 'a', 'b', 'long', 'long'])
    expect(made(text)).toEqual({ text });
  expect(make.mock.calls.flat()).toEqual(['a', 'b', 'c', 'b', 'long', 'long']);
});
