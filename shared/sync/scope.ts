/**
 * Whether a cluster is served: by name, glob (`prod-*`, `?`) or ARN; no pattern at all means every cluster.
 */
export const inScope = (patterns: readonly string[], clusterArn: string): boolean => {
  if (patterns.length === 0) return true;
  const name = clusterArn.slice(clusterArn.lastIndexOf('/') + 1);
  return patterns.some((pattern) =>
    globToRegExp(pattern).test(pattern.startsWith('arn:') ? clusterArn : name),
  );
};

const globToRegExp = (glob: string) =>
  new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.')}$`,
  );
