import type { World } from '../../local/aws/world.ts';
import type { DescribedInterface } from './described.ts';
import { list, type Members, type Recording } from './recording.ts';

/** The task's own interface, with the public address that the recording may tell of. */
export const placeInterfaces = (
  world: World,
  detail: Members,
  { networkInterfaces, taskDefinition }: Recording,
): readonly string[] => {
  const eni = interfaceOf(detail);
  const own = networkInterfaces.findIndex(
    ({ NetworkInterfaceId }) =>
      (NetworkInterfaceId ?? eni?.networkInterfaceId) === eni?.networkInterfaceId,
  );
  const unused = networkInterfaces.flatMap((_, at) =>
    eni && at === own ? [] : [`Not used: networkInterfaces.${at}: it is not the task's.`],
  );
  if (!eni) return unused;
  const { publicIp, ...told } = toInterface(networkInterfaces[own] ?? {});
  world.addNetworkInterface({ ...eni, ...told, ...(publicIp && { publicIp }) });
  const lacks = !publicIp && wantsPublic(taskDefinition);
  return [
    ...unused,
    ...(lacks
      ? [
          `Assumed: ${eni.networkInterfaceId} has no public address: networkInterfaces tells of none.`,
        ]
      : []),
  ];
};

/** As the task's attachment tells it; absent where its network is its host's. */
const interfaceOf = (detail: Members) => {
  const attachment = list(detail['attachments']).find(({ type }) => type === 'eni');
  const details = new Map(
    list(attachment?.['details']).map(({ name, value }) => [name, String(value)]),
  );
  const networkInterfaceId = details.get('networkInterfaceId');
  if (!networkInterfaceId) return undefined;
  const privateIpAddress = details.get('privateIPv4Address');
  return {
    networkInterfaceId,
    subnetId: details.get('subnetId') ?? '',
    macAddress: details.get('macAddress') ?? '',
    availabilityZone: String(detail['availabilityZone'] ?? ''),
    ...(privateIpAddress && { privateIpAddress }),
  };
};

const toInterface = ({ Association, Ipv6Addresses, PrivateIpAddress }: DescribedInterface) => {
  const ipv6Address = Ipv6Addresses?.[0]?.Ipv6Address;
  return {
    publicIp: Association?.PublicIp,
    ...(PrivateIpAddress && { privateIpAddress: PrivateIpAddress }),
    ...(ipv6Address && { ipv6Address }),
  };
};

/** The rule of the deployment, which a preview does not have, asks for private ones. */
const wantsPublic = (definition: Recording['taskDefinition'] = {}) =>
  list(definition['tags']).some(
    ({ key, value }) => key === 'rollcall:address' && value === 'public',
  );
