/** Ends with the signal, or so many milliseconds from now: whatever hangs, time is left for what must come after. */
export const within = (milliseconds: number, signal: AbortSignal): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
