/**
 * Does the work for each item, at most `limit` at once; results in the order of the list.
 * After a failure nothing more is begun, and it rejects once nothing is in flight any more.
 */
export const mapBounded = async <A, B>(
  list: readonly A[],
  limit: number,
  work: (item: A) => Promise<B>,
): Promise<readonly B[]> => {
  const results: B[] = [];
  const failures: unknown[] = [];
  const queue = list.entries();
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
  await Promise.all(Array.from({ length: Math.min(limit, list.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
};
