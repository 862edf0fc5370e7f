import type { Context } from 'aws-lambda';

/**
 * Work with a signal that ends with the caller's, or so many milliseconds from now: whatever hangs,
 * time is left for what must come after. Its timer ends with the work. Those of AbortSignal.timeout
 * stay: in a function that handles batch after batch hundreds of them, which take its time when
 * they fire.
 */
export const withTimeout = async <T>(
  milliseconds: number,
  signal: AbortSignal,
  work: (limited: AbortSignal) => Promise<T>,
): Promise<T> => {
  const limit = new AbortController();
  const reason = 'The operation was aborted due to timeout';
  const end = () => limit.abort(new DOMException(reason, 'TimeoutError'));
  const timer = setTimeout(end, milliseconds);
  try {
    return await work(AbortSignal.any([signal, limit.signal]));
  } finally {
    clearTimeout(timer);
  }
};

/** Milliseconds kept back for the answer, the last log lines and the metrics. */
const RESERVE = 1_000;

/** When an invocation must be done. */
export interface TimeLeft {
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** Ends then. */
  readonly signal: AbortSignal;
}

/** Work that ends shortly before Lambda would end it. */
export const withDeadline = <T>(
  context: Pick<Context, 'getRemainingTimeInMillis'>,
  work: (left: TimeLeft) => Promise<T>,
): Promise<T> => {
  const left = Math.max(0, context.getRemainingTimeInMillis() - RESERVE);
  const deadline = Date.now() + left;
  return withTimeout(left, new AbortController().signal, (signal) => work({ deadline, signal }));
};
