import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { slices } from '../../../shared/platform/slices.ts';

/** Longer than a slice. */
const work = () => {
  const until = performance.now() + 3;
  while (performance.now() < until);
};

it('works that go on at the same time have one slice of each turn together', async () => {
  let turn = 0;
  const turns: number[] = [];
  const long = async () => {
    for (let step = 0; step < 5; step++) {
      if (slices.isOver()) await slices.next();
      turns.push(turn);
      work();
    }
  };
  const count = async () => {
    for (; turns.length < 20; turn++) await setImmediate();
  };
  const counting = count();
  const first = long();
  await setImmediate();
  await Promise.all([first, long(), long(), long(), counting]);
  expect(new Set(turns).size).toBe(20);
});

it('what takes less than a slice waits for nothing, whenever it comes', async () => {
  for (let times = 0; times < 3; times++) {
    // The slice of what came before is over.
    await setImmediate();
    await setImmediate();
    expect(slices.isOver()).toBe(false);
    work();
    expect(slices.isOver()).toBe(true);
    await slices.next();
    expect(slices.isOver()).toBe(false);
  }
});

it('those that wait for a slice need it together only as long as their work takes', async () => {
  slices.isOver();
  work();
  let done = 0;
  const short = async () => {
    if (slices.isOver()) await slices.next();
    done++;
  };
  for (let works = 0; works < 1_000; works++) void short();
  expect(done).toBe(0);
  let turns = 0;
  for (; done < 1_000; turns++) await setImmediate();
  expect(turns).toBeLessThan(100);
});
