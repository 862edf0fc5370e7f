import type { Identity, Ref } from '../../model/registration.ts';

// A plain import of node:crypto costs every cold start some milliseconds.
const crypto = process.getBuiltinModule('node:crypto');

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** The first eight characters of SHA-256 in lower-case base32: forty bits, taken as one number. */
const hash8 = (text: string): string => {
  const bits = crypto.createHash('sha256').update(text, 'utf8').digest().readUIntBE(0, 5);
  return Array.from({ length: 8 }, (_, at) => BASE32[Math.floor(bits / 32 ** (7 - at)) % 32]).join(
    '',
  );
};

/** How the name of every node of ours begins, so that an ACL policy can name them. */
export const NODE_PREFIX = 'rollcall-';

/**
 * The synthetic node that holds one cluster's records of one owner. DNS-safe, at most 58
 * characters, and starting with `rollcall-`. Never a live agent's node, which would delete our
 * services.
 */
export const toNodeName = (owner: string, cluster: string): string => {
  const label = (cluster.split('/').at(-1) ?? '').toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const short = label.slice(0, 40).replace(/^-+|-+$/g, '');
  return (
    NODE_PREFIX + [short, hash8(`${owner}\0${cluster}`)].filter((part) => part !== '').join('-')
  );
};

/**
 * A name that Consul's API can be asked for. Consul takes any text as a name, but its router cleans
 * paths (`a//b`, `..`) and refuses control characters, so nobody could read such a service.
 */
export const toServiceName = (name: string): string => {
  const text = name.toWellFormed().replace(/\p{Cc}/gu, '-');
  if (text !== '' && isAddressable(text)) return text;
  const flat = text.replaceAll('/', '-');
  return isAddressable(flat) ? flat : flat.replaceAll('.', '-') || 'unnamed';
};

/** Whether `/v1/health/service/<name>` reaches the service of that name. */
export const isAddressable = (name: string): boolean =>
  !/\p{Cc}/u.test(name) &&
  name
    .replace(/(?<=.)\/$/, '')
    .split('/')
    .every((segment) => segment !== '' && segment !== '.' && segment !== '..');

export const refsOf = ({ service, id, cluster }: Identity): readonly Ref[] => [
  { service: toServiceName(service), id, cluster },
];

/** A service's id is unique on its node, without regard to case. */
export const keyOf = ({ cluster, id }: Pick<Ref, 'cluster' | 'id'>): string =>
  `${cluster}\0${id.toLowerCase()}`;
