/** A clock that tests move by hand, in milliseconds since the epoch. */
export interface Clock {
  now(): number;
  advance(milliseconds: number): void;
  /** Never back. */
  advanceTo(time: number): void;
}

export const createClock = (start = Date.parse('2026-01-01T12:00:00Z')): Clock => {
  let time = start;
  return {
    now: () => time,
    advance(milliseconds) {
      time += milliseconds;
    },
    advanceTo(later) {
      time = Math.max(time, later);
    },
  };
};
