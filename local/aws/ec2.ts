import { number, records, required, text, texts, toPage } from './input.ts';
import { AwsFault, type AwsService } from './service.ts';
import type { InstanceState, Machine, NetworkInterface } from './world/shapes.ts';
import type { World } from './world.ts';

type Input = Readonly<Record<string, unknown>>;

const STATE_CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

/**
 * EC2's DescribeInstances and DescribeNetworkInterfaces over a world. Members are XML element
 * names.
 */
export const createEc2 = (world: World): AwsService => ({
  target: 'ec2',
  async handle(operation, input) {
    if (operation === 'DescribeInstances') return describeInstances(world, input);
    if (operation === 'DescribeNetworkInterfaces') return describeNetworkInterfaces(world, input);
    throw new AwsFault('InvalidAction', `The action ${operation} is not simulated.`);
  },
});

const describeInstances = (world: World, input: Input) => {
  refuseInOutage(world, texts(input, 'InstanceId'));
  const { items, next } = choose(input, {
    all: world.machines().filter(({ instanceId }) => instanceId.startsWith('i-')),
    idOf: ({ instanceId }) => instanceId,
    ids: 'InstanceId',
    form: /^i-([0-9a-f]{8}|[0-9a-f]{17})$/,
    malformed: 'InvalidInstanceID.Malformed',
    unknown: (ids) =>
      new AwsFault(
        'InvalidInstanceID.NotFound',
        ids.length === 1
          ? `The instance ID '${ids[0]}' does not exist`
          : `The instance IDs '${ids.join(', ')}' do not exist`,
      ),
    filters: {
      'instance-id': ({ instanceId }) => instanceId,
      'instance-state-name': ({ state }) => state,
      'private-ip-address': ({ privateIpAddress }) => privateIpAddress,
    },
  });
  return {
    reservationSet: items.map((machine) => ({
      reservationId: `r-${machine.instanceId.slice(2)}`,
      ownerId: world.account,
      instancesSet: [toInstance(machine)],
    })),
    nextToken: next,
  };
};

/**
 * "If you describe instances in the rare case …": any call without ids, and each that names an
 * instance of the zone.
 */
const refuseInOutage = (world: World, ids: readonly string[]) => {
  const lost = world.lostZones();
  const isStruck = (id: string) => lost.has(world.machine(id)?.availabilityZone ?? '');
  if (ids.length === 0 ? lost.size > 0 : ids.some(isStruck))
    throw new AwsFault('Unavailable', 'The service is unavailable. Please try again shortly.', 503);
};

const toInstance = (machine: Machine) => ({
  instanceId: machine.instanceId,
  instanceState: { code: STATE_CODES[machine.state], name: machine.state },
  launchTime: machine.launchTime,
  placement: { availabilityZone: machine.availabilityZone },
  // A terminated instance has given its addresses back.
  ...(machine.state !== 'terminated' && {
    privateIpAddress: machine.privateIpAddress,
    ipAddress: machine.publicIpAddress,
    ipv6Address: machine.ipv6Address,
  }),
});

const describeNetworkInterfaces = (world: World, input: Input) => {
  const { items, next } = choose(input, {
    all: world.networkInterfaces(),
    idOf: ({ networkInterfaceId }) => networkInterfaceId,
    ids: 'NetworkInterfaceId',
    form: /^eni-([0-9a-f]{8}|[0-9a-f]{17})$/,
    malformed: 'InvalidNetworkInterfaceId.Malformed',
    unknown: (ids) =>
      new AwsFault(
        'InvalidNetworkInterfaceID.NotFound',
        `The networkInterface ID '${ids[0]}' does not exist`,
      ),
    filters: {
      'network-interface-id': ({ networkInterfaceId }) => networkInterfaceId,
      'private-ip-address': ({ privateIpAddress }) => privateIpAddress,
    },
  });
  return { networkInterfaceSet: items.map(toNetworkInterface), nextToken: next };
};

const toNetworkInterface = (eni: NetworkInterface) => ({
  networkInterfaceId: eni.networkInterfaceId,
  subnetId: eni.subnetId,
  availabilityZone: eni.availabilityZone,
  macAddress: eni.macAddress,
  privateIpAddress: eni.privateIpAddress,
  ...(eni.ipv6Address && { ipv6AddressesSet: [{ ipv6Address: eni.ipv6Address }] }),
  ...(eni.publicIp && { association: { publicIp: eni.publicIp } }),
  status: 'in-use',
});

interface Choice<T> {
  readonly all: readonly T[];
  readonly idOf: (item: T) => string;
  /** The input's member that lists ids. */
  readonly ids: string;
  /** What an id must look like, and the error for one that does not. */
  readonly form: RegExp;
  readonly malformed: string;
  readonly unknown: (ids: readonly string[]) => AwsFault;
  readonly filters: Readonly<Record<string, (item: T) => string | undefined>>;
}

/**
 * By ids (an unknown one fails the whole call; no MaxResults then) and by filters (unknown values
 * match nothing).
 */
const choose = <T>(
  input: Input,
  { all, idOf, ids, form, malformed, unknown, filters }: Choice<T>,
) => {
  const wanted = texts(input, ids);
  const size = number(input, 'MaxResults');
  if (wanted.length > 0 && size !== undefined)
    throw new AwsFault(
      'InvalidParameterCombination',
      `The parameter ${ids}s cannot be used with the parameter maxResults`,
    );
  if (size !== undefined && (size < 5 || size > 1000))
    throw new AwsFault(
      'InvalidParameterValue',
      `Value ( ${size} ) for parameter maxResults is invalid.`,
    );
  const odd = wanted.find((id) => !form.test(id));
  if (odd !== undefined) throw new AwsFault(malformed, `Invalid id: "${odd}"`);
  const missing = wanted.filter((id) => !all.some((item) => idOf(item) === id));
  if (missing.length > 0) throw unknown(missing);
  const tests = records(input, 'Filter').map((filter) => parseFilter(filter, filters));
  return toPage(
    all.filter(
      (item) =>
        (wanted.length === 0 || wanted.includes(idOf(item))) && tests.every((test) => test(item)),
    ),
    idOf,
    {
      size: size ?? 1000,
      token: text(input, 'NextToken'),
      invalid: () => new AwsFault('InvalidNextToken', 'The token is invalid.'),
    },
  );
};

const parseFilter = <T>(filter: Input, filters: Choice<T>['filters']) => {
  const name = required(filter, 'Name');
  const values = texts(filter, 'Value');
  const read = filters[name];
  if (!read)
    throw new AwsFault(
      'InvalidParameterValue',
      `The filter '${name}' is invalid (or not simulated)`,
    );
  if (values.length > 200)
    throw new AwsFault('FilterLimitExceeded', 'The maximum number of filter values is 200.');
  return (item: T) => values.includes(read(item) ?? '');
};
