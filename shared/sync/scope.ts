import type { Place } from '../config/config.ts';
import { globToRegExp } from '../config/glob.ts';
import { type ClusterArn, idOf, isClusterArn } from '../model/arn.ts';

/** What is ours to serve: `place` and `ROLLCALL_CLUSTERS`. */
export interface Scope {
  readonly place: Place;
  readonly clusters: readonly string[];
}

/**
 * Whether a cluster is ours: one of this partition, account and region, and among
 * ROLLCALL_CLUSTERS. Any other is foreign, and so is a text that is no ECS cluster's ARN: it is
 * neither read nor written, whatever ECS says of it.
 */
export const isOurs = ({ place, clusters }: Scope, clusterArn: string): clusterArn is ClusterArn =>
  isHere(place, clusterArn) &&
  isClusterArn(clusterArn) &&
  /^[^/]+\/[\w-]{1,255}$/.test(clusterArn) &&
  (clusters.length === 0 || isAmong(clusters, clusterArn));

/** Whether an ARN of ECS's names something in this partition, account and region. */
export const isHere = ({ partition, region, account }: Place, arn: string): boolean =>
  arn.startsWith(`arn:${partition}:ecs:${region}:${account}:`);

/** Whether a cluster is one of these, by name, glob (`prod-*`, `?`) or ARN. */
export const isAmong = (patterns: readonly string[], clusterArn: string): boolean => {
  const name = idOf(clusterArn);
  return patterns.some((pattern) =>
    globToRegExp(pattern).test(pattern.startsWith('arn:') ? clusterArn : name),
  );
};
