import type { Rules } from '../config/config.ts';
import type { Binding, Definition } from '../model/task.ts';
import { chooseBinding, familyOf } from './bindings.ts';
import { containerState } from './containers.ts';
import type { DeriveInput } from './derived.ts';
import type { Reason, TaskPort } from './ports.ts';
import { compact } from './records.ts';

export type Wanted = Rules['address'];

/** Where clients reach a port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
  /** Of a range the last one. */
  readonly lastPort?: number;
  readonly ipv4?: string;
  readonly ipv6?: string;
}

export type Reach = Endpoint | { readonly skip: Reason };

interface Known {
  readonly privateIpv4?: string | undefined;
  readonly publicIpv4?: string | undefined;
  readonly ipv6?: string | undefined;
}

/**
 * The kind of address that clients shall use: the definition's tag `rollcall:address`, else the
 * deployment's rule.
 */
export const wantedAddress = (definition: Definition, rules: Rules): Wanted =>
  [taggedAddress(definition)].find(isWanted) ?? rules.address;

/** Why `rollcall:address` has no effect, if it has none. */
export const addressFault = (definition: Definition): string | undefined => {
  const tag = taggedAddress(definition);
  if (tag === undefined || isWanted(tag)) return undefined;
  return `tag rollcall:address must be private, public or ipv6, not ${JSON.stringify(tag)}; it is ignored`;
};

/**
 * The kind of address asked for, or the reason why there is none: never a public one in place of a
 * private one, or the other way round.
 */
export const reachOf = (input: DeriveInput, port: TaskPort, wanted: Wanted): Reach => {
  const { containerPort, lastContainerPort } = port.mapping;
  const ports = { port: containerPort, lastPort: lastContainerPort };
  const state = containerState(input.task, port.container.name);
  if (state !== 'serving')
    return { skip: [`container-${state}`, `its container ${STATES[state]}`] };
  const { networkMode } = input.definition;
  if (networkMode === 'none') return { skip: ['network-mode', 'network mode none'] };
  const known = networkMode === 'awsvpc' ? ofInterface(input, port) : (input.host ?? {});
  // What has IPv6 alone, as in a subnet without IPv4, is private by that.
  const isIpv6Alone = wanted === 'private' && !known.privateIpv4 && known.ipv6;
  const kind = isIpv6Alone ? 'ipv6' : wanted;
  return networkMode === 'bridge' ? throughBridge(input, port, kind) : toReach(known, ports, kind);
};

const STATES = { stopped: 'has stopped', starting: 'does not run yet' } as const;

const taggedAddress = ({ tags }: Definition) => tags['rollcall:address']?.trim() || undefined;

const isWanted = (text: string | undefined): text is Wanted =>
  text === 'private' || text === 'public' || text === 'ipv6';

const containerOf = ({ task }: DeriveInput, { container }: TaskPort) =>
  task.containers.find(({ name }) => name === container.name);

const ofInterface = (input: DeriveInput, port: TaskPort): Known => {
  const container = containerOf(input, port);
  return {
    privateIpv4: input.task.eni?.ipv4 ?? container?.ipv4,
    publicIpv4: input.publicIpv4,
    ipv6: input.task.eni?.ipv6 ?? container?.ipv6,
  };
};

const throughBridge = (input: DeriveInput, port: TaskPort, wanted: Wanted): Reach => {
  const { containerPort, protocol, hostPort } = port.mapping;
  const bindings = containerOf(input, port)?.bindings.filter(
    (binding) => binding.containerPort === containerPort && binding.protocol === protocol,
  );
  const bound = chooseBinding(bindings ?? [], wanted === 'ipv6' ? 6 : 4);
  const { host = {} } = input;
  switch (bound.kind) {
    case 'none':
      // A fixed host port is no proof: until Docker reports it, it may have failed to bind. The
      // next event tells.
      return {
        skip: ['no-binding', `ECS reports no host port yet (defined: ${hostPort || 'dynamic'})`],
      };
    case 'loopback':
      return { skip: ['loopback', 'bound to a loopback address only'] };
    case 'everywhere':
      return toReach(inFamilies(host, bound.families), portsOf(bound), wanted);
    case 'at':
      return toReach(atOneIp(host, bound.ip), portsOf(bound), wanted);
  }
};

/** The host port is known to answer in these families; in the other it may be another one. */
const inFamilies = (host: Known, families: readonly (4 | 6)[]): Known => ({
  ...(families.includes(4) && { privateIpv4: host.privateIpv4, publicIpv4: host.publicIpv4 }),
  ...(families.includes(6) && { ipv6: host.ipv6 }),
});

/** EC2 translates a public address to the host's primary private one, and to no other. */
const atOneIp = (host: Known, ip: string): Known =>
  familyOf(ip) === 6
    ? { ipv6: ip }
    : { privateIpv4: ip, publicIpv4: ip === host.privateIpv4 ? host.publicIpv4 : undefined };

interface Ports {
  readonly port: number;
  readonly lastPort: number | undefined;
}

const portsOf = ({
  hostPort,
  lastHostPort,
}: Pick<Binding, 'hostPort' | 'lastHostPort'>): Ports => ({
  port: hostPort,
  lastPort: lastHostPort,
});

const toReach = (known: Known, ports: Ports, wanted: Wanted): Reach => {
  const ipv4 = wanted === 'public' ? known.publicIpv4 : known.privateIpv4;
  const address = wanted === 'ipv6' ? known.ipv6 : ipv4;
  if (!address) return { skip: ['no-address', `no ${WORDS[wanted]} address is known`] };
  return compact<Endpoint>({ address, ...ports, ipv4, ipv6: known.ipv6 });
};

const WORDS = { private: 'private IPv4', public: 'public IPv4', ipv6: 'IPv6' } as const;
