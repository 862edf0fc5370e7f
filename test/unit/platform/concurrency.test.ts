import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunks, limiter, mapBounded, packed } from '../../../shared/platform/concurrency.ts';

describe('chunks', () => {
  it('cuts a list into slices of at most the size, which joined are the list', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 7 }), (items, size) => {
        const slices = chunks(items, size);
        expect(slices.flat()).toEqual(items);
        expect(slices.slice(0, -1).every((slice) => slice.length === size)).toBe(true);
        expect(slices.every((slice) => slice.length > 0 && slice.length <= size)).toBe(true);
      }),
    );
  });
});

describe('packed items', () => {
  it('are together within each limit, but for one that is above it by itself, and in order', () => {
    const isWithin = (items: readonly number[]) =>
      items.length <= 4 && items.reduce((sum, item) => sum + item, 0) <= 10;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 12 })), (items) => {
        const parts = packed(items, [4, 10], (item) => [1, item]);
        expect(parts.flat()).toEqual(items);
        expect(parts.every((part) => part.length === 1 || isWithin(part))).toBe(true);
        // No part could have taken the next item besides.
        for (const [at, part] of parts.entries())
          expect(isWithin([...part, ...(parts[at + 1]?.slice(0, 1) ?? [100])])).toBe(false);
      }),
    );
  });
});

describe('bounded work', () => {
  it('gives the results in the order of the items, whatever ends first', async () => {
    const waits = [30, 0, 10];
    const ticks = async (count: number) => {
      for (let tick = 0; tick < count; tick++) await undefined;
      return count;
    };
    expect(await mapBounded(waits, 3, ticks)).toEqual(waits);
  });

  it('does nothing for an empty list', async () => {
    expect(await mapBounded([], 3, () => Promise.reject(new Error('begun')))).toEqual([]);
  });

  it('rejects with what failed first, also where that is no error', async () => {
    await expect(mapBounded([1], 1, () => Promise.reject(undefined))).rejects.toBeUndefined();
  });

  /** Every item's end is the scheduler's to choose; `true` fails. */
  const history = async (scheduler: fc.Scheduler, fates: readonly boolean[], width: number) => {
    const begun: number[] = [];
    const failed: number[] = [];
    let running = 0;
    let most = 0;
    let late = 0;
    const work = async (at: number) => {
      begun.push(at);
      if (failed.length > 0) late++;
      most = Math.max(most, ++running);
      await scheduler.schedule(Promise.resolve(), `item ${at}`);
      running--;
      if (!fates[at]) return at * 2;
      failed.push(at);
      throw new Error(`item ${at}`);
    };
    const ended = mapBounded([...fates.keys()], width, work).then(
      (results) => ({ results, running }),
      (error: unknown) => ({ error, running }),
    );
    const end = await scheduler.waitFor(ended);
    return { begun, failed, most, late, end };
  };
  const anyFates = fc.array(
    fc.nat({ max: 4 }).map((draw) => draw === 0),
    { maxLength: 12 },
  );

  it('is never wider than allowed, begins nothing after a failure, and ends at rest', () =>
    fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        anyFates,
        fc.integer({ min: 1, max: 5 }),
        async (scheduler, fates, width) => {
          const { begun, failed, most, late, end } = await history(scheduler, fates, width);
          const all = [...fates.keys()];
          expect(begun).toEqual(all.slice(0, begun.length));
          expect(most).toBe(Math.min(width, fates.length));
          expect(late).toBe(0);
          expect(end).toEqual(
            failed.length > 0
              ? { error: new Error(`item ${failed[0]}`), running: 0 }
              : { results: all.map((at) => at * 2), running: 0 },
          );
        },
      ),
    ));
});

describe('a lane', () => {
  it('holds no more at a time than it is wide, in the order they came, and goes on after a failure', async () => {
    const order: string[] = [];
    const enter = limiter(2);
    const ends = new Map<string, () => void>();
    const work = (name: string) =>
      enter(async () => {
        order.push(name);
        await new Promise<void>((resolve) => ends.set(name, resolve));
        if (name === 'a') throw new Error('a failed');
        return name;
      });
    const results = Promise.allSettled(['a', 'b', 'c', 'd'].map(work));
    expect(order).toEqual(['a', 'b']);
    for (const [done, next] of [
      ['a', 'c'],
      ['b', 'd'],
    ] as const) {
      ends.get(done)?.();
      while (!order.includes(next)) await undefined;
    }
    for (const name of ['c', 'd']) ends.get(name)?.();
    expect(order).toEqual(['a', 'b', 'c', 'd']);
    expect((await results).map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
  });
});
