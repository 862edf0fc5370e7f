import { type ECSClient, ListServicesCommand } from '@aws-sdk/client-ecs';
import type { ClusterArn } from '../model/arn.ts';
import { idOf } from '../model/arn.ts';
import { everyPage } from '../platform/aws/pages.ts';
import { mapBounded } from '../platform/concurrency.ts';
import { keeping } from './kept.ts';
import type { Source } from './source.ts';

/** Clusters asked at once. */
const WIDTH = 4;
const MOST_CLUSTERS = 1_000;
/** ECS's limit for one page. */
const PAGE = 100;

/** Reads which ECS services there are. Whole clusters are listed, since any may bear a name. */
export const serviceReader = (
  ecs: Pick<ECSClient, 'send'>,
  recentClusters: Source['recentClusters'],
  now: () => number,
): Pick<Source, 'services'> => {
  const kept = keeping<ClusterArn, ReadonlySet<string>>(MOST_CLUSTERS, now);
  return {
    async services(isInScope, signal) {
      const clusters = (await recentClusters(signal)).filter(isInScope);
      const unread = new Map<ClusterArn, unknown>();
      const lists = await mapBounded(clusters, WIDTH, async (cluster) => {
        try {
          return [[cluster, await kept(cluster, () => listNames(ecs, cluster, signal))] as const];
        } catch (error) {
          unread.set(cluster, error);
          return [];
        }
      });
      return { found: new Map(lists.flat()), unread };
    },
  };
};

/** A service that is being deleted is listed until its last task has stopped. */
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
    return new Set(arns.map(idOf));
  } catch (error) {
    if (error instanceof Error && error.name === 'ClusterNotFoundException') return new Set();
    throw error;
  }
};
