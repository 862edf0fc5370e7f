import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedMap } from '../../../shared/platform/bounded-map.ts';
import { collectGarbage } from '../../support/garbage.ts';

const LIMIT = 3;

test('a bounded map keeps the entries that were used last, and no more than its limit', () => {
  const step = fc.record({
    act: fc.constantFrom('set', 'get', 'delete'),
    key: fc.integer({ min: 0, max: 5 }),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const map = new BoundedMap<number, number>(LIMIT);
      /** In the order of last use, the last one first. */
      let model: (readonly [key: number, value: number])[] = [];
      for (const [value, { act, key }] of steps.entries()) {
        const known = model.find(([one]) => one === key);
        const others = model.filter(([one]) => one !== key);
        if (act === 'get') expect(map.get(key)).toBe(known?.[1]);
        if (act === 'delete') map.delete(key);
        if (act === 'set') map.set(key, value);
        const used = act === 'set' ? ([key, value] as const) : known;
        model = [...(used && act !== 'delete' ? [used] : []), ...others].slice(0, LIMIT);
      }
    }),
  );
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
