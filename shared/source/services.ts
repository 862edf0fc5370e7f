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
/** So long what was known last counts where ECS cannot be asked: services come and go by hand. */
const LAST_RESORT_MS = 600_000;
const MOST_CLUSTERS = 1_000;
/** ECS's limit for one page. */
const PAGE = 100;

/** What was read, and when, in milliseconds since the epoch. */
interface Kept<T> {
  readonly value: T;
  readonly at: number;
}

/** Reads which ECS services there are. Whole clusters are listed, since any may bear a name. */
export const serviceReader = (
  ecs: Pick<ECSClient, 'send'>,
  listClusters: Source['listClusters'],
  now: () => number,
): Pick<Source, 'services'> => {
  const known = new BoundedMap<ClusterArn, Kept<ReadonlySet<string>>>(MOST_CLUSTERS);
  const all = new BoundedMap<'clusters', Kept<readonly ClusterArn[]>>(1);
  const kept = async <K, T>(
    values: BoundedMap<K, Kept<T>>,
    key: K,
    read: () => Promise<T>,
  ): Promise<T> => {
    const last = values.get(key);
    const age = last ? now() - last.at : Number.POSITIVE_INFINITY;
    if (last && age < KEPT_MS) return last.value;
    try {
      const value = await read();
      values.set(key, { value, at: now() });
      return value;
    } catch (error) {
      if (last && age < LAST_RESORT_MS) return last.value;
      throw error;
    }
  };
  return {
    async services(isInScope, signal) {
      const clusters = await kept(all, 'clusters', () => listClusters(signal));
      const lists = await mapBounded(clusters.filter(isInScope), WIDTH, async (cluster) => {
        const names = await kept(known, cluster, () => listNames(ecs, cluster, signal));
        return [cluster, names] as const;
      });
      return new Map(lists);
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
