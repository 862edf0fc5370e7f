import { type ECSClient, ListServicesCommand } from '@aws-sdk/client-ecs';
import type { ClusterArn } from '../model/arn.ts';
import { everyPage } from '../platform/aws/pages.ts';
import { BoundedMap } from '../platform/bounded-map.ts';
import { mapBounded } from '../platform/concurrency.ts';
import { idOf } from './arn.ts';
import type { Source } from './source.ts';

/** Clusters asked at once. */
const WIDTH = 4;
/** An ECS service that is younger has hardly a task yet. */
const KEPT_MS = 60_000;
const MOST_CLUSTERS = 1_000;
/** ECS's limit for one page. */
const PAGE = 100;

interface Kept<T> {
  readonly value: T;
  readonly until: number;
}

/**
 * Reads which names ECS services bear. Whole clusters are listed: DescribeServices, which could be
 * asked for single names, tells case apart as registries do not, and brings the shapes of all that
 * a service is into every start.
 */
export const serviceReader = (
  ecs: Pick<ECSClient, 'send'>,
  listClusters: Source['listClusters'],
  now: () => number,
): Pick<Source, 'servicesNamed'> => {
  const known = new BoundedMap<ClusterArn, Kept<ReadonlySet<string>>>(MOST_CLUSTERS);
  let clusters: Kept<readonly ClusterArn[]> | undefined;
  const clustersNow = async (signal: AbortSignal): Promise<readonly ClusterArn[]> => {
    if (!clusters || clusters.until <= now())
      clusters = { value: await listClusters(signal), until: now() + KEPT_MS };
    return clusters.value;
  };
  const namesIn = async (
    cluster: ClusterArn,
    signal: AbortSignal,
  ): Promise<ReadonlySet<string>> => {
    const last = known.get(cluster);
    if (last && last.until > now()) return last.value;
    const value = await listNames(ecs, cluster, signal);
    known.set(cluster, { value, until: now() + KEPT_MS });
    return value;
  };
  return {
    async servicesNamed(names, isInScope, signal) {
      const inScope = (await clustersNow(signal)).filter(isInScope);
      const taken = await mapBounded(inScope, WIDTH, (cluster) => namesIn(cluster, signal));
      const wanted = names.map((name) => name.toLowerCase());
      return new Set(wanted.filter((name) => taken.some((all) => all.has(name))));
    },
  };
};

/** In lower case; a service that is being deleted is not listed any more. */
const listNames = async (
  ecs: Pick<ECSClient, 'send'>,
  cluster: ClusterArn,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> => {
  try {
    const pages = await everyPage((nextToken) =>
      ecs.send(new ListServicesCommand({ cluster, nextToken, maxResults: PAGE }), {
        abortSignal: signal,
      }),
    );
    const arns = pages.flatMap(({ serviceArns = [] }) => serviceArns);
    return new Set(arns.map((arn) => idOf(arn).toLowerCase()));
  } catch (error) {
    if (error instanceof Error && error.name === 'ClusterNotFoundException') return new Set();
    throw error;
  }
};
