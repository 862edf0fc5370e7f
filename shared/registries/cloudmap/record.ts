import { isIPv6 } from 'node:net';
import type { HealthStatus } from '@aws-sdk/client-servicediscovery';
import type { CloudMapConfig } from '../../config/config.ts';
import {
  type Health,
  type Instance,
  KEY,
  type Ref,
  type Registration,
} from '../../model/registration.ts';
import { withEurekaFacts } from '../eureka-metadata.ts';
import type { Fitted } from '../registry.ts';
import { carriedTags, formatTags, parseTags } from '../tags.ts';
import { refsOf } from './names.ts';
import type { Service } from './services.ts';

export type Attributes = Readonly<Record<string, string>>;

/** Attributes beside AWS's own and the shared keys. */
export const OWN = {
  /**
   * Decides which DNS records the service gets if it must be created again: nothing else tells
   * awsvpc from bridge.
   */
  networkMode: 'ROLLCALL_NETWORK_MODE',
  /** `ipv6` where a record has both addresses and clients should use the IPv6 one. */
  address: 'ROLLCALL_ADDRESS',
} as const;

/** Keys of `detail` in our registrations. */
export const DETAIL = { ipv4: 'ipv4', ipv6: 'ipv6', networkMode: 'networkMode' } as const;

/** Attributes that become fields of a registration instead of metadata. */
const FIELDS: ReadonlySet<string> = new Set([KEY.tags, KEY.protocol, ...Object.values(OWN)]);

/** All attributes of an instance, without its health: a registration replaces all earlier ones. */
export const fromRecord = (record: Registration): Attributes => {
  const {
    [DETAIL.ipv4]: ipv4,
    [DETAIL.ipv6]: ipv6,
    [DETAIL.networkMode]: networkMode,
  } = record.detail;
  return {
    ...record.metadata,
    ...(ipv4 && { AWS_INSTANCE_IPV4: ipv4 }),
    ...(ipv6 && { AWS_INSTANCE_IPV6: ipv6 }),
    AWS_INSTANCE_PORT: String(record.port),
    ...(networkMode && { [OWN.networkMode]: networkMode }),
    ...(ipv4 && record.address === ipv6 && { [OWN.address]: 'ipv6' }),
    ...(record.tags.length > 0 && { [KEY.tags]: formatTags(record.tags) }),
    ...(record.protocol !== 'tcp' && { [KEY.protocol]: record.protocol }),
  };
};

export interface HeldInstance {
  readonly service: Service;
  readonly id: string;
  readonly attributes: Attributes;
}

/** A record without its health. Others may have written it, so any attribute may be missing. */
export const toRecord = ({ service, id, attributes }: HeldInstance): Registration => {
  const {
    AWS_INSTANCE_IPV4: ipv4,
    AWS_INSTANCE_IPV6: ipv6,
    [OWN.networkMode]: networkMode,
  } = attributes;
  const named = attributes['AWS_INSTANCE_CNAME'] ?? attributes['AWS_ALIAS_DNS_NAME'] ?? '';
  return {
    service: service.name,
    id,
    cluster: attributes[KEY.cluster] ?? '',
    address: (attributes[OWN.address] === 'ipv6' ? ipv6 : undefined) ?? ipv4 ?? ipv6 ?? named,
    port: Number(attributes['AWS_INSTANCE_PORT'] ?? 0),
    protocol: attributes[KEY.protocol] === 'udp' ? 'udp' : 'tcp',
    health: undefined,
    tags: parseTags(attributes[KEY.tags] ?? ''),
    metadata: Object.fromEntries(Object.entries(attributes).filter(([key]) => isMetadata(key))),
    detail: {
      ...(ipv4 && { [DETAIL.ipv4]: ipv4 }),
      ...(ipv6 && { [DETAIL.ipv6]: ipv6 }),
      ...(networkMode && { [DETAIL.networkMode]: networkMode }),
    },
  };
};

const isMetadata = (key: string) => !key.startsWith('AWS_') && !FIELDS.has(key);

/** `undefined` where a service has no custom health: then we do not compare it. */
export const withHealth = (
  record: Registration,
  service: Service,
  status: HealthStatus | undefined,
): Registration => ({
  ...record,
  health: service.health === 'custom' ? toHealth(status) : undefined,
});

/** UNKNOWN or absent: registered a moment ago. */
const toHealth = (status: HealthStatus | undefined): Health =>
  status === 'HEALTHY' ? 'healthy' : status === 'UNHEALTHY' ? 'unhealthy' : 'starting';

const MAX_CUSTOM = 30;
const MAX_KEY = 255;
const MAX_VALUE = 1_024;
/** Keys and values together, less what AWS_INIT_HEALTH_STATUS takes. */
const MAX_CHARACTERS = 5_000 - 'AWS_INIT_HEALTH_STATUS=UNHEALTHY'.length;

/**
 * An instance as Cloud Map can hold it. What had to be changed or left out is in the notes; our own
 * keys always stay.
 */
