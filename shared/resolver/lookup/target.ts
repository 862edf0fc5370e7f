import net from 'node:net';
import { KEY, type Target } from '../../model/registration.ts';
import { escapePath, escapeQuery } from '../http/message.ts';
import { Problem } from '../http/problem.ts';

/** `host:port`, IPv6 in brackets. Throws a 502 where the registry holds no valid address. */
export const authorityOf = ({ service, id, address, port }: Target): string => {
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Problem(502, `${service}/${id}: the registry holds no valid port for this instance.`);
  if (net.isIPv6(address) && !address.includes('%')) return `[${address}]:${port}`;
  if (net.isIPv4(address) || isHostName(address)) return `${address}:${port}`;
  throw new Problem(
    502,
    `${service}/${id}: the registry holds no valid address for this instance.`,
  );
};

/**
 * Browsers read a name whose last label is a number (`127.1`, `0x7f`) as an IPv4 address, and not
 * as the one that it looks like: such a name is refused.
 */
const isHostName = (text: string) =>
  text.length <= 253 &&
  /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i.test(text) &&
  !/(^|\.)(\d+|0x[0-9a-f]*)$/i.test(text);

/** Whether a client can connect to it: other writers may put anything into a registry. */
export const hasValidAddress = (target: Target): boolean => {
  try {
    return authorityOf(target) !== '';
  } catch {
    return false;
  }
};

/** The URL of `path` (percent-encoded, without its first slash) on the target. */
export const locationOf = (target: Target, path: string, rawQuery: string): string => {
  const secure = target.metadata['scheme'] === 'https' || target.metadata['secure'] === 'true';
  const query = rawQuery === '' ? '' : `?${escapeQuery(rawQuery)}`;
  return `${secure ? 'https' : 'http'}://${authorityOf(target)}/${escapePath(path)}${query}`;
};

/** The name of its ECS cluster, from whichever key the registry carries. */
export const clusterNameOf = ({ metadata }: Target): string | undefined =>
  metadata[KEY.clusterName] ?? metadata[KEY.cluster]?.split('/').at(-1);
