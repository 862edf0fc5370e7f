import { AwsFault } from './service.ts';

type Input = Readonly<Record<string, unknown>>;

/** Reads the members of a call's input; what has the wrong type is refused as AWS would. */
export const text = (input: Input, name: string): string | undefined => {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw new AwsFault('SerializationException', `${name}: expected a string, got ${typeof value}`);
};

export const required = (input: Input, name: string): string => {
  const value = text(input, name);
  if (value) return value;
  throw new AwsFault('ValidationException', `${name}: expected a string, got nothing`);
};

export const texts = (input: Input, name: string): readonly string[] => {
  const value = input[name] ?? [];
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
  throw new AwsFault('SerializationException', `${name}: expected a list of strings`);
};

export const records = (input: Input, name: string): readonly Input[] => {
  const value = input[name] ?? [];
  if (Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null))
    return value;
  throw new AwsFault('SerializationException', `${name}: expected a list of structures`);
};

/** Numbers come as text in the query protocol. */
export const number = (input: Input, name: string): number | undefined => {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  const parsed = Number(value);
  if (Number.isInteger(parsed)) return parsed;
  throw new AwsFault('SerializationException', `${name}: expected an integer, got ${value}`);
};

export const flag = (input: Input, name: string): boolean =>
  input[name] === true || input[name] === 'true';

export interface Paging {
  readonly size: number;
  readonly token: string | undefined;
  /** What the service calls a token it did not give. */
  readonly invalid: () => AwsFault;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/**
 * One page of a list sorted by key, from the key that the token names: entries that come or go
 * between two pages neither repeat nor hide others.
 */
export const toPage = <T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  paging: Paging,
): Page<T> => {
  const sorted = all.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const last = paging.token === undefined ? undefined : parseToken(paging.token, paging.invalid);
  const rest = last === undefined ? sorted : sorted.filter((item) => keyOf(item) > last);
  const items = rest.slice(0, paging.size);
  const end = items.at(-1);
  return { items, next: end && rest.length > paging.size ? toToken(keyOf(end)) : undefined };
};

const TOKEN = 'page ';
const toToken = (key: string) => Buffer.from(TOKEN + key).toString('base64url');
const parseToken = (token: string, invalid: () => AwsFault) => {
  const key = Buffer.from(token, 'base64url').toString();
  if (!key.startsWith(TOKEN)) throw invalid();
  return key.slice(TOKEN.length);
};
