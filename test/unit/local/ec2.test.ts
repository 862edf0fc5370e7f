import {
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  DescribeNetworkInterfacesCommand,
  EC2Client,
  paginateDescribeInstances,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { createEc2 } from '../../../local/aws/ec2.ts';
import { createWorld } from '../../../local/aws/world.ts';
import { serve } from './sdk.ts';

const start = async () => {
  const world = createWorld();
  world.addCluster('default');
  const ec2 = new EC2Client((await serve(createEc2(world))).config);
  const describeIds = async (input: DescribeInstancesCommandInput) => {
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand(input));
    return Reservations.flatMap(({ Instances = [] }) =>
      Instances.map(({ InstanceId }) => InstanceId),
    );
  };
  const add = (more = {}) => world.addMachine({ cluster: 'default', ...more }).machine;
  return { world, ec2, add, describeIds };
};

describe('DescribeInstances', () => {
  test('tells addresses, zone and state', async () => {
    const { ec2, add } = await start();
    const { instanceId } = add({ publicIpAddress: '198.51.100.7', ipv6Address: '2001:db8::1' });
    const { Reservations } = await ec2.send(
      new DescribeInstancesCommand({ InstanceIds: [instanceId] }),
    );
    expect(Reservations?.[0]?.Instances).toMatchObject([
      {
        InstanceId: instanceId,
        State: { Code: 16, Name: 'running' },
        PrivateIpAddress: '10.1.0.10',
        PublicIpAddress: '198.51.100.7',
        Ipv6Address: '2001:db8::1',
        Placement: { AvailabilityZone: 'eu-central-1a' },
      },
    ]);
  });

  test('a terminated instance has no address any more', async () => {
    const { world, ec2, add } = await start();
    const { instanceId } = add();
    world.setMachineState(instanceId, 'terminated');
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({}));
    const instance = Reservations?.[0]?.Instances?.[0];
    expect(instance?.State).toEqual({ Code: 48, Name: 'terminated' });
    expect(instance?.PrivateIpAddress).toBeUndefined();
  });

  test('an unknown id fails the whole call, in a filter it matches nothing', async () => {
    const { add, describeIds } = await start();
    const { instanceId } = add();
    const unknown = 'i-0123456789abcdef0';
    await expect(describeIds({ InstanceIds: [instanceId, unknown] })).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
      message: `The instance ID '${unknown}' does not exist`,
    });
    await expect(describeIds({ InstanceIds: [instanceId, 'i-0'] })).rejects.toMatchObject({
      name: 'InvalidInstanceID.Malformed',
    });
    const filter = { Name: 'instance-id', Values: [instanceId, unknown, 'i-0'] };
    expect(await describeIds({ Filters: [filter] })).toEqual([instanceId]);
  });

  test('in a zone’s outage fails without ids, and where it names an instance of that zone', async () => {
    const { world, add, describeIds } = await start();
    const [here, there] = [add(), add({ availabilityZone: 'eu-central-1b' })];
    const end = world.loseZone('eu-central-1b');
    const filter = { Name: 'instance-id', Values: [here.instanceId] };
    const lost = [{}, { Filters: [filter] }, { InstanceIds: [here.instanceId, there.instanceId] }];
    for (const input of lost)
      await expect(describeIds(input)).rejects.toMatchObject({ name: 'Unavailable' });
    expect(await describeIds({ InstanceIds: [here.instanceId] })).toEqual([here.instanceId]);
    end();
    expect((await describeIds({})).toSorted()).toEqual(
      [here.instanceId, there.instanceId].toSorted(),
    );
  });

  test('filters by state', async () => {
    const { world, add, describeIds } = await start();
    const [one, two] = [add(), add()];
    world.setMachineState(one.instanceId, 'stopping');
    const filter = { Name: 'instance-state-name', Values: ['running'] };
    expect(await describeIds({ Filters: [filter] })).toEqual([two.instanceId]);
  });

  test('does not know external machines', async () => {
    const { add, describeIds } = await start();
    add({ external: true });
    expect(await describeIds({})).toEqual([]);
  });

  test('pages as asked', async () => {
    const { ec2, add } = await start();
    const ids = Array.from({ length: 12 }, () => add().instanceId);
    const sizes: number[] = [];
    const found: unknown[] = [];
    for await (const { Reservations = [] } of paginateDescribeInstances(
      { client: ec2, pageSize: 5 },
      {},
    )) {
      sizes.push(Reservations.length);
      found.push(...Reservations.map(({ Instances }) => Instances?.[0]?.InstanceId));
    }
    expect(sizes).toEqual([5, 5, 2]);
    expect(found.toSorted()).toEqual(ids.toSorted());
  });

  test.each([
    [
      'ids with a page size',
      { InstanceIds: ['i-0'], MaxResults: 5 },
      'InvalidParameterCombination',
    ],
    ['a page below 5', { MaxResults: 4 }, 'InvalidParameterValue'],
    [
      'more than 200 filter values',
      { Filters: [{ Name: 'instance-id', Values: Array(201).fill('i-0') }] },
      'FilterLimitExceeded',
    ],
    [
      'an unknown filter',
      { Filters: [{ Name: 'colour', Values: ['red'] }] },
      'InvalidParameterValue',
    ],
  ])('refuses %s', async (_what, input, name) => {
    const { describeIds } = await start();
    await expect(describeIds(input)).rejects.toMatchObject({ name });
  });
});

test('DescribeNetworkInterfaces tells the public address of a running task', async () => {
  const { world, ec2 } = await start();
  world.registerTaskDefinition({
    family: 'web',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    containerDefinitions: [{ name: 'web', image: 'web' }],
  });
  const task = world.runTask({
    cluster: 'default',
    taskDefinition: 'web',
    publicIp: '203.0.113.9',
    ipv6: '2001:db8::2',
  });
  const id =
    task.attachments[0]?.details.find(({ name }) => name === 'networkInterfaceId')?.value ?? '';
  const describeIt = () =>
    ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }));
  expect((await describeIt()).NetworkInterfaces).toMatchObject([
    {
      NetworkInterfaceId: id,
      PrivateIpAddress: '10.0.0.10',
      Association: { PublicIp: '203.0.113.9' },
      Ipv6Addresses: [{ Ipv6Address: '2001:db8::2' }],
    },
  ]);
  world.stopTask(task.taskArn);
  await expect(describeIt()).rejects.toMatchObject({ name: 'InvalidNetworkInterfaceID.NotFound' });
});
