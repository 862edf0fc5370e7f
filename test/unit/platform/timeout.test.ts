import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withTimeout } from '../../../shared/platform/timeout.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const live = () => new AbortController().signal;
/** Goes on until it is told to stop. */
const untilEnded = (signal: AbortSignal) =>
  new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  );

describe('work with a limit of time', () => {
  it('is told to stop when its time is over', async () => {
    const ended = withTimeout(1_000, live(), untilEnded).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await ended).toMatchObject({ name: 'TimeoutError' });
  });

  it('is told to stop when its caller is, for the same reason', async () => {
    const caller = new AbortController();
    const ended = withTimeout(1_000, caller.signal, untilEnded);
    caller.abort(new Error('the caller gives up'));
    await expect(ended).rejects.toThrow('the caller gives up');
  });

  it.each([
    ['done', async () => {}],
    ['failed', () => Promise.reject(new Error('failed'))],
  ])('leaves no timer behind once it has %s', async (_, work) => {
    await withTimeout(1_000, live(), work).catch(() => {});
    expect(vi.getTimerCount()).toBe(0);
  });
});
