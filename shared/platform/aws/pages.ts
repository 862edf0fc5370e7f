/** AWS's services agree on the token, and not on its first letter. */
interface Page {
  readonly nextToken?: string | undefined;
  readonly NextToken?: string | undefined;
}

/**
 * Follows the token to the last page. A page may be empty and not be the last: AWS filters after it
 * has cut.
 */
export const everyPage = async <P extends Page>(
  page: (token: string | undefined) => Promise<P>,
): Promise<readonly P[]> => {
  const pages: P[] = [];
  let token: string | undefined;
  do {
    const next = await page(token);
    pages.push(next);
    token = next.nextToken ?? next.NextToken;
  } while (token);
  return pages;
};
