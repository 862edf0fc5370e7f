import type { EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeTasksCommand,
  type DescribeTasksCommandOutput,
  type ECSClient,
} from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import { idOf } from '../model/arn.ts';
import { once } from '../platform/once.ts';
import { askInBatches } from './batches.ts';
import { definitionReader } from './definition.ts';
import type { ExternalAddresses } from './hosts.ts';
import type { Source } from './source.ts';
import { faultsIn, rawTask, toTask } from './task.ts';

export interface SourceClients {
  readonly ecs: Pick<ECSClient, 'send'>;
  readonly ec2: Pick<EC2Client, 'send'>;
  readonly external: ExternalAddresses;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export const awsSource = (clients: SourceClients): Source => {
  const { ecs, ec2 } = clients;
  // Tasks with an interface of their own need nothing of their hosts: what reads these is loaded
  // where one does.
  const machines = once(async () => (await import('./hosts.ts')).hostReader(clients));
  // Events speak of single tasks: what lists them is loaded by rounds, and where a host goes down.
  const lists = once(async () => (await import('./lists.ts')).listReader(ecs, clients.now));
  // Only tasks that name themselves ask for them, and seldom for more than the names.
  const services = once(async () =>
    (await import('./services.ts')).serviceReader(ecs, (await lists()).recentClusters, clients.now),
  );
  const facts = once(async () =>
    (await import('./service-facts.ts')).serviceFactsReader(ecs, clients.now),
  );
  return {
    definition: definitionReader(ecs),
    hosts: async (...asked) => (await machines()).hosts(...asked),
    hostStates: async (...asked) => (await machines()).hostStates(...asked),
    tasksOnHosts: async (...asked) => (await machines()).tasksOnHosts(...asked),

    services: async (...asked) => (await services()).services(...asked),
    serviceFacts: async (...asked) => (await facts()).serviceFacts(...asked),
    listClusters: async (...asked) => (await lists()).listClusters(...asked),
    recentClusters: async (...asked) => (await lists()).recentClusters(...asked),
    goneClusters: async (...asked) => (await lists()).goneClusters(...asked),
    listTasks: async (...asked) => (await lists()).listTasks(...asked),
    tasksOfService: async (...asked) => (await lists()).tasksOfService(...asked),

    async describeTasks(cluster, tasks, signal) {
      const about = { cluster, kind: 'task', width: 4 } as const;
      const { answers, refused } = await askInBatches(tasks, about, (batch) =>
        describeBatch(ecs, { cluster, tasks: batch }, signal),
      );
      // Whichever form of the ARN ECS answers with, the caller knows the one that it asked for.
      const given = new Map(tasks.map((arn) => [idOf(arn), arn]));
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
          .filter(({ reason }) => reason === 'MISSING')
          .flatMap(({ arn = '' }) => given.get(idOf(arn)) ?? []),
        refused,
      };
    },

    async publicAddresses(interfaces, signal) {
      const { describePublicAddresses } = await import('./ec2.ts');
      return describePublicAddresses(ec2, interfaces, signal);
    },
  };
};

/** A cluster that ECS does not know, or calls inactive, has no tasks. */
const describeBatch = async (
  ecs: SourceClients['ecs'],
  input: { readonly cluster: string; readonly tasks: string[] },
  signal: AbortSignal,
): Promise<Pick<DescribeTasksCommandOutput, 'tasks' | 'failures'>> => {
  try {
    return await ecs.send(new DescribeTasksCommand(input), { abortSignal: signal });
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ClusterNotFoundException')) throw error;
    return { failures: input.tasks.map((arn) => ({ arn, reason: 'MISSING' })) };
  }
};
