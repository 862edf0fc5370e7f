import { createPool, type Names, type Pool } from './names.ts';
import type {
  Attachment,
  Container,
  Machine,
  NetworkBinding,
  NetworkInterface,
  PortMapping,
  TaskDefinition,
} from './shapes.ts';

/** Docker's first port for those who do not care (Linux's ip_local_port_range). */
const FIRST_DYNAMIC_PORT = 32_768;

/** What one task occupies on the network until it has stopped. */
export interface Place {
  readonly eni?: NetworkInterface & {
    readonly attachmentId: string;
    readonly privateIpAddress: string;
  };
  /** By container name; empty but for bridge mode. */
  readonly bindings: Readonly<Record<string, readonly NetworkBinding[]>>;
  /** Everything, or what one container has of it: its host ports. */
  release(container?: string): void;
}

/** A task that takes nothing. */
export const NOWHERE: Place = { bindings: {}, release: () => {} };

export interface PlaceOptions {
  readonly availabilityZone: string;
  readonly machine?: Machine | undefined;
  /** Host ports by container port, where a real process already listens; else Docker's choice. */
  readonly hostPorts?: Readonly<Record<number, number>>;
  /** The task's own address in awsvpc mode. */
  readonly privateIp?: string;
  readonly ipv6?: string;
  readonly publicIp?: string;
}

export const createNetwork = (names: Names) => {
  const addresses = createPool(10);
  const ports = new Map<string, Pool>();
  const interfaces = new Map<string, NetworkInterface>();

  const attach = (options: PlaceOptions): Place => {
    const last = options.privateIp ? undefined : addresses.take();
    const eni = {
      attachmentId: names.uuid(),
      networkInterfaceId: `eni-${names.hex(17)}`,
      subnetId: `subnet-${options.availabilityZone}`,
      macAddress: `0a:${names.hex(10).replace(/(..)(?=.)/g, '$1:')}`,
      availabilityZone: options.availabilityZone,
      privateIpAddress: options.privateIp ?? `10.0.${(last ?? 0) >> 8}.${(last ?? 0) & 255}`,
      ...(options.ipv6 && { ipv6Address: options.ipv6 }),
      ...(options.publicIp && { publicIp: options.publicIp }),
    };
    interfaces.set(eni.networkInterfaceId, eni);
    return {
      eni,
      bindings: {},
      release(container) {
        if (container !== undefined) return;
        interfaces.delete(eni.networkInterfaceId);
        if (last !== undefined) addresses.free(last);
      },
    };
  };

  const bind = (
    definition: TaskDefinition,
    machine: Machine,
    wanted: PlaceOptions['hostPorts'] = {},
  ): Place => {
    const pool = ports.get(machine.instanceId) ?? createPool(FIRST_DYNAMIC_PORT);
    ports.set(machine.instanceId, pool);
    /** By container. A port that was given back may be another task's by now. */
    const taken = new Map<string, number[]>();
    const takeFor = (container: string) => (port?: number) => {
      const given = pool.take(port);
      taken.set(container, [...(taken.get(container) ?? []), given]);
      return given;
    };
    const bindOne = (container: string, mapping: PortMapping): NetworkBinding[] => {
      const { containerPort = 0, protocol = 'tcp', containerPortRange } = mapping;
      const take = takeFor(container);
      if (containerPortRange) return [bindRange(containerPortRange, protocol, take)];
      const hostPort = take(wanted[containerPort] ?? (mapping.hostPort || undefined));
      const v4: NetworkBinding = { bindIP: '0.0.0.0', containerPort, hostPort, protocol };
      if (!machine.ipv6Bindings) return [v4];
      return [
        v4,
        { ...v4, bindIP: '::', hostPort: machine.ipv6Bindings === 'same port' ? hostPort : take() },
      ];
    };
    const release = (container?: string) => {
      for (const name of container === undefined ? [...taken.keys()] : [container]) {
        taken.get(name)?.forEach(pool.free);
        taken.delete(name);
      }
    };
    try {
      const bindings = Object.fromEntries(
        definition.containerDefinitions.map(({ name, portMappings = [] }) => [
          name,
          portMappings.flatMap((mapping) => bindOne(name, mapping)),
        ]),
      );
      return { bindings, release };
    } catch (error) {
      release();
      throw error;
    }
  };

  return {
    interfaces: (): readonly NetworkInterface[] => [...interfaces.values()],
    add(one: NetworkInterface): void {
      interfaces.set(one.networkInterfaceId, one);
    },
    /**
     * Takes address and ports for a task. Throws when a fixed host port is taken on that machine.
     */
    place(definition: TaskDefinition, options: PlaceOptions): Place {
      if (definition.networkMode === 'awsvpc') return attach(options);
      const bridge = (definition.networkMode ?? 'bridge') === 'bridge';
      // The agent reports no bindings for host mode.
      return bridge && options.machine
        ? bind(definition, options.machine, options.hostPorts)
        : NOWHERE;
    },
  };
};

const bindRange = (range: string, protocol: 'tcp' | 'udp', take: () => number): NetworkBinding => {
  const [from = 0, to = from] = range.split('-').map(Number);
  const hostPorts = Array.from({ length: to - from + 1 }, () => take());
  return {
    bindIP: '0.0.0.0',
    containerPortRange: range,
    hostPortRange: `${hostPorts[0]}-${hostPorts.at(-1)}`,
    protocol,
  };
};

/**
 * The interface as a task's attachment: not known before it is attached, still named when it is
 * deleted.
 */
export const toAttachments = (
  { eni }: Place,
  status: 'PRECREATED' | 'ATTACHED' | 'DELETED',
): Attachment[] => {
  if (!eni) return [];
  const { subnetId, networkInterfaceId, macAddress, privateIpAddress } = eni;
  const known = {
    subnetId,
    networkInterfaceId,
    macAddress,
    privateDnsName: `ip-${privateIpAddress.replaceAll('.', '-')}.ec2.internal`,
    privateIPv4Address: privateIpAddress,
  };
  const details = Object.entries(status === 'PRECREATED' ? { subnetId } : known);
  return [
    {
      id: eni.attachmentId,
      type: 'ElasticNetworkInterface',
      status,
      details: details.map(([name, value]) => ({ name, value })),
    },
  ];
};

export const toNetworkInterfaces = ({ eni }: Place): Container['networkInterfaces'] =>
  eni
    ? [
        {
          attachmentId: eni.attachmentId,
          privateIpv4Address: eni.privateIpAddress,
          ...(eni.ipv6Address && { ipv6Address: eni.ipv6Address }),
        },
      ]
    : [];
