import { toDuration } from '../../shared/registries/consul/checks.ts';

/** How one field of a request body is typed, as Go's decoder in Consul reads it. */
export type Shape =
  | 'text'
  | 'whole'
  | 'flag'
  | 'duration'
  | { list: Shape }
  | { map: Shape }
  | { fields: Fields };
type Fields = { readonly [name: string]: Shape };

/** The decoder's own complaint; endpoints put their words before it. */
export class DecodeError extends Error {}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * As strict as Consul: names match without case, unknown ones and wrong types fail. Null is absent.
 */
export const decode = (value: unknown, shape: Shape): unknown => {
  if (value === null || value === undefined) return undefined;
  if (shape === 'text') return typeof value === 'string' ? value : fail(value, 'string');
  if (shape === 'whole') return Number.isSafeInteger(value) ? value : fail(value, 'int');
  if (shape === 'flag') return typeof value === 'boolean' ? value : fail(value, 'bool');
  if (shape === 'duration') return decodeDuration(value);
  if ('list' in shape)
    return Array.isArray(value)
      ? value.map((item) => decode(item, shape.list))
      : fail(value, 'slice');
  if (!isRecord(value)) return fail(value, 'struct');
  if ('map' in shape)
    return Object.fromEntries(
      Object.keys(value)
        .sort()
        .map((key) => [key, decode(value[key], shape.map)]),
    );
  return decodeFields(value, shape.fields);
};

const decodeFields = (value: Record<string, unknown>, fields: Fields) => {
  const names = new Map(Object.keys(fields).map((name) => [name.toLowerCase(), name]));
  const decoded: Record<string, unknown> = {};
  for (const [key, given] of Object.entries(value)) {
    const name = names.get(key.toLowerCase());
    const shape = name === undefined ? undefined : fields[name];
    if (name === undefined || shape === undefined)
      throw new DecodeError(`json: unknown field "${key}"`);
    const field = decode(given, shape);
    if (field !== undefined) decoded[name] = field;
  }
  return decoded;
};

const decodeDuration = (value: unknown): string | undefined => {
  if (typeof value === 'number') return toDuration(`${value}ns`);
  if (typeof value !== 'string') return fail(value, 'Duration');
  if (value === '' || value === '0' || /^0+(\.0+)?[a-zµ]+$/.test(value)) return undefined;
  const duration = toDuration(value);
  if (duration === undefined)
    throw new DecodeError(`time: invalid duration ${JSON.stringify(value)}`);
  return duration;
};

const fail = (value: unknown, type: string): never => {
  const came = Array.isArray(value) ? 'array' : typeof value;
  throw new DecodeError(`json: cannot unmarshal ${came} into Go value of type ${type}`);
};
