import 'aws-sdk-client-mock-vitest/extend';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeContainerInstancesCommand } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import type { ContainerInstanceArn } from '../../../shared/model/arn.ts';
import {
  CLUSTER,
  count,
  hostArn,
  idOf,
  instancesKnown,
  live,
  mockedSource,
  refuseFor,
} from './sdk.ts';

/** Every container instance is known; the EC2 instance of number n is i-n (or what `idOf` says). */
const known = (idOf: (arn: string) => string = (arn) => `i-${arn.replace(/^.*\/0*/, '')}`) => {
  const mocked = mockedSource();
  mocked.ecs
    .on(DescribeContainerInstancesCommand)
    .callsFake(({ containerInstances }: { containerInstances: string[] }) => ({
      containerInstances: containerInstances.map((containerInstanceArn) => ({
        containerInstanceArn,
        ec2InstanceId: idOf(containerInstanceArn),
      })),
    }));
  mocked.ec2.on(DescribeInstancesCommand).callsFake(({ InstanceIds }) => ({
    Reservations: InstanceIds.map((InstanceId: string) => ({
      Instances: [{ InstanceId, PrivateIpAddress: '10.0.0.1' }],
    })),
  }));
  return mocked;
};

describe('hosts', () => {
  it('are found through their container instance, with every address and the zone', async () => {
    const { ec2, source } = known();
    ec2.on(DescribeInstancesCommand).resolves({
      Reservations: [
        {
          Instances: [
            {
              InstanceId: 'i-1',
              PrivateIpAddress: '10.0.0.1',
              PublicIpAddress: '203.0.113.1',
              Ipv6Address: '2001:db8::1',
              Placement: { AvailabilityZone: 'eu-west-1a' },
            },
          ],
        },
      ],
    });
    expect([...(await source.hosts(CLUSTER, [hostArn(1)], live())).found]).toEqual([
      [
        hostArn(1),
        {
          containerInstanceArn: hostArn(1),
          instanceId: 'i-1',
          privateIpv4: '10.0.0.1',
          publicIpv4: '203.0.113.1',
          ipv6: '2001:db8::1',
          zone: 'eu-west-1a',
        },
      ],
    ]);
  });

  it('are read once, each ARN once, and then from memory', async () => {
    const { ecs, source } = known();
    await source.hosts(CLUSTER, [hostArn(1), hostArn(1), hostArn(2)], live());
    const { found: again } = await source.hosts(CLUSTER, [hostArn(2), hostArn(3)], live());
    expect([...again.keys()]).toEqual([hostArn(2), hostArn(3)]);
    expect(ecs).toHaveReceivedCommandTimes(DescribeContainerInstancesCommand, 2);
    expect(ecs).toHaveReceivedNthCommandWith(DescribeContainerInstancesCommand, 2, {
      cluster: CLUSTER,
      containerInstances: [hostArn(3)],
    });
  });

  it('are read again after five minutes, since a public address may have been attached', async () => {
    const { ec2, clock, source } = known();
    await source.hosts(CLUSTER, [hostArn(1)], live());
    ec2.on(DescribeInstancesCommand).resolves({
      Reservations: [
        {
          Instances: [
            { InstanceId: 'i-1', PrivateIpAddress: '10.0.0.1', PublicIpAddress: '203.0.113.1' },
          ],
        },
      ],
    });
    const publicAt = async (now: number) => {
      clock.now = now;
      return (await source.hosts(CLUSTER, [hostArn(1)], live())).found.get(hostArn(1))?.publicIpv4;
    };
    expect([await publicAt(299_999), await publicAt(300_000)]).toEqual([undefined, '203.0.113.1']);
  });

  it('are asked for in batches of 100', async () => {
    const { ecs, source } = known();
    expect((await source.hosts(CLUSTER, count(250).map(hostArn), live())).found.size).toBe(250);
    const sizes = ecs
      .commandCalls(DescribeContainerInstancesCommand)
      .map((call) => call.args[0].input.containerInstances?.length);
    expect(sizes).toEqual([100, 100, 50]);
  });

  it('that ECS does not know are left out', async () => {
    const { ecs, source } = known();
    const failures = [{ arn: hostArn(1), reason: 'MISSING' }];
    ecs.on(DescribeContainerInstancesCommand).resolves({ containerInstances: [], failures });
    expect([...(await source.hosts(CLUSTER, [hostArn(1)], live())).found]).toEqual([]);
  });

  it('that EC2 does not know are left out, and asked for again', async () => {
    const { ecs, ec2, source } = known();
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [] });
    expect([...(await source.hosts(CLUSTER, [hostArn(1)], live())).found]).toEqual([]);
    await source.hosts(CLUSTER, [hostArn(1)], live());
    expect(ecs).toHaveReceivedCommandTimes(DescribeContainerInstancesCommand, 2);
  });

  it('that have no address yet are told, and asked for again', async () => {
    const { ecs, ec2, source } = known();
    ec2
      .on(DescribeInstancesCommand)
      .resolves({ Reservations: [{ Instances: [{ InstanceId: 'i-1' }] }] });
    const { found: first } = await source.hosts(CLUSTER, [hostArn(1)], live());
    expect(first.get(hostArn(1))).toEqual({ containerInstanceArn: hostArn(1), instanceId: 'i-1' });
    await source.hosts(CLUSTER, [hostArn(1)], live());
    expect(ecs).toHaveReceivedCommandTimes(DescribeContainerInstancesCommand, 2);
  });

  it('of ECS Anywhere get their address from Systems Manager, not EC2', async () => {
    const { ec2, external, source } = known((arn) => (arn === hostArn(1) ? 'mi-1' : 'i-2'));
    external.mockResolvedValue(new Map([['mi-1', '192.168.0.7']]));
    const { found: hosts } = await source.hosts(CLUSTER, [hostArn(1), hostArn(2)], live());
    expect(hosts.get(hostArn(1))).toEqual({
      containerInstanceArn: hostArn(1),
      instanceId: 'mi-1',
      privateIpv4: '192.168.0.7',
    });
    expect(external.mock.calls.map(([ids]) => ids)).toEqual([['mi-1']]);
    expect(ec2).toHaveReceivedCommandWith(DescribeInstancesCommand, {
      InstanceIds: ['i-2'],
    });
  });

  it('of ECS Anywhere may have an IPv6 address, which is no IPv4', async () => {
    const { external, source } = known(() => 'mi-1');
    external.mockResolvedValue(new Map([['mi-1', '2001:db8::7']]));
    const { found } = await source.hosts(CLUSTER, [hostArn(1)], live());
    expect(found.get(hostArn(1))).toEqual({
      containerInstanceArn: hostArn(1),
      instanceId: 'mi-1',
      ipv6: '2001:db8::7',
    });
  });

  it('have the IPv6 address of their first interface where EC2 tells no other', async () => {
    const { ec2, source } = known();
    const NetworkInterfaces = [
      { Attachment: { DeviceIndex: 1 }, Ipv6Addresses: [{ Ipv6Address: '2001:db8::2' }] },
      { Attachment: { DeviceIndex: 0 }, Ipv6Addresses: [{ Ipv6Address: '2001:db8::1' }] },
    ];
    ec2
      .on(DescribeInstancesCommand)
      .resolves({ Reservations: [{ Instances: [{ InstanceId: 'i-1', NetworkInterfaces }] }] });
    const { found } = await source.hosts(CLUSTER, [hostArn(1)], live());
    expect(found.get(hostArn(1))?.ipv6).toBe('2001:db8::1');
  });

  it('of ECS Anywhere without an address are left out', async () => {
    const { source } = known(() => 'mi-1');
    expect([...(await source.hosts(CLUSTER, [hostArn(1)], live())).found]).toEqual([]);
  });

  it.each<[string, ContainerInstanceArn]>([
    ['of another cluster', `arn:aws:ecs:eu-west-1:111122223333:container-instance/zoo/${idOf(2)}`],
    ['of another region', `arn:aws:ecs:eu-west-2:111122223333:container-instance/shop/${idOf(2)}`],
  ])('of a container instance %s are not asked for, and spoil no other’s', async (_what, arn) => {
    const { ecs, source } = known();
    const { found: hosts } = await source.hosts(CLUSTER, [hostArn(1), arn, hostArn(3)], live());
    expect([...hosts.keys()]).toEqual([hostArn(1), hostArn(3)]);
    expect(ecs).toHaveReceivedCommandTimes(DescribeContainerInstancesCommand, 1);
  });

  it('are read, though ECS refuses the container instance of one', async () => {
    const { ecs, source } = known();
    ecs
      .on(DescribeContainerInstancesCommand)
      .callsFake(async ({ containerInstances }: { containerInstances: string[] }) => {
        refuseFor([hostArn(40)], containerInstances);
        return {
          containerInstances: containerInstances.map((arn) => ({
            containerInstanceArn: arn,
            ec2InstanceId: `i-${arn.replace(/^.*\/0*/, '')}`,
          })),
        };
      });
    const arns = count(60).map((at) => hostArn(at + 1));
    const { found: hosts } = await source.hosts(CLUSTER, arns, live());
    expect([...hosts.keys()]).toEqual(arns.filter((arn) => arn !== hostArn(40)));
  });

  it('are unread, those of one batch, where EC2 fails it, and the others known', async () => {
    const { ec2, source } = known();
    ec2.on(DescribeInstancesCommand).callsFake(({ InstanceIds }) => {
      if (InstanceIds.includes('i-100')) throw new Error('Unavailable');
      return {
        Reservations: [{ Instances: InstanceIds.map((InstanceId: string) => ({ InstanceId })) }],
      };
    });
    const { found, unread } = await source.hosts(CLUSTER, count(101).map(hostArn), live());
    expect([found.size, [...unread.keys()]]).toEqual([100, [hostArn(100)]]);
  });

  it('are unread, every one, where ECS fails', async () => {
    const { ecs, source } = known();
    ecs.on(DescribeContainerInstancesCommand).rejects('ThrottlingException');
    const { found, unread } = await source.hosts(CLUSTER, [hostArn(1)], live());
    expect([found.size, [...unread]]).toEqual([
      0,
      [[hostArn(1), new Error('ThrottlingException')]],
    ]);
  });

  it('of ECS Anywhere are unread, and no others, where Systems Manager fails', async () => {
    const { external, source } = known((arn) => (arn === hostArn(1) ? 'mi-1' : 'i-2'));
    external.mockRejectedValue(new Error('ThrottlingException'));
    const { found, unread } = await source.hosts(CLUSTER, [hostArn(1), hostArn(2)], live());
    expect([[...found.keys()], [...unread.keys()]]).toEqual([[hostArn(2)], [hostArn(1)]]);
  });

  describe('that were known', () => {
    /** Known at 0; EC2 then says something else once they are asked for again. */
    const later = async (answer: (mocked: ReturnType<typeof known>) => void) => {
      const mocked = known();
      await mocked.source.hosts(CLUSTER, [hostArn(1)], live());
      answer(mocked);
      mocked.clock.now = 300_000;
      const { found, unread } = await mocked.source.hosts(CLUSTER, [hostArn(1)], live());
      return { ...mocked, host: found.get(hostArn(1)), isUnread: unread.has(hostArn(1)) };
    };
    const ADDRESSED = {
      containerInstanceArn: hostArn(1),
      instanceId: 'i-1',
      privateIpv4: '10.0.0.1',
    };

    it.each<[string, (mocked: ReturnType<typeof known>) => void]>([
      ['EC2', ({ ec2 }) => ec2.on(DescribeInstancesCommand).rejects('Unavailable')],
      ['ECS', ({ ecs }) => ecs.on(DescribeContainerInstancesCommand).rejects('ServerException')],
    ])('keep their address while %s cannot be asked, and are told as unread', async (_, answer) => {
      expect(await later(answer)).toMatchObject({ host: ADDRESSED, isUnread: true });
    });

    it.each<[string, (mocked: ReturnType<typeof known>) => void]>([
      ['EC2', ({ ec2 }) => ec2.on(DescribeInstancesCommand).callsFake(instancesKnown([], ''))],
      [
        'ECS',
        ({ ecs }) => ecs.on(DescribeContainerInstancesCommand).resolves({ containerInstances: [] }),
      ],
    ])('are forgotten once %s does not know them any more, for good', async (_, answer) => {
      const { source, ec2, host, isUnread } = await later(answer);
      expect([host, isUnread]).toEqual([undefined, false]);
      ec2.on(DescribeInstancesCommand).rejects('Unavailable');
      const again = await source.hosts(CLUSTER, [hostArn(1)], live());
      expect(again.found.size).toBe(0);
    });

    it.each(['shutting-down', 'stopping', 'stopped', 'terminated'])(
      'lose their address once EC2 calls them %s, whether it can be asked later or not',
      async (state) => {
        const { source, ec2, ecs } = known();
        const hostNow = async () => {
          const { found } = await source.hosts(CLUSTER, [hostArn(1)], live());
          return found.get(hostArn(1));
        };
        const host = await hostNow();
        if (!host) throw new Error('no host');
        expect(host).toEqual(ADDRESSED);
        ec2.on(DescribeInstancesCommand).callsFake(instancesKnown(['i-1'], state));
        await source.hostStates([host], live());
        const bare = { containerInstanceArn: hostArn(1), instanceId: 'i-1' };
        expect(await hostNow()).toEqual(bare);
        ec2.on(DescribeInstancesCommand).rejects('Unavailable');
        expect(await hostNow()).toEqual(bare);
        ec2.on(DescribeInstancesCommand).callsFake(instancesKnown([], ''));
        expect(await hostNow()).toEqual(bare);
        expect((await source.hostStates([bare], live())).found.get('i-1')).toBe(state);
        ec2.on(DescribeInstancesCommand).callsFake(instancesKnown(['i-1'], 'running'));
        expect(await hostNow()).toEqual(ADDRESSED);
        expect(ecs).toHaveReceivedCommand(DescribeContainerInstancesCommand);
      },
    );
  });

  it('are not asked for where no task needs one', async () => {
    const { ecs, source } = known();
    expect((await source.hosts(CLUSTER, [], live())).found.size).toBe(0);
    expect(ecs).not.toHaveReceivedCommand(DescribeContainerInstancesCommand);
  });
});
