import type { Target } from '../../model/registration.ts';
import { Problem } from '../http/problem.ts';

const net = process.getBuiltinModule('node:net');

/** `host:port`, IPv6 in brackets. Throws a 502 where the registry holds something that is no address. */
export const authorityOf = ({ service, id, address, port }: Target): string => {
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Problem(502, `${service}/${id}: the registry holds no valid port for this instance.`);
  if (net.isIPv6(address) && !address.includes('%')) return `[${address}]:${port}`;
  if (net.isIPv4(address) || isHostName(address)) return `${address}:${port}`;
  throw new Problem(502, `${service}/${id}: the registry holds no valid address for this instance.`);
};

/** A last label that begins with a digit and is all number (`127.1`, `0x7f`) is an IPv4 address to browsers, and not the one that stands there. */
const isHostName = (text: string) =>
  text.length <= 253 &&
  /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i.test(text) &&
  !/(^|\.)(\d+|0x[0-9a-f]*)$/i.test(text);

/** Where a client finds `path` (percent-encoded, without its first slash) on the target. */
export const locationOf = (target: Target, path: string, rawQuery: string): string => {
  const secure = target.metadata['scheme'] === 'https' || target.metadata['secure'] === 'true';
  const query = rawQuery === '' ? '' : `?${escapeStray(rawQuery)}`;
  return `${secure ? 'https' : 'http'}://${authorityOf(target)}/${escapePath(path)}${query}`;
};

/**
 * Escapes what may not stand in a URL's path, and nothing else, so that what was escaped before stays as it was.
 * API Gateway's HTTP APIs hand over paths decoded, function URLs and plain servers as they came: both are right after this.
 */
export const escapePath = (path: string) => escapeStray(path).replaceAll('?', '%3F');

/** The same for a query: control characters, spaces, non-ASCII and a `%` that begins no escape. */
const escapeStray = (text: string) =>
  text.toWellFormed().replace(/%(?![0-9A-Fa-f]{2})|[^!$-;=?-[\]_a-z~]/gu, encodeURIComponent);
