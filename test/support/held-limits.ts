import { vi } from 'vitest';

interface HeldLimit {
  readonly milliseconds: number;
  readonly end: () => void;
}

/**
 * From now on limits of time end when a test says so, and never by themselves.
 * `vi.restoreAllMocks()` puts the timers back.
 */
export const heldLimits = (): readonly HeldLimit[] => {
  const limits: HeldLimit[] = [];
  vi.spyOn(globalThis, 'setTimeout').mockImplementation((run, milliseconds = 0) => {
    limits.push({ milliseconds, end: run });
    return setImmediate(() => {}) as unknown as NodeJS.Timeout;
  });
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
    const limit = new AbortController();
    limits.push({ milliseconds, end: () => limit.abort(new Error('its time is over')) });
    return limit.signal;
  });
  return limits;
};
