import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedMap } from '../../../shared/platform/bounded-map.ts';
import { collectGarbage } from '../../support/garbage.ts';

test('a bounded map loses nothing until half as many as its limit were used later', () => {
  const step = fc.record({
    act: fc.constantFrom('set', 'set', 'get', 'get', 'delete'),
    key: fc.integer({ min: 0, max: 6 }),
  });
  const limits = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(limits, fc.array(step, { minLength: 20, maxLength: 60 }), (limit, steps) => {
      const map = new BoundedMap<number, number>(limit);
      /** What was put in or taken out, the last key that was used first. */
      let model: readonly (readonly [key: number, value: number | undefined])[] = [];
      for (const [step, { act, key }] of steps.entries()) {
        const age = model.findIndex(([one]) => one === key);
        const expected = model[age]?.[1];
        const found = map.get(key);
        if (found !== undefined || age < limit / 2) expect(found).toBe(expected);
        if (act === 'set') map.set(key, step);
        if (act === 'delete') map.delete(key);
        const now = { set: step, get: found, delete: undefined }[act];
        model = [[key, now], ...model.filter(([one]) => one !== key)];
      }
    }),
  );
});

test('a bounded map never has more entries than its limit', () => {
  const map = new BoundedMap<number, number>(4);
  for (let key = 0; key < 100; key++) {
    map.set(key, key);
    map.get(key % 3);
    const there = Array.from({ length: 100 }, (_, one) => one).filter(
      (one) => map.get(one) === one,
    );
    expect(there.length).toBeLessThanOrEqual(4);
  }
});

test('a bounded map that never is full keeps nothing of what it was asked for', async () => {
  const map = new BoundedMap<number, string>(1_000);
  for (let key = 0; key < 50; key++) map.set(key, 'value');
  const used = async () => {
    await collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = await used();
  for (let times = 0; times < 500_000; times++) map.get(times % 50);
  const grown = (await used()) - before;
  // It is in use still.
  expect(map.get(0)).toBe('value');
  expect(grown).toBeLessThan(3_000_000);
});
