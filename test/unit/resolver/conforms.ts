import type { Schema } from '../../../shared/resolver/route.ts';

/**
 * Where a value is not what its schema says, of JSON Schema what the resolver's description uses;
 * empty: it conforms.
 */
export const faultsOf = (schema: Schema, value: unknown, at = '$'): readonly string[] => {
  const {
    type,
    enum: choices,
    items,
    properties = {},
    required = [],
    additionalProperties,
  } = read(schema);
  const types = [type ?? []].flat();
  if (types.length > 0 && !types.some((one) => isOf(one, value)))
    return [`${at} is no ${types.join(' or ')}`];
  if (choices && !choices.includes(value)) return [`${at} is none of ${choices}`];
  if ('const' in schema && JSON.stringify(schema['const']) !== JSON.stringify(value))
    return [`${at} differs`];
  if (Array.isArray(value))
    return value.flatMap((one, n) => faultsOf(items ?? {}, one, `${at}[${n}]`));
  if (typeof value !== 'object' || value === null) return [];
  return [
    ...required.filter((key) => !Object.hasOwn(value, key)).map((key) => `${at} lacks ${key}`),
    ...Object.entries(value).flatMap(([key, one]) =>
      faultsOf(properties[key] ?? additionalProperties ?? {}, one, `${at}.${key}`),
    ),
  ];
};

interface Keywords {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
}
const read = (schema: Schema): Keywords => schema;

const isOf = (type: string, value: unknown) => {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type && value !== null && !Array.isArray(value);
};
