import timers from 'node:timers/promises';

/** Milliseconds that long work may keep the process from all others, all such work together. */
const LENGTH = 2;

/** Since when there is long work in this turn of the event loop. */
let began: number | undefined;
const waiting: (() => void)[] = [];

/** Gives the next turn to those that wait for it, one after another as long as it lasts. */
const begin = async () => {
  began = performance.now();
  await timers.setImmediate();
  began = undefined;
  if (waiting.length === 0) return;
  void begin();
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
    if (began !== undefined) return performance.now() - began >= LENGTH;
    void begin();
    return false;
  },
  /** Lets others in, where it is over; then another slice begins. */
  next: () => new Promise<void>((resolve) => waiting.push(resolve)),
};
