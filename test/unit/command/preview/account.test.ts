import { describe, expect, it } from 'vitest';
import { createAccount } from '../../../../command/preview/account.ts';
import { parseRecording } from '../../../../command/preview/recording.ts';

const PLACE = 'arn:aws-cn:ecs:cn-north-1:111122223333';
const CLUSTER = `${PLACE}:cluster/shop`;
const ID = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
const INSTANCE = `${PLACE}:container-instance/shop/${ID}`;
const ENI = 'eni-0a1b2c3d4e5f60718';

const accountOf = (detail: object, members: object = {}) =>
  createAccount(
    parseRecording(
      JSON.stringify({
        event: {
          time: '2020-02-02T02:02:02Z',
          detail: {
            taskArn: `${PLACE}:task/shop/${ID}`,
            clusterArn: CLUSTER,
            taskDefinitionArn: `${PLACE}:task-definition/web:7`,
            availabilityZone: 'cn-north-1b',
            ...detail,
          },
        },
        ...members,
      }),
    ),
  );
const onHost = (members: object = {}, detail: object = {}) =>
  accountOf({ launchType: 'EC2', containerInstanceArn: INSTANCE, ...detail }, members);
const withInterface = (members: object) =>
  accountOf(
    {
      attachments: [
        {
          type: 'eni',
          details: [
            { name: 'networkInterfaceId', value: ENI },
            { name: 'privateIPv4Address', value: '10.0.0.7' },
          ],
        },
      ],
    },
    members,
  );
const taskDefinition = { containerDefinitions: [{ name: 'web', portMappings: [] }] };

