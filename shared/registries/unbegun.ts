import type { Change, Outcome } from '../model/plan.ts';

/** A change whose turn did not come before the caller's time was over: no failure of the registry's. */
export const unbegun = (change: Change): Outcome => ({
  change,
  status: 'retry',
  awaits: true,
  reason: 'no time was left for it',
});
