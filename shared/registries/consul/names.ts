import crypto from 'node:crypto';
import type { Identity, Ref } from '../../model/registration.ts';
import { withoutEnds } from '../../model/text.ts';
import { BoundedMap } from '../../platform/bounded-map.ts';

// A plain import of node:crypto costs every cold start some milliseconds.

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
 * A cluster has two nodes: `esm` holds the records that consul-esm probes, `plain` all others.
 * consul-esm warns of each check on a node of its own that it cannot run, which ECS's health is.
 */
export type NodeKind = (typeof NODE_KINDS)[number];
export const NODE_KINDS = ['plain', 'esm'] as const;
const SUFFIX: Readonly<Record<NodeKind, string>> = { plain: '', esm: '-esm' };

export const otherKind = (kind: NodeKind): NodeKind => (kind === 'plain' ? 'esm' : 'plain');

/** One of our nodes. */
export interface OwnNode {
  readonly cluster: string;
  readonly kind: NodeKind;
}

/** Both nodes of a cluster, whether or not they exist. */
export const nodesOf = (cluster: string): readonly OwnNode[] =>
  NODE_KINDS.map((kind) => ({ cluster, kind }));

/**
 * The name of a synthetic node that holds records of one owner and one cluster. DNS-safe, at most
 * 62 characters, and starting with `rollcall-`. Never a live agent's node, which would delete our
 * services.
 */
export const toNodeName = (owner: string, { cluster, kind }: OwnNode): string => {
  const whose = `${owner}\0${cluster}`;
  const known = names.get(whose);
  const name = known ?? plainName(cluster, whose);
  if (!known) names.set(whose, name);
  return name + SUFFIX[kind];
};

/** Of clusters, by owner and ARN: every change of a record asks for both. */
const names = new BoundedMap<string, string>(1_000);

const plainName = (cluster: string, whose: string): string => {
  const label = (cluster.split('/').at(-1) ?? '').toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const short = withoutEnds(label.slice(0, 40), '-');
  return NODE_PREFIX + [short, hash8(whose)].filter((part) => part !== '').join('-');
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

/**
 * A service's id is unique on its node, without regard to case. On whichever node of its cluster a
 * record stands, it is the same record: where it is to stand is written with it.
 */
export const keyOf = ({ cluster, id }: Pick<Ref, 'cluster' | 'id'>): string =>
  `${cluster}\0${id.toLowerCase()}`;
