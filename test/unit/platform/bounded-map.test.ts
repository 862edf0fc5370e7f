import { describe, expect, it } from 'vitest';
import { BoundedMap } from '../../../shared/platform/bounded-map.ts';

describe('a bounded map', () => {
  it('keeps the entries that were used last, through any number of others', () => {
    const map = new BoundedMap<number, number>(3);
    const kept = () => Array.from({ length: 1_000 }, (_, key) => key).filter((key) => map.get(key));
    for (let key = 1; key < 1_000; key++) {
      map.set(key, key);
      // Asked for each time, so that it stays.
      map.get(1);
    }
    expect(kept()).toEqual([1, 998, 999]);
  });

  it('takes new entries in the place of those that were taken out', () => {
    const map = new BoundedMap<string, number>(2);
    for (const key of ['a', 'b', 'c']) map.set(key, 1);
    for (const key of ['b', 'c']) map.delete(key);
    for (const key of ['d', 'e', 'f']) map.set(key, 1);
    expect(['a', 'b', 'c', 'd', 'e', 'f'].filter((key) => map.get(key))).toEqual(['e', 'f']);
  });
});
