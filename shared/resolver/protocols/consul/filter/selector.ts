import { Problem, quote } from '../../../http/problem.ts';
import type { Token } from './tokens.ts';

/** Whether an entry matches. */
export type Test = (entry: unknown) => boolean;

/**
 * One field of an entry, with the comparisons that a filter may make. Each throws a 400 if the kind
 * of the field does not have it.
 */
export interface Selector {
  readonly equals: (value: string) => Test;
  /** A list contains an item, a map a key, a text a part of it. */
  readonly contains: (value: string) => Test;
  readonly isEmpty: () => Test;
  readonly matches: (pattern: (text: string) => boolean) => Test;
}

type Kind = 'text' | 'number' | 'flag' | 'list' | 'map' | 'struct' | 'structs';
/** Kinds that `in` and `contains` take, and those that can be empty. `==` takes single values. */
const CONTAINING: ReadonlySet<Kind> = new Set(['text', 'list', 'map']);
const CAN_BE_EMPTY: ReadonlySet<Kind> = new Set(['list', 'map', 'structs']);

/** Fields whose keys are the users' own, so that no key is unknown. */
const MAPS: ReadonlySet<string> = new Set([
  ...['Meta', 'NodeMeta', 'ServiceMeta'],
  ...['TaggedAddresses', 'ServiceTaggedAddresses'],
]);
/** Fields that are shown, and that Consul does not let select by. */
const UNSELECTABLE: ReadonlySet<string> = new Set(['CreateIndex', 'ModifyIndex', 'Definition']);

/**
 * `sample` is an entry that has every field. Throws a 400 where it has none of this name, as Consul
 * does: a mistyped filter must not look like one that matches nothing.
 */
export const fieldOf = (token: Token, sample: unknown): Selector => {
  const path = token.kind === 'word' ? (token.path ?? token.text.split('.')) : [];
  const found = path.length === 0 ? undefined : sampleAt(sample, path);
  if (!found) throw new Problem(400, `filter: Selector ${quote(token.text)} is not valid`);
  const values = (entry: unknown) => valuesAt(entry, path);
  const refuse = (operation: string) =>
    new Problem(400, `filter: ${token.text} cannot be compared by ${operation}`);
  const kind = found.isMap ? 'map' : kindOf(found.value);
  if (kind === 'struct') throw refuse('anything; its fields can');
  return {
    equals(wanted) {
      const known = SINGLE[kind];
      if (!known) throw refuse('== or !=');
      const right = known.read(wanted);
      if (right === undefined)
        throw new Problem(
          400,
          `filter: ${token.text}: expected ${known.expected}, got ${quote(wanted)}`,
        );
      return (entry) => values(entry).some((value) => value === right);
    },
    contains(wanted) {
      if (!CONTAINING.has(kind)) throw refuse('in or contains');
      return (entry) => values(entry).some((value) => holds(value, wanted));
    },
    isEmpty() {
      if (!CAN_BE_EMPTY.has(kind)) throw refuse('is empty');
      return (entry) => values(entry).every((value) => sizeOf(value) === 0);
    },
    matches(pattern) {
      if (kind !== 'text') throw refuse('matches');
      return (entry) => values(entry).some((value) => pattern(String(value)));
    },
  };
};

/** How the right side of `==` is read, by kind; `read` gives undefined for another kind's. */
const SINGLE: Partial<
  Record<
    Kind,
    {
      readonly expected: string;
      readonly read: (text: string) => string | number | boolean | undefined;
    }
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
      /^(1|t|T|true|True|TRUE)$/.test(text) ||
      (/^(0|f|F|false|False|FALSE)$/.test(text) ? false : undefined),
  },
};

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface Sampled {
  readonly value: unknown;
  readonly isMap: boolean;
}

/**
 * What the sample has at the path. In a map there is every key: any value that the sample has
 * there, or else a text, stands for all.
 */
const sampleAt = (
  value: unknown,
  [part, ...rest]: readonly string[],
  isMap = false,
): Sampled | undefined => {
  if (part === undefined) return { value, isMap };
  if (Array.isArray(value))
    return isFields(value[0]) ? sampleAt(value[0], [part, ...rest]) : undefined;
  if (!isFields(value)) return undefined;
  if (isMap) return sampleAt(Object.values(value)[0] ?? '', rest);
  if (!Object.hasOwn(value, part) || UNSELECTABLE.has(part)) return undefined;
  return sampleAt(value[part], rest, MAPS.has(part));
};

/** The values at the path: none where a map lacks the key, one for each object of a list. */
const valuesAt = (value: unknown, [part, ...rest]: readonly string[]): readonly unknown[] => {
  if (part === undefined) return [value];
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, [part, ...rest]));
  return isFields(value) && Object.hasOwn(value, part) ? valuesAt(value[part], rest) : [];
};

const kindOf = (value: unknown): Kind => {
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'flag';
  if (Array.isArray(value)) return isFields(value[0]) ? 'structs' : 'list';
  return isFields(value) ? 'struct' : 'text';
};

const holds = (value: unknown, wanted: string): boolean => {
  if (Array.isArray(value)) return value.includes(wanted);
  return isFields(value) ? Object.hasOwn(value, wanted) : String(value).includes(wanted);
};

const sizeOf = (value: unknown): number => {
  if (Array.isArray(value)) return value.length;
  return isFields(value) ? Object.keys(value).length : 0;
};
