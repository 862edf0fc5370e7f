import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withGracePeriod } from '../../../../shared/sync/apply/grace-period.ts';
import type { CutOffs } from '../../../../shared/sync/memory.ts';
import { fakeRegistry, live } from '../fakes.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const quick = fakeRegistry([], { name: 'consul' });
const slow = fakeRegistry([], { name: 'eureka' });

/** Milliseconds until the slow one's part ends, which would take a minute. */
const stage = async (cutOffs: CutOffs, quickMs = 20) => {
  const run = withGracePeriod({ cutOffs, now: Date.now }, live());
  const began = Date.now();
  const first = run(quick, () => new Promise<void>((resolve) => setTimeout(resolve, quickMs)));
  const second = run(
    slow,
    (signal) =>
      new Promise<number>((resolve) => {
        const end = () => resolve(Date.now() - began);
        signal.addEventListener('abort', end);
        setTimeout(end, 60_000);
      }),
  );
  await vi.advanceTimersByTimeAsync(60_000);
  await first;
  return second;
};

describe('registries that are written to side by side', () => {
  it('wait for the slow one for so long, for less right after that, and for as long again later', async () => {
    const cutOffs: CutOffs = new Map();
    expect(await stage(cutOffs)).toBe(770);
    vi.setSystemTime(Date.now() - 59_000);
    expect(await stage(cutOffs)).toBe(320);
    expect(await stage(cutOffs)).toBe(770);
  });

  it('take their time where they are but one', async () => {
    const run = withGracePeriod({ cutOffs: new Map(), now: Date.now }, live());
    const alone = run(
      slow,
      (signal) =>
        new Promise<boolean>((resolve) => setTimeout(() => resolve(signal.aborted), 5_000)),
    );
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await alone).toBe(false);
  });
});
