import { type Instance, KEY, type Registration } from '../../model/registration.ts';
import { withEurekaFacts } from '../eureka-metadata.ts';
import type { Fitted } from '../registry.ts';
import { fitProbe, readChecks } from './checks.ts';
import { keyOf, type NodeKind, type OwnNode, toServiceName } from './names.ts';
import type { WireCheck, WireService } from './wire.ts';

/** Consul turns a weight outside 1 to this into 1 (seen in 1.8.7). */
const MAX_WEIGHT = 65_535;

/** Pure: the record as `list` will give it back once it is written. */
export const fitInstance = (instance: Instance): Fitted => {
  const service = toServiceName(instance.service);
  const meta = fitMetadata(withEurekaFacts(instance));
  const probe = fitProbe(instance.check);
  const weight = Math.min(MAX_WEIGHT, Math.max(1, Math.round(instance.weight) || 1));
  const record: Registration = {
    service,
    id: instance.id,
    cluster: instance.cluster,
    address: instance.address,
    port: instance.port,
    protocol: instance.protocol,
    health: instance.health,
    tags: [...new Set(instance.tags.map((tag) => tag.toWellFormed()))].sort(),
    metadata: meta.metadata,
    detail: { weight: String(weight), check: 'ecs', ...probe.detail, ...(probe.detail && ON_ESM) },
  };
  const notes = [
    ...(service === instance.service
      ? []
      : [`name ${JSON.stringify(instance.service)} is written as ${service}`]),
    ...(weight === instance.weight ? [] : [`weight ${instance.weight} is written as ${weight}`]),
    ...meta.notes,
    ...probe.notes,
  ];
  return { records: [record], notes };
};

/** Said in `detail` of a record that does not stand on the plain node. */
const ON_ESM = { node: 'esm' };

/** Where a record is to stand, or stands; of one that stands on both nodes, the plain one. */
export const nodeKindOf = ({ detail }: Pick<Registration, 'detail'>): NodeKind =>
  detail['node'] === ON_ESM.node ? 'esm' : 'plain';

/** A service of one of our nodes, with that node's checks. Others may have written it. */
export const toRecord = (
  service: WireService,
  { cluster, kind }: OwnNode,
  checks: ReadonlyMap<string, WireCheck>,
): Registration => {
  const { health, detail } = readChecks(service.ID, checks);
  return {
    service: service.Service,
    id: service.ID,
    cluster,
    address: service.Address,
    port: service.Port,
    protocol: readProtocol(service),
    health,
    tags: [...(service.Tags ?? [])].sort(),
    metadata: service.Meta ?? {},
    detail: {
      weight: String(service.Weights.Passing),
      ...detail,
      ...(kind === 'esm' && ON_ESM),
    },
  };
};

/**
 * An older version knows the plain node alone, and leaves a record of ours on both. It then differs
 * from whatever is desired, so it is written anew, or removed, at both.
 */
export const unite = (records: readonly Registration[]): readonly Registration[] =>
  [...Map.groupBy(records, keyOf).values()].flatMap((same) => {
    const [first, second] = same;
    if (!first || !second || first.metadata[KEY.owner] !== second.metadata[KEY.owner]) return same;
    return [{ ...first, detail: { ...first.detail, node: 'both' } }];
  });

/** In our records by metadata; Registrator marks udp by a tag. */
export const readProtocol = ({ Meta, Tags }: Pick<WireService, 'Meta' | 'Tags'>) => {
  const udp =
    Meta?.[KEY.owner] === undefined ? Tags?.includes('udp') : Meta[KEY.protocol] === 'udp';
  return udp ? 'udp' : 'tcp';
};

export const fromRecord = (record: Registration): WireService => {
  const { id, service, address, port, tags, metadata, detail } = record;
  return {
    ID: id,
    Service: service,
    Address: address,
    Port: port,
    Tags: tags,
    Meta: metadata,
    // Consul's default for Warning is 1, but 0 where only Passing is given.
    Weights: { Passing: Number(detail['weight'] ?? 1), Warning: 1 },
  };
};

/**
 * Consul's limits of a service's Meta: a pair beyond them fails the whole registration. Bytes, not
 * characters.
 */
const MAX_PAIRS = 64;
const MAX_KEY = 128;
const MAX_VALUE = 512;

const OURS: ReadonlySet<string> = new Set(Object.values(KEY));

export interface FittedMetadata {
  readonly metadata: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

/**
 * Metadata within Consul's limits: keys of `[A-Za-z0-9_-]` without the prefix `consul-`, values
 * cut. Of keys that become equal the first in order stays; beyond 64 pairs the user's are dropped,
 * never Rollcall's.
 */
export const fitMetadata = (given: Readonly<Record<string, string>>): FittedMetadata => {
  const notes: string[] = [];
  const kept = new Map<string, string>();
  const keys = Object.keys(given);
  const users = keys.filter((key) => !OURS.has(key)).sort();
  for (const key of [...keys.filter((one) => OURS.has(one)), ...users]) {
    const mapped = OURS.has(key) ? key : toMetaKey(key);
    const lost = reasonToDrop(mapped, key, kept);
    if (lost) {
      notes.push(`metadata ${JSON.stringify(key)} is left out: ${lost}`);
      continue;
    }
    const value = cut((given[key] ?? '').toWellFormed(), MAX_VALUE);
    kept.set(mapped, value);
    if (mapped !== key) notes.push(`metadata key ${JSON.stringify(key)} is written as ${mapped}`);
    if (value !== given[key])
      notes.push(`metadata ${mapped} is cut to ${MAX_VALUE} bytes of valid text`);
  }
  return { metadata: Object.fromEntries(kept), notes };
};

const toMetaKey = (key: string) =>
  key
    .replace(/[^A-Za-z0-9_-]/gu, '_')
    .replace(/^consul-/, 'consul_')
    .slice(0, MAX_KEY);

const reasonToDrop = (
  mapped: string,
  key: string,
  kept: ReadonlyMap<string, string>,
): string | undefined => {
  if (mapped === '') return 'the key is empty';
  if (mapped !== key && OURS.has(mapped.toUpperCase().replaceAll('-', '_')))
    return 'the key is reserved';
  if (kept.has(mapped)) return `another key is written as ${mapped}`;
  return kept.size >= MAX_PAIRS ? `Consul holds ${MAX_PAIRS} pairs` : undefined;
};

/** The longest beginning of the text within this number of bytes; no character is split. */
const cut = (text: string, bytes: number): string => {
  if (Buffer.byteLength(text) <= bytes) return text;
  const whole = Buffer.from(text);
  let end = bytes;
  while (((whole[end] ?? 0) & 0xc0) === 0x80) end--;
  return whole.toString('utf8', 0, end);
};
