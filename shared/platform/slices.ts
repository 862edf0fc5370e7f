import timers from 'node:timers/promises';

/** Milliseconds that one piece of work may keep the process from all others. */
const LENGTH = 2;

/** The time of long work, cut into slices: between two of them others are answered. */
export interface Slices {
  readonly isOver: () => boolean;
  /** Lets others in; then the next slice begins. */
  readonly next: () => Promise<void>;
}

export const createSlices = (): Slices => {
  let began = performance.now();
  return {
    isOver: () => performance.now() - began >= LENGTH,
    next: async () => {
      await timers.setImmediate();
      began = performance.now();
    },
  };
};
