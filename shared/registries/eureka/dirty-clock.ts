/** Gives each registration a `lastDirtyTimestamp` above all before it: servers accept an older one and ignore it. */
export interface DirtyClock {
  /** What a server holds. A clock of another machine may run ahead of ours. */
  observe(lastDirty: number): void;
  /** Milliseconds, like the time of day unless something seen lies beyond it. */
  next(): number;
}

/** Milliseconds, a day: further ahead is no clock, and numbers that follow such a one would soon be none either. */
const MOST_AHEAD = 86_400_000;

export const createDirtyClock = (now: () => number = Date.now): DirtyClock => {
  let last = 0;
  return {
    observe(lastDirty) {
      if (Number.isSafeInteger(lastDirty) && lastDirty <= now() + MOST_AHEAD)
        last = Math.max(last, lastDirty);
    },
    next() {
      last = Math.max(now(), last + 1);
      return last;
    },
  };
};
