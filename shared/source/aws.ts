import type { EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeClustersCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListClustersCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import { chunks, mapBounded } from '../bounded.ts';
import { everyPage } from '../pages.ts';
import { definitionReader } from './definition.ts';
import { type ExternalAddresses, hostReader, listTasksOnHosts } from './hosts.ts';
import type { Source } from './source.ts';
import { faultsIn, rawTask, toTask } from './task.ts';

export interface SourceClients {
  readonly ecs: Pick<ECSClient, 'send'>;
  readonly ec2: Pick<EC2Client, 'send'>;
  readonly external: ExternalAddresses;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** ECS's limit for one Describe call. */
const BATCH = 100;

export const awsSource = ({ ecs, ec2, external, now }: SourceClients): Source => ({
  definition: definitionReader(ecs),
  hosts: hostReader({ ecs, ec2, external, now }),

  async listClusters(signal) {
    const pages = await everyPage((nextToken) =>
      ecs.send(new ListClustersCommand({ nextToken }), { abortSignal: signal }),
    );
    return pages.flatMap((page) => page.clusterArns ?? []);
  },

  async goneClusters(clusters, signal) {
    const alive = await mapBounded(chunks(clusters, BATCH), 2, async (batch) => {
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
    return pages.flatMap((page) => page.taskArns ?? []);
  },

  async describeTasks(cluster, tasks, signal) {
    const answers = await mapBounded(chunks(tasks, BATCH), 4, (batch) =>
      ecs.send(new DescribeTasksCommand({ cluster, tasks: batch }), { abortSignal: signal }),
    );
    const parsed = answers
      .flatMap((answer) => answer.tasks ?? [])
      .map((task) => ({ arn: task.taskArn ?? '', result: v.safeParse(rawTask, task) }));
    return {
      tasks: parsed.flatMap(({ result }) => (result.success ? [toTask(result.output)] : [])),
      unreadable: parsed.flatMap(({ arn, result }) =>
        result.success ? [] : [{ arn, fault: faultsIn(result.issues, 'task') }],
      ),
      missing: answers
        .flatMap((answer) => answer.failures ?? [])
        .flatMap(({ arn, reason }) => (arn && reason === 'MISSING' ? [arn] : [])),
    };
  },

  async hostStates(instanceIds, signal) {
    // ECS Anywhere's machines are not EC2's: nobody tells their state, and a lost one loses its tasks in ECS.
    const { describeInstances } = await import('./ec2.ts');
    const instances = await describeInstances(
      ec2,
      instanceIds.filter((id) => id.startsWith('i-')),
      signal,
    );
    return new Map(instances.map(({ InstanceId, State }) => [InstanceId ?? '', State?.Name ?? '']));
  },

  async tasksOnHosts(instanceIds, clusters, signal) {
    const found = await mapBounded(clusters, 4, async (cluster) => ({
      cluster,
      tasks: await listTasksOnHosts(ecs, { cluster, instanceIds }, signal),
    }));
    return found.filter(({ tasks }) => tasks.length > 0);
  },

  async publicAddresses(interfaces, signal) {
    const { describePublicAddresses } = await import('./ec2.ts');
    return describePublicAddresses(ec2, interfaces, signal);
  },
});
