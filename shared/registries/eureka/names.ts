import crypto from 'node:crypto';
import type { Identity, Ref } from '../../model/registration.ts';

// A plain import of node:crypto costs every cold start some milliseconds.

/**
 * Characters that servers refuse in a path even when they are escaped: Tomcat slashes, Spring
 * Security semicolons, percent signs and control characters. A comma would make two VIP addresses
 * of one.
 */
const UNSAFE = /[\\;%,\p{Cc}]/gu;

/**
 * The name in its own case, for the VIP address. A name of dots alone would be another path. A
 * slash becomes `-`; where another character did, the name ends in a hash, so that two names stay
 * two.
 */
export const toVipName = (service: string) => {
  if (/^\.{1,2}$/.test(service)) return '-'.repeat(service.length);
  const slashless = service.toWellFormed().replaceAll('/', '-');
  const name = slashless.replace(UNSAFE, '-');
  if (name === slashless) return name;
  return `${name}-${crypto.createHash('sha256').update(service, 'utf8').digest('hex').slice(0, 8)}`;
};

/**
 * The application's name. Servers turn it into capitals whatever is sent, so it is in capitals here
 * too.
 */
export const toServiceName = (service: string) => toVipName(service).toUpperCase();

export const refsOf = ({ id, service, cluster }: Identity): readonly Ref[] => [
  { id, service: toServiceName(service), cluster },
];

/** Servers ignore the case of applications, not of ids. */
export const keyOf = ({ service, id }: Pick<Ref, 'service' | 'id'>) =>
  `${toServiceName(service)}/${id}`;

/**
 * Whether a request can reach the id. Always true of ours; others may have registered one with a
 * slash.
 */
export const isReachable = ({ id }: Pick<Ref, 'id'>) => !/[/\\\p{Cc}]|^\.{0,2}$/u.test(id);

export const appPath = (service: string) => `/apps/${encodeURIComponent(toServiceName(service))}`;

export const instancePath = ({ service, id }: Pick<Ref, 'service' | 'id'>) =>
  `${appPath(service)}/${encodeURIComponent(id)}`;
