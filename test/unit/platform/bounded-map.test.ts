import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedMap } from '../../../shared/platform/bounded-map.ts';
import { collectGarbage } from '../../support/garbage.ts';

test('a bounded map keeps what half as many as its limit were put in since its last use', () => {
  const step = fc.record({
    act: fc.constantFrom('set', 'get', 'delete'),
    key: fc.integer({ min: 0, max: 15 }),
  });
  const limits = fc.integer({ min: 1, max: 8 });
  fc.assert(
    fc.property(limits, fc.array(step, { maxLength: 60 }), (limit, steps) => {
      const map = new BoundedMap<number, number>(limit);
      /** In the order of last use, the last one first. */
      let model: (readonly [key: number, value: number])[] = [];
      for (const [value, { act, key }] of steps.entries()) {
        const known = model.find(([one]) => one === key);
        const isRecent = model.indexOf(known ?? [0, 0]) < limit / 2;
        const got = act === 'get' ? map.get(key) : undefined;
        if (act === 'get' && (got !== undefined || isRecent)) expect(got).toBe(known?.[1]);
        if (act === 'delete') map.delete(key);
        if (act === 'set') map.set(key, value);
        const used =
          act === 'set' ? ([key, value] as const) : got === undefined ? undefined : known;
        const others = model.filter(([one]) => one !== key);
        model = act === 'delete' || !used ? others : [used, ...others];
      }
      const left = Array.from({ length: 16 }, (_, key) => key).filter(
        (key) => map.get(key) !== undefined,
      );
      expect(left.length).toBeLessThanOrEqual(limit);
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
