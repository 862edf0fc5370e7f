import 'aws-sdk-client-mock-vitest/extend';
import { DescribeInstancesCommand, DescribeNetworkInterfacesCommand } from '@aws-sdk/client-ec2';
import {
  DescribeClustersCommand,
  DescribeTasksCommand,
  ListClustersCommand,
  ListContainerInstancesCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import type { TaskArn } from '../../../shared/model/arn.ts';
import {
  CLUSTER,
  clusterArn,
  count,
  hostArn,
  idOf,
  instancesKnown,
  live,
  mockedSource,
  refuseFor,
  taskArn,
} from './sdk.ts';

const rawTask = (id: number | string) => ({
  taskArn: taskArn(id),
  clusterArn: CLUSTER,
  taskDefinitionArn: 'arn:aws:ecs:eu-west-1:111122223333:task-definition/web:1',
  desiredStatus: 'RUNNING',
  lastStatus: 'RUNNING',
  version: 3,
  startedAt: new Date(1_000),
});

describe('a list', () => {
  it('is followed to its last page, over one that is empty', async () => {
    const { ecs, source } = mockedSource();
    ecs
      .on(ListTasksCommand)
      .resolvesOnce({ taskArns: [taskArn(1)], nextToken: '1' })
      .resolvesOnce({ taskArns: [], nextToken: '2' })
      .resolvesOnce({ taskArns: [taskArn(2)] });
    expect(await source.listTasks(CLUSTER, live())).toEqual([taskArn(1), taskArn(2)]);
    expect(ecs).toHaveReceivedNthCommandWith(ListTasksCommand, 3, {
      cluster: CLUSTER,
      desiredStatus: 'RUNNING',
      nextToken: '2',
    });
  });

  it('of which one page fails is no list at all', async () => {
    const { ecs, source } = mockedSource();
    ecs
      .on(ListTasksCommand)
      .resolvesOnce({ taskArns: ['a'], nextToken: '1' })
      .rejectsOnce('Rate exceeded');
    await expect(source.listTasks(CLUSTER, live())).rejects.toThrow('Rate exceeded');
  });

  it('of clusters is followed too', async () => {
    const { ecs, source } = mockedSource();
    ecs
      .on(ListClustersCommand)
      .resolvesOnce({ clusterArns: [clusterArn('a')], nextToken: '1' })
      .resolvesOnce({ clusterArns: [clusterArn('b')] });
    expect(await source.listClusters(live())).toEqual(['a', 'b'].map(clusterArn));
  });
});

describe('the list of clusters that is asked for again and again', () => {
  it('is a minute old at most', async () => {
    const { ecs, source, clock } = mockedSource();
    ecs.on(ListClustersCommand).resolves({ clusterArns: [CLUSTER] });
    expect(await source.recentClusters(live())).toEqual([CLUSTER]);
    clock.now += 59_999;
    expect(await source.recentClusters(live())).toEqual([CLUSTER]);
    expect(ecs).toHaveReceivedCommandTimes(ListClustersCommand, 1);
    clock.now += 1;
    await source.recentClusters(live());
    expect(ecs).toHaveReceivedCommandTimes(ListClustersCommand, 2);
  });

  it('is one for all who ask for it', async () => {
    const { ecs, source } = mockedSource();
    ecs.on(ListClustersCommand).resolves({ clusterArns: [] });
    await source.recentClusters(live());
    await source.services(() => true, live());
    expect(ecs).toHaveReceivedCommandTimes(ListClustersCommand, 1);
  });

  it('is ten minutes old at most where ECS cannot be asked', async () => {
    const { ecs, source, clock } = mockedSource();
    ecs
      .on(ListClustersCommand)
      .resolvesOnce({ clusterArns: [CLUSTER] })
      .rejects('throttled');
    await source.recentClusters(live());
    clock.now += 599_999;
    expect(await source.recentClusters(live())).toEqual([CLUSTER]);
    clock.now += 1;
    await expect(source.recentClusters(live())).rejects.toThrow('throttled');
  });

  it('is not made of one that failed', async () => {
    const { ecs, source } = mockedSource();
    ecs
      .on(ListClustersCommand)
      .rejectsOnce('throttled')
      .resolves({ clusterArns: [CLUSTER] });
    await expect(source.recentClusters(live())).rejects.toThrow('throttled');
    expect(await source.recentClusters(live())).toEqual([CLUSTER]);
  });
});

describe('describing tasks', () => {
  it('asks for at most 100 at a time', async () => {
    const { ecs, source } = mockedSource();
    ecs.on(DescribeTasksCommand).callsFake(({ tasks }: { tasks: string[] }) => ({
      tasks: tasks.map((arn) => rawTask(arn.replace(/^.*\//, ''))),
    }));
    const arns = count(201).map(taskArn);
    const { tasks } = await source.describeTasks(CLUSTER, arns, live());
    expect(tasks.map(({ arn }) => arn)).toEqual(arns);
    const sizes = ecs
      .commandCalls(DescribeTasksCommand)
      .map((call) => call.args[0].input.tasks?.length);
    expect(sizes).toEqual([100, 100, 1]);
  });

  it('calls a task missing only where ECS says MISSING', async () => {
    const { ecs, source } = mockedSource();
    ecs.on(DescribeTasksCommand).resolves({
      tasks: [rawTask(1)],
      failures: [
        { arn: taskArn(2), reason: 'MISSING' },
        { arn: taskArn(3), reason: 'ACCESS_DENIED' },
        { arn: taskArn(4) },
        { reason: 'MISSING' },
      ],
    });
    const described = await source.describeTasks(CLUSTER, count(5).map(taskArn), live());
    expect(described.tasks.map(({ arn }) => arn)).toEqual([taskArn(1)]);
    expect(described.missing).toEqual([taskArn(2)]);
  });

  it('takes a task that it cannot read for no news, neither missing nor there', async () => {
    const { ecs, source } = mockedSource();
    ecs.on(DescribeTasksCommand).resolves({ tasks: [{ taskArn: taskArn(1) }, rawTask(2)] });
    const described = await source.describeTasks(CLUSTER, [taskArn(1), taskArn(2)], live());
    expect(described.tasks.map(({ arn }) => arn)).toEqual([taskArn(2)]);
    expect(described.missing).toEqual([]);
    expect(described.unreadable).toMatchObject([
      { arn: taskArn(1), fault: expect.stringContaining('task.clusterArn: ') },
    ]);
  });

  it('reads the SDK’s dates as it reads an event’s texts', async () => {
    const { ecs, source } = mockedSource();
    ecs.on(DescribeTasksCommand).resolves({ tasks: [rawTask(1)] });
    const { tasks } = await source.describeTasks(CLUSTER, [taskArn(1)], live());
    expect(tasks[0]?.startedAt).toBe(1_000);
  });

  it('fails as a whole where one batch fails', async () => {
    const { ecs, source } = mockedSource();
    ecs
      .on(DescribeTasksCommand)
      .resolvesOnce({ tasks: [rawTask(1)] })
      .rejectsOnce('Rate exceeded');
    await expect(source.describeTasks(CLUSTER, count(101).map(taskArn), live())).rejects.toThrow(
      'Rate exceeded',
    );
  });
});

describe('describing tasks of which some are none', () => {
  /** Describes whatever it is asked for, unless the call holds one that it refuses. */
  const knowing = (wrong: readonly string[], name?: string) => {
    const mocked = mockedSource();
    mocked.ecs.on(DescribeTasksCommand).callsFake(async ({ tasks }: { tasks: string[] }) => {
      refuseFor(wrong, tasks, name);
      return { tasks: tasks.map((arn) => ({ ...rawTask(1), taskArn: arn })) };
    });
    return mocked;
  };
  const PLACE = 'arn:aws:ecs:eu-west-1:111122223333';

  it.each<[string, TaskArn]>([
    ['of another cluster', `${PLACE}:task/zoo/${idOf(1)}`],
    ['of another account', `arn:aws:ecs:eu-west-1:999999999999:task/shop/${idOf(1)}`],
    ['of another region', `arn:aws:ecs:eu-west-2:111122223333:task/shop/${idOf(1)}`],
    ['of another partition', `arn:aws-cn:ecs:eu-west-1:111122223333:task/shop/${idOf(1)}`],
    ['of another service', `arn:aws:ec2:eu-west-1:111122223333:task/shop/${idOf(1)}`],
    ['with an id too short', `${PLACE}:task/shop/abc`],
    ['with one part too many', `${PLACE}:task/shop/shop/${idOf(1)}`],
    ['with another character', `${PLACE}:task/shop/${idOf(1).slice(1)}%`],
  ])('does not ask for one %s, and describes the others', async (_what, arn) => {
    const { ecs, source } = knowing([]);
    const { tasks, missing, refused } = await source.describeTasks(
      CLUSTER,
      [taskArn(1), arn, taskArn(2)],
      live(),
    );
    expect(tasks.map((task) => task.arn)).toEqual([taskArn(1), taskArn(2)]);
    expect(missing).toEqual([]);
    expect(refused).toEqual([{ arn, fault: `expected the ARN of a task of ${CLUSTER}` }]);
    expect(ecs).toHaveReceivedCommandTimes(DescribeTasksCommand, 1);
  });

  it('asks for ARNs of the older form, and for ids that are UUIDs', async () => {
    const { source } = knowing([]);
    const arns = [
      `${PLACE}:task/${idOf(1)}`,
      `${PLACE}:task/shop/1dc5c17a-422b-4dc4-b493-371970c6c4d6`,
    ] as const;
    expect(await source.describeTasks(CLUSTER, arns, live())).toMatchObject({
      tasks: arns.map((arn) => ({ arn })),
      refused: [],
    });
  });

  it('calls a task missing by the ARN it was asked for, whichever form ECS answers with', async () => {
    const { ecs, source } = mockedSource();
    ecs.on(DescribeTasksCommand).resolves({ failures: [{ arn: taskArn(1), reason: 'MISSING' }] });
    const older = `${PLACE}:task/${idOf(1)}` as const;
    expect((await source.describeTasks(CLUSTER, [older], live())).missing).toEqual([older]);
  });

  it.each(['InvalidParameterException', 'ClientException'])(
    'splits a batch that ECS refuses with %s until the wrong ones stand alone',
    async (name) => {
      const wrong = [taskArn(0), taskArn(57), taskArn(99)];
      const { ecs, source } = knowing(wrong, name);
      const { tasks, refused } = await source.describeTasks(
        CLUSTER,
        count(100).map(taskArn),
        live(),
      );
      expect(tasks).toHaveLength(97);
      expect(refused?.map(({ arn }) => arn)).toEqual(wrong);
      expect(refused?.[0]?.fault).toBe('ECS refuses it: Identifier is invalid');
      expect(ecs.commandCalls(DescribeTasksCommand).length).toBeLessThan(45);
    },
  );

  it('gives up where ECS refuses everything, long before it has asked for each alone', async () => {
    const { ecs, source } = knowing(count(100).map(taskArn));
    await expect(source.describeTasks(CLUSTER, count(100).map(taskArn), live())).rejects.toThrow(
      'Identifier is invalid',
    );
    expect(ecs.commandCalls(DescribeTasksCommand).length).toBeLessThan(60);
  });

  it('calls every task of a cluster that ECS does not know missing', async () => {
    const { ecs, source } = mockedSource();
    ecs
      .on(DescribeTasksCommand)
      .rejects(
        Object.assign(new Error('Cluster not found.'), { name: 'ClusterNotFoundException' }),
      );
    expect((await source.describeTasks(CLUSTER, [taskArn(1)], live())).missing).toEqual([
      taskArn(1),
    ]);
  });
});

describe('clusters that are gone', () => {
  it('are also those whose ARN ECS refuses, which spoil no other’s answer', async () => {
    const { ecs, source } = mockedSource();
    ecs.on(DescribeClustersCommand).callsFake(async ({ clusters }: { clusters: string[] }) => {
      refuseFor([clusterArn('x')], clusters);
      return { clusters: clusters.map((arn) => ({ clusterArn: arn, status: 'ACTIVE' })) };
    });
    expect([...(await source.goneClusters(['a', 'x', 'b'].map(clusterArn), live()))]).toEqual([
      clusterArn('x'),
    ]);
  });

  it('are those that ECS calls INACTIVE or does not know', async () => {
    const { ecs, source } = mockedSource();
    ecs.on(DescribeClustersCommand).resolves({
      clusters: [
        { clusterArn: clusterArn('a'), status: 'ACTIVE' },
        { clusterArn: clusterArn('b'), status: 'INACTIVE' },
        { clusterArn: clusterArn('c'), status: 'DEPROVISIONING' },
      ],
      failures: [{ arn: clusterArn('d'), reason: 'MISSING' }],
    });
    const gone = await source.goneClusters(['a', 'b', 'c', 'd'].map(clusterArn), live());
    expect([...gone]).toEqual(['b', 'd'].map(clusterArn));
  });

  it('are unknown where ECS says nothing of one, or that it may not say', async () => {
    const { ecs, source } = mockedSource();
    ecs
      .on(DescribeClustersCommand)
      .resolves({ clusters: [{ clusterArn: clusterArn('a'), status: 'ACTIVE' }] });
    await expect(source.goneClusters(['a', 'b'].map(clusterArn), live())).rejects.toThrow(
      'told 1 of 2',
    );
    ecs
      .on(DescribeClustersCommand)
      .resolves({ failures: [{ arn: clusterArn('a'), reason: 'ACCESS_DENIED' }] });
    await expect(source.goneClusters([clusterArn('a')], live())).rejects.toThrow('told 0 of 1');
  });
});

describe('host states', () => {
  const hostOf = (instanceId: string) => ({ containerInstanceArn: hostArn(1), instanceId });

  it('are read by id, managed hosts included, and unknown ids are left out', async () => {
    const { ec2, source } = mockedSource();
    ec2.on(DescribeInstancesCommand).callsFake(instancesKnown(['i-1'], 'stopping'));
    const { found, unread } = await source.hostStates(['i-1', 'i-2'].map(hostOf), live());
    expect([[...found], [...unread]]).toEqual([[['i-1', 'stopping']], []]);
    expect(ec2).toHaveReceivedCommandWith(DescribeInstancesCommand, {
      InstanceIds: ['i-1', 'i-2'],
      IncludeManagedResources: true,
    });
  });

  it('are not asked of EC2 for machines that are not EC2’s', async () => {
    const { ec2, source } = mockedSource();
    expect([...(await source.hostStates([hostOf('mi-1')], live())).found]).toEqual([]);
    expect(ec2).not.toHaveReceivedCommand(DescribeInstancesCommand);
  });

  it('are read in batches of 100, and anew each time', async () => {
    const { ec2, source } = mockedSource();
    const ids = count(101).map((at) => `i-${at}`);
    ec2.on(DescribeInstancesCommand).callsFake(instancesKnown(ids, 'running'));
    const { found } = await source.hostStates(ids.map(hostOf), live());
    expect([...found.keys()].sort()).toEqual(ids.sort());
    await source.hostStates(ids.map(hostOf), live());
    expect(ec2).toHaveReceivedCommandTimes(DescribeInstancesCommand, 4);
  });

  it('of few unknown ids among many are found by halving, and what EC2 says of them is not read', async () => {
    const { ec2, source } = mockedSource();
    const ids = count(100).map((at) => `i-${at}`);
    const known = ids.filter((id) => !['i-3', 'i-50', 'i-99'].includes(id));
    ec2
      .on(DescribeInstancesCommand)
      .callsFake(instancesKnown(known, 'running', 'InvalidInstanceID.Malformed'));
    const { found } = await source.hostStates(ids.map(hostOf), live());
    expect([...found.keys()].sort()).toEqual(known.sort());
    const calls = ec2.commandCalls(DescribeInstancesCommand).map((call) => call.args[0].input);
    expect(calls.length).toBeLessThan(45);
    expect(calls.every(({ Filters }) => Filters === undefined)).toBe(true);
  });

  it('of many unknown ids are asked for by filter, a page at a time', async () => {
    const { ec2, source } = mockedSource();
    const ids = count(100).map((at) => `i-${at}`);
    const known = ids.filter((_, at) => at % 3 === 0);
    ec2.on(DescribeInstancesCommand).callsFake(instancesKnown(known, 'running'));
    const { found, unread } = await source.hostStates(ids.map(hostOf), live());
    expect([[...found.keys()].sort(), unread.size]).toEqual([known.sort(), 0]);
    expect(ec2.commandCalls(DescribeInstancesCommand).length).toBeLessThan(30);
    expect(ec2).toHaveReceivedLastCommandWith(DescribeInstancesCommand, {
      Filters: [{ Name: 'instance-id', Values: ids }],
      MaxResults: 1_000,
    });
  });

  it('in other zones are read while one zone fails: EC2 fails each call that names an instance of it', async () => {
    const { ec2, source } = mockedSource();
    const hosts = count(9).map((at) => ({
      ...hostOf(`i-${at}`),
      zone: `eu-west-1${'abc'[at % 3]}`,
    }));
    const answer = instancesKnown(
      hosts.map(({ instanceId }) => instanceId),
      'running',
    );
    ec2.on(DescribeInstancesCommand).callsFake(async (input) => {
      if (!input.InstanceIds || input.InstanceIds.some((id: string) => 'i-1 i-4 i-7'.includes(id)))
        throw Object.assign(new Error('Unavailable'), { name: 'Unavailable' });
      return answer(input);
    });
    const { found, unread } = await source.hostStates(hosts, live());
    expect([...found.keys()].sort()).toEqual(['i-0', 'i-2', 'i-3', 'i-5', 'i-6', 'i-8']);
    expect([...unread.keys()].sort()).toEqual(['i-1', 'i-4', 'i-7']);
  });

  it('are asked for once where EC2 throttles: zone by zone would be more of it', async () => {
    const { ec2, source } = mockedSource();
    const hosts = count(3).map((at) => ({ ...hostOf(`i-${at}`), zone: `eu-west-1${'abc'[at]}` }));
    ec2
      .on(DescribeInstancesCommand)
      .rejects(
        Object.assign(new Error('Request limit exceeded.'), { name: 'RequestLimitExceeded' }),
      );
    expect((await source.hostStates(hosts, live())).unread.size).toBe(3);
    expect(ec2).toHaveReceivedCommandTimes(DescribeInstancesCommand, 1);
  });

  it('of what went down stay so while EC2 cannot be asked, or has forgotten it, until it is up again', async () => {
    const { ec2, source } = mockedSource();
    const stateNow = async () => {
      const { found } = await source.hostStates([hostOf('i-1')], live());
      return found.get('i-1');
    };
    ec2.on(DescribeInstancesCommand).callsFake(instancesKnown(['i-1'], 'stopped'));
    expect(await stateNow()).toBe('stopped');
    ec2.on(DescribeInstancesCommand).rejects('Unavailable');
    expect(await stateNow()).toBe('stopped');
    ec2.on(DescribeInstancesCommand).callsFake(instancesKnown([], ''));
    expect(await stateNow()).toBe('stopped');
    ec2.on(DescribeInstancesCommand).callsFake(instancesKnown(['i-1'], 'running'));
    expect(await stateNow()).toBe('running');
    ec2.on(DescribeInstancesCommand).rejects('Unavailable');
    expect(await stateNow()).toBe(undefined);
  });
});

describe('tasks on a host', () => {
  it('are found in whichever cluster has it, over pages, the first of which may be empty', async () => {
    const { ecs, source } = mockedSource();
    ecs
      .on(ListContainerInstancesCommand, { cluster: clusterArn('a') })
      .resolvesOnce({ containerInstanceArns: [], nextToken: '1' })
      .resolvesOnce({ containerInstanceArns: [hostArn(1)] })
      .on(ListContainerInstancesCommand, { cluster: clusterArn('b') })
      .resolves({ containerInstanceArns: [] })
      .on(ListTasksCommand)
      .resolvesOnce({ taskArns: [taskArn(1)], nextToken: '1' })
      .resolvesOnce({ taskArns: [taskArn(2)] });
    expect(
      await source.tasksOnHosts(['i-0abc', 'i-0def'], ['a', 'b'].map(clusterArn), live()),
    ).toEqual([{ cluster: clusterArn('a'), tasks: [taskArn(1), taskArn(2)] }]);
    expect(ecs).toHaveReceivedCommandWith(ListContainerInstancesCommand, {
      filter: 'ec2InstanceId in [i-0abc, i-0def]',
    });
    expect(ecs).toHaveReceivedCommandWith(ListTasksCommand, {
      cluster: clusterArn('a'),
      containerInstance: hostArn(1),
    });
  });

  it('are unknown where one cluster cannot be asked', async () => {
    const { ecs, source } = mockedSource();
    ecs
      .on(ListContainerInstancesCommand)
      .resolves({ containerInstanceArns: [] })
      .on(ListContainerInstancesCommand, { cluster: clusterArn('b') })
      .rejects('AccessDenied');
    await expect(
      source.tasksOnHosts(['i-0abc', 'i-0def'], ['a', 'b'].map(clusterArn), live()),
    ).rejects.toThrow('AccessDenied');
  });
});

describe('public addresses', () => {
  it('are read by interface, in batches; one without, or unknown to EC2, is left out', async () => {
    const { ec2, source } = mockedSource();
    ec2.on(DescribeNetworkInterfacesCommand).callsFake(async ({ NetworkInterfaceIds = [] }) => {
      if (NetworkInterfaceIds.includes('eni-7'))
        throw Object.assign(new Error('gone'), { name: 'InvalidNetworkInterfaceID.NotFound' });
      return {
        NetworkInterfaces: NetworkInterfaceIds.map((NetworkInterfaceId: string) => ({
          NetworkInterfaceId,
          ...(NetworkInterfaceId !== 'eni-9' && { Association: { PublicIp: '203.0.113.1' } }),
        })),
      };
    });
    const ids = count(101).map((at) => `eni-${at}`);
    const found = await source.publicAddresses([...ids, 'eni-*'], live());
    expect([...found.keys()].sort()).toEqual(
      ids.filter((id) => id !== 'eni-7' && id !== 'eni-9').sort(),
    );
    expect(found.get('eni-0')).toBe('203.0.113.1');
  });

  it('are unknown, every one, where EC2 fails', async () => {
    const { ec2, source } = mockedSource();
    ec2.on(DescribeNetworkInterfacesCommand).rejects('RequestLimitExceeded');
    await expect(source.publicAddresses(['eni-0'], live())).rejects.toThrow('RequestLimitExceeded');
  });
});
