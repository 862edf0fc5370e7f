import timers from 'node:timers/promises';

/** Milliseconds that long work may keep the process from all others, all such work together. */
const LENGTH = 1;
/** Of a turn: where others take long, long work takes longer, or it would never come to its end. */
const SHARE = 1 / 4;

interface Slice {
  readonly began: number;
  /** Milliseconds. */
  readonly length: number;
}

/** Of this turn of the event loop; undefined: there is no long work in it yet. */
let slice: Slice | undefined;
const waiting: (() => void)[] = [];

/** Gives the next turn to those that wait for it, one after another as long as it lasts. */
const begin = async (length: number) => {
  const began = performance.now();
  slice = { began, length };
  await timers.setImmediate();
  slice = undefined;
  if (waiting.length === 0) return;
  void begin(Math.max(LENGTH, SHARE * (performance.now() - began)));
  while (waiting.length > 0 && !slices.isOver()) {
    waiting.shift()?.();
    // It goes on before the next is let in.
    await undefined;
  }
};

/**
 * The time of long work, cut into slices: between two of them others are answered. There is one
 * slice in each turn of the event loop, whatever number of renderings and reads go on: together
 * they would take as many times as long.
 */
export const slices = {
  isOver: (): boolean => {
    if (slice) return performance.now() - slice.began >= slice.length;
    void begin(LENGTH);
    return false;
  },
  /** Lets others in, where it is over; then another slice begins. */
  next: () => new Promise<void>((resolve) => waiting.push(resolve)),
};
