import type { Binding } from '../model/task.ts';
import { byText } from '../model/text.ts';

export type Family = 4 | 6;

/**
 * Where Docker published one container port, as far as others than the host itself can reach it.
 */
export type Bound =
  | { readonly kind: 'none' | 'loopback' }
  /** Families in which this very host port is known to answer on every address of the host. */
  | ({ readonly kind: 'everywhere'; readonly families: readonly Family[] } & HostPorts)
  | ({ readonly kind: 'at'; readonly ip: string } & HostPorts);

type HostPorts = Pick<Binding, 'hostPort' | 'lastHostPort'>;

/**
 * One of a port's bindings: ECS may list two, for IPv4 and IPv6, even with different host ports.
 * The wanted family comes first; a lone wildcard of the other one will do, since ECS's agent leaves
 * out IPv6 by default though Docker binds both, and a lone `::` takes IPv4 too.
 */
export const chooseBinding = (bindings: readonly Binding[], wanted: Family): Bound => {
  const told = bindings
    .filter(({ hostPort }) => hostPort > 0)
    .map((b) => ({ ...b, bindIp: plain(b.bindIp) }));
  const usable = told.filter(({ bindIp }) => !isLoopback(bindIp));
  const [chosen] = usable.sort(
    (a, b) =>
      Number(familyOf(b.bindIp) === wanted) - Number(familyOf(a.bindIp) === wanted) ||
      Number(isWildcard(b.bindIp)) - Number(isWildcard(a.bindIp)) ||
      byText(a.bindIp, b.bindIp) ||
      a.hostPort - b.hostPort,
  );
  if (!chosen) return { kind: told.length > 0 ? 'loopback' : 'none' };
  const { hostPort, lastHostPort, bindIp } = chosen;
  const ports = { hostPort, ...(lastHostPort !== undefined && { lastHostPort }) };
  if (!isWildcard(bindIp)) return { kind: 'at', ...ports, ip: bindIp };
  const twins = usable.filter((other) => other.hostPort === hostPort && isWildcard(other.bindIp));
  const families = [...new Set([wanted, ...twins.map((twin) => familyOf(twin.bindIp))])];
  return { kind: 'everywhere', ...ports, families };
};

export const familyOf = (ip: string): Family => (ip.includes(':') ? 6 : 4);

/** IPv4 as it is, also where it came mapped into IPv6. */
const plain = (ip: string) => ip.replace(/^::ffff:(?=\d+\.)/i, '');
const isWildcard = (ip: string) => ip === '' || ip === '0.0.0.0' || ip === '::';
const isLoopback = (ip: string) => ip === '::1' || ip.startsWith('127.');
