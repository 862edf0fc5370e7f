import { isIPv6 } from 'node:net';
import type { CloudMapConfig } from '../../config/config.ts';
import { type Identity, type Instance, KEY, type Ref, type Registration } from '../../model/registration.ts';
import { withEurekaWords } from '../eureka-words.ts';
import type { Fitted } from '../registry.ts';
import { carriedTags, formatTags } from '../tags.ts';
import { DETAIL, isMetadata, toAttributes } from './attributes.ts';
import { toServiceName, toSrvName } from './names.ts';

const MOST_CUSTOM = 30;
const MOST_KEY = 255;
const MOST_VALUE = 1_024;
/** Keys and values together, less what AWS_INIT_HEALTH_STATUS takes. */
const MOST_CHARACTERS = 5_000 - 'AWS_INIT_HEALTH_STATUS=UNHEALTHY'.length;

/** The names that stand for an identity; none where nothing of its name can be carried. */
export const refsOf = (identity: Identity, dns: CloudMapConfig['dns']): readonly Ref[] => {
  const { id, service, cluster, protocol } = identity;
  const names = [toServiceName(service), dns === 'both' ? toSrvName(service, protocol) : undefined];
  return names.flatMap((name) => (name === undefined ? [] : [{ service: name, id, cluster }]));
};

/** An instance as Cloud Map carries it. What must be mapped or left out is said; our own keys always survive. */
export const fitInstance = (instance: Instance, dns: CloudMapConfig['dns']): Fitted => {
  const refs = refsOf(instance, dns);
  const tags = fitTags(instance.tags);
  const own = Object.entries(instance.metadata).filter(([key]) => OWN_KEYS.has(key) && isMetadata(key));
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
    withEurekaWords(instance),
    toAttributes({ ...bare, service: '', id: '', cluster: '' }),
  );
  const metadata = { ...bare.metadata, ...custom.kept };
  return {
    records: refs.map((ref): Registration => ({ ...ref, ...bare, metadata })),
    notes: [...nameNotes(instance, refs), ...tags.notes, ...custom.notes].map(
      (note) => `cloudmap: ${instance.service}/${instance.id}: ${note}`,
    ),
  };
};

const OWN_KEYS: ReadonlySet<string> = new Set(Object.values(KEY));

/** The address that clients shall use stands for its family: it may be the public one. */
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
  while (formatTags(kept).length > MOST_VALUE) kept.pop();
  const lost = tags.filter((tag) => !kept.includes(tag));
  return { kept, notes: lost.map((tag) => `tag ${JSON.stringify(tag)} was changed or left out`) };
};

type Texts = Readonly<Record<string, string>>;

interface FittedMetadata {
  readonly kept: Texts;
  readonly notes: readonly string[];
}

/** Takes custom keys in alphabetical order while there is room beside what must be there. */
const fitCustom = (metadata: Texts, required: Texts): FittedMetadata => {
  const taken = new Map(Object.entries(required));
  const kept = new Map<string, string>();
  const notes: string[] = [];
  const custom = Object.entries(metadata).filter(([key]) => !OWN_KEYS.has(key));
  for (const [raw, text] of custom.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [key, value] = [toKey(raw), toValue(text)];
    const refusal = refusalOf(key, value, taken);
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

const refusalOf = (key: string, value: string, taken: ReadonlyMap<string, string>): string | undefined => {
  if (key === '' || /^(AWS|ROLLCALL)_/i.test(key)) return 'the name is reserved';
  if (taken.has(key)) return `there is ${key} already`;
  const custom = [...taken.keys()].filter((other) => !other.startsWith('AWS_'));
  if (custom.length >= MOST_CUSTOM) return `Cloud Map takes ${MOST_CUSTOM}`;
  const size = sizeOf([...taken, [key, value]]);
  return size > MOST_CHARACTERS ? 'it would make the attributes longer than Cloud Map takes' : undefined;
};

const sizeOf = (entries: readonly (readonly [string, string])[]) =>
  entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);

/** Printable ASCII without spaces. */
const toKey = (raw: string) => raw.replace(/[^!-~]/g, '_').slice(0, MOST_KEY);

/** Printable ASCII, spaces and tabs, but not first. */
const toValue = (raw: string) =>
  raw
    .replace(/[^\t -~]/gu, '?')
    .replace(/^[\t ]+/, '')
    .slice(0, MOST_VALUE);
