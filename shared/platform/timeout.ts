import type { Context } from 'aws-lambda';

/**
 * Ends with the signal, or so many milliseconds from now: whatever hangs, time is left for what
 * must come after.
 */
export const withTimeout = (milliseconds: number, signal: AbortSignal): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);

/** Milliseconds kept back for the answer, the last log lines and the metrics. */
const RESERVE = 1_000;

/** Aborts shortly before Lambda would. */
export const deadlineOf = (context: Pick<Context, 'getRemainingTimeInMillis'>) => {
  const left = Math.max(0, context.getRemainingTimeInMillis() - RESERVE);
  return { deadline: Date.now() + left, signal: AbortSignal.timeout(left) };
};
