import type { MachineOptions } from '../../local/aws/world/machines.ts';
import { lastSegment } from '../../local/aws/world/names.ts';
import type { World } from '../../local/aws/world.ts';
import type { DescribedHost } from './described.ts';
import type { Members, Recording } from './recording.ts';

/** From the block for documentation (RFC 5737), so that nobody takes it for real. */
const ASSUMED_ADDRESS = '192.0.2.1';
const ASSUMED_IDS = { EXTERNAL: `mi-${'0'.repeat(17)}`, EC2: `i-${'0'.repeat(17)}` } as const;

/**
 * The machines that the recording tells of, and one for the event's task where it tells of none.
 * `given` is the event's detail, `used` the same with an id that ECS takes.
 */
export const placeHosts = (
  world: World,
  { given, used }: { readonly given: Members; readonly used: Members },
  { hosts }: Recording,
): readonly string[] => {
  const cluster = lastSegment(String(used['clusterArn']));
  const containerInstanceArn = used['containerInstanceArn'];
  if (typeof containerInstanceArn !== 'string')
    return hosts.map((_, at) => `Not used: hosts.${at}: the event names no container instance.`);
  const own = hosts.findIndex(
    (host) =>
      (host.containerInstanceArn ?? given['containerInstanceArn']) ===
      given['containerInstanceArn'],
  );
  const base = { cluster, containerInstanceArn, zone: text(used['availabilityZone']) };
  const assumedId = ASSUMED_IDS[used['launchType'] === 'EXTERNAL' ? 'EXTERNAL' : 'EC2'];
  const machine = toMachine(hosts[own] ?? {}, { ...base, assumedId });
  world.addMachine(machine);
  return [
    ...(machine.privateIpAddress === ASSUMED_ADDRESS
      ? [`Assumed: the host's address: ${ASSUMED_ADDRESS}.`]
      : []),
    ...(machine.instanceId?.startsWith('mi-') ? toldByEc2Alone(hosts[own] ?? {}) : []).map(
      (name) => `Not used: hosts.${own}.${name}: Systems Manager tells none.`,
    ),
    ...hosts.flatMap((_, at) =>
      at === own ? [] : [`Not used: hosts.${at}: it is not the task's.`],
    ),
  ];
};

/** Members of an external machine that nobody describes. */
const toldByEc2Alone = (host: Partial<DescribedHost>) =>
  ['PublicIpAddress', 'Ipv6Address', 'NetworkInterfaces'].filter(
    (name) => host[name] !== undefined,
  );

const toMachine = (
  host: Partial<DescribedHost>,
  { cluster, containerInstanceArn, zone, assumedId }: Base,
): MachineOptions => {
  const { NetworkInterfaces: interfaces = [] } = host;
  const publicIp =
    host.PublicIpAddress ?? first(interfaces, ({ Association }) => Association?.PublicIp);
  const ipv6 =
    host.Ipv6Address ??
    first(interfaces, ({ Ipv6Addresses = [] }) => first(Ipv6Addresses, (one) => one.Ipv6Address));
  const address =
    host.PrivateIpAddress ?? host.IPAddress ?? first(interfaces, (one) => one.PrivateIpAddress);
  const availabilityZone = host.Placement?.AvailabilityZone ?? zone;
  return {
    cluster,
    containerInstanceArn,
    instanceId: host.InstanceId ?? assumedId,
    privateIpAddress: address ?? (publicIp || ipv6 ? undefined : ASSUMED_ADDRESS),
    ...(publicIp && { publicIpAddress: publicIp }),
    ...(ipv6 && { ipv6Address: ipv6 }),
    ...(availabilityZone && { availabilityZone }),
    ...(host.State?.Name && { state: host.State.Name }),
  };
};

interface Base {
  readonly cluster: string;
  readonly containerInstanceArn: string;
  readonly zone: string | undefined;
  readonly assumedId: string;
}

const first = <T, U>(items: readonly T[], read: (item: T) => U | undefined): U | undefined => {
  for (const item of items) {
    const found = read(item);
    if (found !== undefined) return found;
  }
  return undefined;
};

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
