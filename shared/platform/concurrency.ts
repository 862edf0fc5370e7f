/** Consecutive slices of at most `size`. */
export const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );

/**
 * Consecutive parts, each as long as all of its items together stay within the limits. What is
 * above them by itself is a part of its own.
 */
export const packed = <T>(
  items: readonly T[],
  limits: readonly number[],
  sizesOf: (item: T) => readonly number[],
): T[][] => {
  const parts: T[][] = [];
  let used: readonly number[] = [];
  for (const item of items) {
    const sizes = sizesOf(item);
    const together = sizes.map((size, at) => size + (used[at] ?? 0));
    const last = parts.at(-1);
    const isFull = limits.some((limit, at) => (together[at] ?? 0) > limit);
    if (last && !isFull) last.push(item);
    else parts.push([item]);
    used = last && !isFull ? together : sizes;
  }
  return parts;
};

/**
 * Applies `work` to every item, at most `width` at a time; results in the order of the items. After
 * a failure nothing more is begun. Rejects with the first one, and only when nothing is in flight
 * any more.
 */
export const mapBounded = async <T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> => {
  const results: R[] = [];
  const failures: unknown[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [at, item] of queue) {
      if (failures.length > 0) return;
      try {
        results[at] = await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
};

/**
 * At most `width` pieces of work at a time, begun in the order they come; one that fails stops no
 * other.
 */
export const limiter = (width: number) => {
  const waiting: (() => void)[] = [];
  let free = width;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
};

export type Limiter = ReturnType<typeof limiter>;