describe("the account of a recorded task's event", () => {
  it('has the task with its definition, where and when it was', () => {
    const { world, told } = accountOf({ stoppedAt: '2020-02-02T02:02:00Z' }, { taskDefinition });
    expect(world.tasks()).toMatchObject([{ taskArn: `${PLACE}:task/shop/${ID}` }]);
    expect(world.cluster(CLUSTER)?.clusterName).toBe('shop');
    expect(world.definition(`${PLACE}:task-definition/web:7`)?.taskDefinition).toMatchObject({
      family: 'web',
      revision: 7,
    });
    expect(told).toEqual([]);
  });

  it.each([
    ['private', { PrivateIpAddress: '10.1.0.10' }, { privateIpAddress: '10.1.0.10' }],
    ['public', { PublicIpAddress: '198.51.100.7' }, { publicIpAddress: '198.51.100.7' }],
    [
      'that of its first interface',
      {
        NetworkInterfaces: [
          {
            PrivateIpAddress: '10.1.0.10',
            Association: { PublicIp: '198.51.100.7' },
            Ipv6Addresses: [{ Ipv6Address: '2001:db8::7' }],
          },
        ],
      },
      {
        privateIpAddress: '10.1.0.10',
        publicIpAddress: '198.51.100.7',
        ipv6Address: '2001:db8::7',
      },
    ],
    ['only IPv6', { Ipv6Address: '2001:db8::7' }, { ipv6Address: '2001:db8::7' }],
    ['assumed', {}, { privateIpAddress: '192.0.2.1' }],
  ])('has its host, with the address that is told: %s', (_, host, addresses) => {
    const { world } = onHost({ taskDefinition, hosts: [host] });
    const [machine] = world.machines();
    const { privateIpAddress, publicIpAddress, ipv6Address } = machine ?? {};
    expect({ privateIpAddress, publicIpAddress, ipv6Address }).toEqual({
      privateIpAddress: undefined,
      publicIpAddress: undefined,
      ipv6Address: undefined,
      ...addresses,
    });
    expect(world.containerInstance(CLUSTER, INSTANCE)?.ec2InstanceId).toBe(machine?.instanceId);
  });

  it('has a host in the state and zone that are told', () => {
    const { world } = onHost({
      hosts: [{ State: { Name: 'terminated' }, Placement: { AvailabilityZone: 'cn-north-1a' } }],
    });
    expect(world.machines()).toMatchObject([
      { state: 'terminated', availabilityZone: 'cn-north-1a' },
    ]);
  });

  it('has a machine of ECS Anywhere for an external task', () => {
    const { world } = onHost({}, { launchType: 'EXTERNAL' });
    expect(world.machines()[0]?.instanceId).toMatch(/^mi-\w{17}$/);
  });

  it('says which addresses nobody tells of such a machine, and which definition stands for another', () => {
    const hosts = [
      { InstanceId: `mi-${'0'.repeat(17)}`, IPAddress: '192.168.7.7', Ipv6Address: '::7' },
    ];
    const { told } = onHost({ taskDefinition, hosts }, { launchType: 'EXTERNAL' });
    expect(told).toEqual(['Not used: hosts.0.Ipv6Address: Systems Manager tells none.']);
    const arn = `${PLACE}:task-definition/web`;
    const other = { ...taskDefinition, taskDefinitionArn: `${arn}:6` };
    expect(accountOf({}, { taskDefinition: other }).told).toEqual([
      `Assumed: what ${arn}:6 says is true of ${arn}:7 too.`,
    ]);
  });

  it("has the task's interface, with the public address that is told", () => {
    const told = { NetworkInterfaceId: ENI, Association: { PublicIp: '198.51.100.7' } };
    const { world } = withInterface({ networkInterfaces: [told] });
    expect(world.networkInterfaces()).toMatchObject([
      { networkInterfaceId: ENI, privateIpAddress: '10.0.0.7', publicIp: '198.51.100.7' },
    ]);
  });

  it('says what it had to make up', () => {
    expect(onHost().told).toEqual([
      'Assumed: the task definition, made up from the event: awsvpc, no containers; no labels, no tags.',
      "Assumed: the host's address: 192.0.2.1.",
    ]);
    const tags = [{ key: 'rollcall:address', value: 'public' }];
    expect(withInterface({ taskDefinition: { ...taskDefinition, tags } }).told).toEqual([
      `Assumed: ${ENI} has no public address: networkInterfaces tells of none.`,
    ]);
  });

  it('says which member tells of something else', () => {
    const other = {
      containerInstanceArn: `${INSTANCE.slice(0, -1)}0`,
      PrivateIpAddress: '10.1.0.11',
    };
    const own = { PrivateIpAddress: '10.1.0.10' };
    const { world, told } = onHost({ taskDefinition, hosts: [other, own] });
    expect(world.machines()).toMatchObject([own].map(() => ({ privateIpAddress: '10.1.0.10' })));
    expect(told).toEqual(["Not used: hosts.0: it is not the task's."]);
    expect(accountOf({}, { taskDefinition, hosts: [own] }).told).toEqual([
      'Not used: hosts.0: the event names no container instance.',
    ]);
    const stranger = [{ NetworkInterfaceId: 'eni-00000000' }];
    expect(withInterface({ taskDefinition, networkInterfaces: stranger }).told).toEqual([
      "Not used: networkInterfaces.0: it is not the task's.",
    ]);
    const daemon = { taskDefinitionArn: `${PLACE}:daemon-task-definition/agent:1` };
    expect(accountOf(daemon, { taskDefinition }).told).toEqual([
      `Not used: taskDefinition: the event names ${daemon.taskDefinitionArn}.`,
    ]);
  });

  it('gives a container instance whose id was shortened another one, and says so', () => {
    const detail = { containerInstanceArn: `${PLACE}:container-instance/shop/ci1` };
    const { world, event, told } = onHost(
      { taskDefinition, hosts: [{ PrivateIpAddress: '10.1.0.10' }] },
      detail,
    );
    expect(told).toEqual([
      'Assumed: detail.containerInstanceArn: an id of 32 digits, as ECS gives out, in place of ci1.',
    ]);
    const { containerInstanceArn } = (event as { detail: Record<string, string> }).detail;
    expect(world.containerInstance(CLUSTER, containerInstanceArn ?? '')).toBeDefined();
    expect(world.tasks()).toMatchObject([{ containerInstanceArn }]);
  });
});

it.each([[{}], [{ event: {} }], [{ event: { detail: [] } }], [{ event: 7 }]])(
  'an event of something else leaves the account empty (%j)',
  (recording) => {
    const { world, told } = createAccount(parseRecording(JSON.stringify(recording)));
    expect([world.clusters(), world.tasks(), told]).toEqual([[], [], []]);
  },
);
