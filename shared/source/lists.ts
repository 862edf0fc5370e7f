import {
  DescribeClustersCommand,
  type ECSClient,
  ListClustersCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import { type ClusterArn, isClusterArn, isTaskArn } from '../model/arn.ts';
import { everyPage } from '../platform/aws/pages.ts';
import { askSplitting } from './batches.ts';
import { keeping } from './kept.ts';
import type { Source } from './source.ts';

/** What is read of clusters as a whole. */
export const listReader = (
  ecs: Pick<ECSClient, 'send'>,
  now: () => number,
): Pick<
  Source,
  'listClusters' | 'recentClusters' | 'goneClusters' | 'listTasks' | 'tasksOfService'
> => {
  const kept = keeping<'clusters', readonly ClusterArn[]>(1, now);
  return {
    listClusters: (signal) => listClusters(ecs, signal),
    recentClusters: (signal) => kept('clusters', () => listClusters(ecs, signal)),

    async goneClusters(clusters, signal) {
      // One that ECS refuses cannot exist.
      const { answers: alive } = await askSplitting(clusters, { width: 2 }, async (batch) => {
        const answer = await ecs.send(new DescribeClustersCommand({ clusters: batch }), {
          abortSignal: signal,
        });
        const told = [
          ...(answer.clusters ?? []),
          ...(answer.failures ?? []).filter((one) => one.reason === 'MISSING'),
        ];
        if (told.length < batch.length)
          throw new Error(`ecs: DescribeClusters told ${told.length} of ${batch.length}`);
        return (answer.clusters ?? [])
          .filter((one) => one.status !== 'INACTIVE')
          .map((one) => one.clusterArn ?? '');
      });
      const living = new Set(alive.flat());
      return new Set(clusters.filter((cluster) => !living.has(cluster)));
    },

    async listTasks(cluster, signal) {
      const pages = await everyPage((nextToken) =>
        ecs.send(new ListTasksCommand({ cluster, desiredStatus: 'RUNNING', nextToken }), {
          abortSignal: signal,
        }),
      );
      return pages.flatMap((page) => page.taskArns?.filter(isTaskArn) ?? []);
    },

    async tasksOfService(cluster, serviceName, signal) {
      const { taskArns } = await ecs.send(
        new ListTasksCommand({ cluster, serviceName, desiredStatus: 'RUNNING' }),
        { abortSignal: signal },
      );
      return taskArns?.filter(isTaskArn) ?? [];
    },
  };
};

const listClusters = async (
  ecs: Pick<ECSClient, 'send'>,
  signal: AbortSignal,
): Promise<readonly ClusterArn[]> => {
  const pages = await everyPage((nextToken) =>
    ecs.send(new ListClustersCommand({ nextToken }), { abortSignal: signal }),
  );
  return pages.flatMap((page) => page.clusterArns?.filter(isClusterArn) ?? []);
};
