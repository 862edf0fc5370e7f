import { BoundedMap } from '../platform/bounded-map.ts';

/** A cluster or an ECS service that is younger has hardly lost a host, or had a task, yet. */
const KEPT_MS = 60_000;
/** So long what was known last counts where ECS cannot be asked. */
const LAST_RESORT_MS = 600_000;

/** What was read, and when, in milliseconds since the epoch. */
interface Kept<T> {
  readonly value: T;
  readonly at: number;
}

/**
 * Keeps what is read by key: for a minute, and for ten where it cannot be read anew. `most`: keys
 * that are kept.
 */
export const keeping = <K, T>(most: number, now: () => number) => {
  const known = new BoundedMap<K, Kept<T>>(most);
  return async (key: K, read: () => Promise<T>): Promise<T> => {
    const last = known.get(key);
    const age = last ? now() - last.at : Number.POSITIVE_INFINITY;
    if (last && age < KEPT_MS) return last.value;
    try {
      const value = await read();
      known.set(key, { value, at: now() });
      return value;
    } catch (error) {
      if (last && age < LAST_RESORT_MS) return last.value;
      throw error;
    }
  };
};
