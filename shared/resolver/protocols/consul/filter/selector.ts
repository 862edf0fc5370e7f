import { Problem, quote } from '../../../http/problem.ts';
import type { Token } from './tokens.ts';

type Test = (entry: unknown) => boolean;

/** What can be asked of one field of an entry. */
export interface Selector {
  readonly equals: (value: string) => Test;
  /** A list has the item, a map the key, a text the part. */
  readonly contains: (value: string) => Test;
  readonly isEmpty: () => Test;
}

type Kind = 'text' | 'number' | 'flag' | 'list' | 'map' | 'struct' | 'structs';
/** What a field of each kind can be asked besides ==, which takes single values only. */
const CONTAINING: ReadonlySet<Kind> = new Set(['text', 'list', 'map']);
const EMPTIED: ReadonlySet<Kind> = new Set([...CONTAINING, 'structs']);

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
      const known = SINGLE[kind];
      if (!known) throw refuse('== or !=');
      const right = known.read(wanted);
      if (right === undefined)
        throw new Problem(400, `filter: ${token.text}: expected ${known.expected}, got ${quote(wanted)}`);
      return (entry) => values(entry).some((value) => value === right);
    },
    contains(wanted) {
      if (!CONTAINING.has(kind)) throw refuse('in or contains');
      return (entry) => values(entry).some((value) => holds(value, wanted));
    },
    isEmpty() {
      if (!EMPTIED.has(kind)) throw refuse('is empty');
      return (entry) => values(entry).every((value) => sizeOf(value) === 0);
    },
  };
};

/** How a value that is written in a filter is compared; undefined: it is none of that kind. */
const SINGLE: Partial<
  Record<
    Kind,
    { readonly expected: string; readonly read: (text: string) => string | number | boolean | undefined }
  >
> = {
  text: { expected: 'a text', read: (text) => text },
  number: {
    expected: 'a whole number',
    read: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined),
  },
  flag: {
    expected: 'true or false',
    read: (text) =>
      /^(1|t|T|true|True|TRUE)$/.test(text) || (/^(0|f|F|false|False|FALSE)$/.test(text) ? false : undefined),
  },
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
const kindOf = (value: unknown): Kind => {
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'flag';
  if (Array.isArray(value)) return isFields(value[0]) ? 'structs' : 'list';
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
