import { expect, test, vi } from 'vitest';
import { once, onceAtStart } from '../../../shared/platform/once.ts';

const LAMBDA = { AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand' };

test('makes a thing once, however many ask', async () => {
  const make = vi.fn(async () => ({}));
  const get = once(make);
  const [a, b] = await Promise.all([get(), get()]);
  expect(a).toBe(b);
  expect(make).toHaveBeenCalledTimes(1);
});

test('tries again after a failure', async () => {
  const make = vi.fn(async () => 'made').mockRejectedValueOnce(new Error('no'));
  const get = once(make);
  await expect(get()).rejects.toThrow('no');
  expect(await get()).toBe('made');
});

test('makes it at the start in Lambda, and nowhere else before it is asked for', async () => {
  const make = vi.fn(async () => 'made');
  await onceAtStart(make, {});
  expect(make).not.toHaveBeenCalled();
  const get = await onceAtStart(make, LAMBDA);
  expect(make).toHaveBeenCalledTimes(1);
  expect(await get()).toBe('made');
  expect(make).toHaveBeenCalledTimes(1);
});

test('leaves a failure at the start to the first call, which tries again', async () => {
  const make = vi.fn(async () => 'made').mockRejectedValueOnce(new Error('no'));
  const get = await onceAtStart(make, LAMBDA);
  expect(await get()).toBe('made');
});

test('lets a start go on that takes longer, and keeps what it makes', async () => {
  vi.useFakeTimers();
  try {
    const { promise, resolve } = Promise.withResolvers<string>();
    const make = vi.fn(() => promise);
    const starting = onceAtStart(make, LAMBDA);
    await vi.advanceTimersByTimeAsync(5_000);
    const get = await starting;
    resolve('made');
    expect(await get()).toBe('made');
    expect(make).toHaveBeenCalledTimes(1);
  } finally {
    vi.useRealTimers();
  }
});
