/** Consecutive slices of at most `size`. */
export const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));

/** Applies `work` to every item, at most `width` at a time, results in order. The first rejection ends it. */
export const mapBounded = async <T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> => {
  const results: R[] = [];
  const pending = items.entries();
  const worker = async () => {
    for (const [at, item] of pending) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
};

/** Follows `nextToken` to the last page. A page may be empty and not be the last. */
export const everyPage = async <P extends { nextToken?: string | undefined }>(
  page: (nextToken: string | undefined) => Promise<P>,
): Promise<P[]> => {
  const pages: P[] = [];
  let token: string | undefined;
  do {
    const next = await page(token);
    pages.push(next);
    token = next.nextToken;
  } while (token);
  return pages;
};
