/**
 * Applies `work` to every item, at most `width` at a time, results in order.
 * Rejects with the first failure, and only when nothing is in flight any more.
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

/** Follows NextToken to the last page. A page may be empty and not be the last: AWS filters after it has cut. */
export const everyPage = async <P extends { NextToken?: string | undefined }>(
  page: (NextToken: string | undefined) => Promise<P>,
): Promise<readonly P[]> => {
  const pages: P[] = [];
  let token: string | undefined;
  do {
    const next = await page(token);
    pages.push(next);
    token = next.NextToken;
  } while (token);
  return pages;
};

/**
 * Callers that come while a read is under way share its answer, and its failure,
 * unless it ended because only its own caller gave up: then they read for themselves.
 */
export const shareWhileRunning = <T>(read: (signal: AbortSignal) => Promise<T>) => {
  let running: { readonly answer: Promise<T>; readonly signal: AbortSignal } | undefined;
  const join = async (signal: AbortSignal): Promise<T> => {
    if (!running) {
      const answer = read(signal).finally(() => {
        running = undefined;
      });
      running = { answer, signal };
      return answer;
    }
    const { answer, signal: others } = running;
    try {
      return await answer;
    } catch (error) {
      if (!others.aborted || signal.aborted) throw error;
      return join(signal);
    }
  };
  return join;
};
