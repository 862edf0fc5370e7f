import { Problem, quote } from '../../problem.ts';
import type { Token } from './tokens.ts';

type Test = (entry: unknown) => boolean;

/** What can be asked of one field of an entry. */
export interface Selector {
  readonly equals: (value: string) => Test;
  /** A list has the item, a map the key, a text the part. */
  readonly contains: (value: string) => Test;
  readonly isEmpty: Test;
}

/** The fields whose keys are the users' own. */
const MAPS: ReadonlySet<string> = new Set(['Meta', 'NodeMeta', 'ServiceMeta', 'TaggedAddresses']);

/** Throws a 400 where no entry has such a field, as Consul does: an answer to a mistyped filter would be a lie. */
export const fieldOf = (token: Token, sample: unknown): Selector => {
  const path = token.path ?? token.text.split('.');
  if (token.kind !== 'word' || !exists(sample, path))
    throw new Problem(400, `filter: Selector ${quote(token.text)} is not valid`);
  const values = (entry: unknown) => valuesAt(entry, path);
  const refuse = (operation: string) =>
    new Problem(400, `filter: ${token.text} cannot be compared by ${operation}`);
  const kind = kindOf(valuesAt(sample, path)[0]);
  if (kind === 'struct') throw refuse('anything; its fields can');
  return {
    equals(wanted) {
      if (kind !== 'text') throw refuse('== or !=');
      return (entry) => values(entry).some((value) => String(value) === wanted);
    },
    contains: (wanted) => (entry) => values(entry).some((value) => holds(value, wanted)),
    isEmpty: (entry) => values(entry).every((value) => sizeOf(value) === 0),
  };
};

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const exists = (value: unknown, [part, ...rest]: readonly string[], inMap = false): boolean => {
  if (part === undefined) return true;
  if (inMap) return rest.length === 0;
  if (Array.isArray(value)) return isFields(value[0]) && exists(value[0], [part, ...rest]);
  return isFields(value) && Object.hasOwn(value, part) && exists(value[part], rest, MAPS.has(part));
};

/** None where a map lacks the key; of a list of checks, one for each. */
const valuesAt = (value: unknown, [part, ...rest]: readonly string[]): readonly unknown[] => {
  if (part === undefined) return [value];
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, [part, ...rest]));
  return isFields(value) && Object.hasOwn(value, part) ? valuesAt(value[part], rest) : [];
};

/** A key that the sample lacks stands in a map, and is text. */
const kindOf = (value: unknown): 'text' | 'list' | 'map' | 'struct' => {
  if (Array.isArray(value)) return isFields(value[0]) ? 'struct' : 'list';
  if (!isFields(value)) return 'text';
  return Object.values(value).every((one) => typeof one === 'string') ? 'map' : 'struct';
};

const holds = (value: unknown, wanted: string): boolean => {
  if (Array.isArray(value)) return value.includes(wanted);
  return isFields(value) ? Object.hasOwn(value, wanted) : String(value).includes(wanted);
};

const sizeOf = (value: unknown): number => {
  if (Array.isArray(value)) return value.length;
  return isFields(value) ? Object.keys(value).length : String(value).length;
};