export const fitInstance = (instance: Instance, dns: CloudMapConfig['dns']): Fitted => {
  const refs = refsOf(instance, dns);
  const tags = fitTags(instance.tags);
  const own = Object.entries(instance.metadata).filter(
    ([key]) => OWN_KEYS.has(key) && isMetadata(key),
  );
  const bare = {
    address: instance.address,
    port: instance.port,
    protocol: instance.protocol,
    health: instance.health,
    tags: tags.kept,
    metadata: Object.fromEntries(own.map(([key, value]) => [key, toValue(value)])),
    detail: detailOf(instance),
  };
  const custom = fitCustom(
    withEurekaFacts(instance),
    fromRecord({ ...bare, service: '', id: '', cluster: '' }),
  );
  const metadata = { ...bare.metadata, ...custom.kept };
  return {
    records: refs.map((ref): Registration => ({ ...ref, ...bare, metadata })),
    notes: [...nameNotes(instance, refs), ...tags.notes, ...custom.notes].map(
      (note) => `cloudmap: ${instance.service}/${instance.id}: ${note}`,
    ),
  };
};

/** What came with a later version takes the place of nothing that a user says. */
const IF_ROOM: readonly string[] = [KEY.deployment, KEY.revision];
/** The others of ours always have a place. */
const OWN_KEYS: ReadonlySet<string> = new Set(
  Object.values(KEY).filter((key) => !IF_ROOM.includes(key)),
);

/** The address that clients should use replaces the one of its family: it may be a public one. */
const detailOf = ({ address, ipv4, ipv6, networkMode }: Instance) => {
  const wanted = isIPv6(address) ? { ipv4, ipv6: address } : { ipv4: address, ipv6 };
  return {
    ...(wanted.ipv4 && { [DETAIL.ipv4]: wanted.ipv4 }),
    ...(wanted.ipv6 && { [DETAIL.ipv6]: wanted.ipv6 }),
    [DETAIL.networkMode]: networkMode,
  };
};

const nameNotes = ({ service }: Instance, [first]: readonly Ref[]) => {
  if (!first) return ['nothing in this name can be part of a service name: not registered'];
  return first.service === service ? [] : [`the service is called ${first.service} here`];
};

interface FittedTags {
  readonly kept: readonly string[];
  readonly notes: readonly string[];
}

const fitTags = (tags: readonly string[]): FittedTags => {
  const kept = [...carriedTags(tags.map(toValue))];
  while (formatTags(kept).length > MAX_VALUE) kept.pop();
  const lost = tags.filter((tag) => !kept.includes(tag));
  return { kept, notes: lost.map((tag) => `tag ${JSON.stringify(tag)} was changed or left out`) };
};

interface FittedMetadata {
  readonly kept: Attributes;
  readonly notes: readonly string[];
}

/** Adds custom keys in alphabetical order while there is room beside the required ones. */
const fitCustom = (metadata: Attributes, required: Attributes): FittedMetadata => {
  const taken = new Map(Object.entries(required));
  const kept = new Map<string, string>();
  const notes: string[] = [];
  const custom = Object.entries(metadata).filter(([key]) => !OWN_KEYS.has(key));
  const isLast = (key: string) => Number(IF_ROOM.includes(key));
  custom.sort(([a], [b]) => isLast(a) - isLast(b) || (a < b ? -1 : 1));
  for (const [raw, text] of custom) {
    const [key, value] = [toKey(raw), toValue(text)];
    const refusal = refusalOf(key, value, taken);
    if (refusal && IF_ROOM.includes(raw)) continue;
    if (refusal) notes.push(`attribute ${JSON.stringify(raw)} was left out: ${refusal}`);
    else {
      taken.set(key, value);
      kept.set(key, value);
      if (key !== raw) notes.push(`attribute ${JSON.stringify(raw)} is called ${key} here`);
      if (value !== text) notes.push(`the value of attribute ${key} was changed or cut`);
    }
  }
  return { kept: Object.fromEntries(kept), notes };
};

const refusalOf = (
  key: string,
  value: string,
  taken: ReadonlyMap<string, string>,
): string | undefined => {
  if (key === '' || (/^(AWS|ROLLCALL)_/i.test(key) && !IF_ROOM.includes(key)))
    return 'the name is reserved';
  // Whether keys are told apart by case nobody says.
  const same = OWN_KEYS.has(key.toUpperCase()) ? key.toUpperCase() : key;
  if ((same !== key && taken.has(same)) || taken.has(key)) return `there is ${same} already`;
  const custom = [...taken.keys()].filter((other) => !other.startsWith('AWS_'));
  if (custom.length >= MAX_CUSTOM) return `Cloud Map takes ${MAX_CUSTOM}`;
  const size = sizeOf([...taken, [key, value]]);
  return size > MAX_CHARACTERS
    ? 'it would make the attributes longer than Cloud Map takes'
    : undefined;
};

const sizeOf = (entries: readonly (readonly [string, string])[]) =>
  entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);

/** Printable ASCII without spaces. */
const toKey = (raw: string) => raw.replace(/[^!-~]/g, '_').slice(0, MAX_KEY);

/** Printable ASCII, spaces and tabs; the latter two not at the beginning. */
const toValue = (raw: string) =>
  raw
    .replace(/[^\t -~]/gu, '?')
    .replace(/^[\t ]+/, '')
    .slice(0, MAX_VALUE);
