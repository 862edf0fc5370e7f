import { inUrl } from '../../shared/model/address.ts';
import { byText } from '../../shared/model/text.ts';
import type { Block } from '../blocks.ts';
import { isObject } from './recording.ts';

type Fields = Readonly<Record<string, unknown>>;

/** One change that one registry would get. */
export interface Told {
  readonly verb: string;
  readonly registry: string;
  readonly service: string;
  readonly id: string;
  readonly reason: string;
  /** Empty for a removal. */
  readonly record: Fields;
}

/** What previews show of one task: each record, as each registry would hold it, and why. */
export const tellPreview = ({ task, changes, notes }: ToldTask): readonly Block[] => {
  const metadata = changes
    .flat()
    .flatMap(({ record }) => ('metadata' in record ? [pairs(record)] : []));
  const shared = (metadata[0] ?? []).filter((pair) => metadata.every((one) => one.includes(pair)));
  const own = (record: Fields) => pairs(record).filter((pair) => !shared.includes(pair));
  return [
    ...(task ? [[task]] : []),
    ...changes.map((each) => tellRecord(each, own)),
    ...(shared.length > 0 ? [['metadata of each', ...shared.map((pair) => `    ${pair}`)]] : []),
    notes,
  ];
};

interface ToldTask {
  readonly task: string;
  readonly changes: readonly (readonly Told[])[];
  readonly notes: readonly string[];
}

const pairs = ({ metadata }: Fields): readonly string[] =>
  isObject(metadata)
    ? Object.entries(metadata)
        .map(([key, value]) => `${key}=${value}`)
        .sort(byText)
    : [];

/**
 * One record as it would stand in each registry: what they share, then what only one of them gets.
 */
const tellRecord = (
  changes: readonly Told[],
  metadata: (record: Fields) => readonly string[],
): readonly string[] => {
  const [first] = changes;
  if (!first) return [];
  // Eureka alone knows names in capitals only.
  const { verb, id, record, service } =
    changes.find(({ registry }) => registry !== 'eureka') ?? first;
  const place =
    record['address'] === undefined
      ? ''
      : ` at ${inUrl(String(record['address']))}:${record['port']}`;
  const registries = changes
    .map((one) => `${one.registry}${one.service === service ? '' : ` (as ${one.service})`}`)
    .sort();
  const facts = changes.map((one) => [...factsOf(one.record), ...metadata(one.record)]);
  const common = (facts[0] ?? []).filter((fact) => facts.every((one) => one.includes(fact)));
  // An event is handled without a look at what is held.
  const where =
    record['address'] === undefined && verb === 'remove' ? ', where it is held,' : place;
  return [
    `would ${verb} ${service}${where} in ${registries.join(', ')}: ${first.reason}`,
    `    id ${id}`,
    ...common.map((fact) => `    ${fact}`),
    ...changes.flatMap((one, at) => {
      const own = (facts[at] ?? []).filter((fact) => !common.includes(fact));
      return own.length > 0 ? [`    ${one.registry}: ${own.join(', ')}`] : [];
    }),
  ];
};

/** `detail` is what the registry alone knows of: a weight, a vip address, a secure port. */
const factsOf = ({ health, tags, detail }: Fields): readonly string[] => [
  ...(health === undefined ? [] : [`health ${health}`]),
  ...(Array.isArray(tags) && tags.length > 0 ? [`tags ${tags.join(', ')}`] : []),
  ...(isObject(detail) ? Object.entries(detail).map(([key, value]) => `${key} ${value}`) : []),
];
