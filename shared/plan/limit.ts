import type { Limit } from '../model/plan.ts';

/** What was removed from one cluster at one registry within the last hour. */
export interface Removed extends Readonly<Record<Limit, number>> {
  /**
   * Whether a record counts among these already, though it is still there: its removal has failed.
   */
  readonly isCounted: (key: string) => boolean;
}

export const NOTHING_REMOVED: Removed = { missing: 0, renamed: 0, isCounted: () => false };

/**
 * Below this many records a share says nothing: two of three tasks missing is an ordinary scale-in.
 */
const LIMIT_APPLIES_ABOVE = 10;

export interface LimitInput {
  readonly limit: Limit;
  /** Records that would go now, by key. */
  readonly now: readonly string[];
  /** Records that are there now. */
  readonly held: number;
  /** Undefined: not known, and so too much. */
  readonly removed: Removed | undefined;
  readonly percent: number;
}

/**
 * Whether what would go now, and what went within the last hour, is more than the given share of a
 * cluster's records.
 */
export const isAboveLimit = ({ limit, now, held, removed, percent }: LimitInput): boolean => {
  if (now.length === 0 || percent >= 100) return false;
  if (!removed) return true;
  const before = Math.max(0, removed[limit] - now.filter(removed.isCounted).length);
  // What took the place of a record that went for its name is among those that are held.
  const all = limit === 'missing' ? held + before : held;
  return held + before > LIMIT_APPLIES_ABOVE && (before + now.length) * 100 > all * percent;
};
