import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { slices } from '../../../shared/platform/slices.ts';

let clock = 0;
beforeEach(() => void vi.spyOn(performance, 'now').mockImplementation(() => clock));
afterEach(() => void vi.restoreAllMocks());

/** Takes so many milliseconds; of its own accord longer than a slice. */
const work = (milliseconds = 3) => {
  clock += milliseconds;
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
    work(0.01);
    done++;
  };
  for (let works = 0; works < 1_000; works++) void short();
  expect(done).toBe(0);
  let turns = 0;
  for (; done < 1_000; turns++) await setImmediate();
  expect(turns).toBeLessThan(100);
});

it('where others take long, it has a quarter of the time, so that it comes to its end', async () => {
  let [turns, isDone] = [0, false];
  const long = async () => {
    for (let step = 0; step < 100; step++) {
      work(1);
      if (slices.isOver()) await slices.next();
    }
    isDone = true;
  };
  void long();
  for (; !isDone; turns++) {
    work(30);
    await setImmediate();
  }
  expect(turns).toBeGreaterThan(8);
  expect(turns).toBeLessThan(15);
});
