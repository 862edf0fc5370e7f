import { Problem, quote } from '../../problem.ts';

/** What Consul's clients put into queries, read as Consul reads it. */

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 3.6e6,
};
const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;

/** Milliseconds of a duration as Go writes it (`1m30s`); a bare number counts seconds. Undefined: none is given, or 0. Throws a 400. */
export const parseWait = (text: string | null): number | undefined => {
  if (text === null || text === '') return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000 || undefined;
  if (text.length > 40 || !DURATION.test(text))
    throw new Problem(400, `wait: expected a duration such as 30s, got ${quote(text)}`);
  const parts = [...text.matchAll(/([\d.]+)(\D+)/g)];
  const sum = parts.reduce((total, [, value, unit = '']) => total + Number(value) * (UNITS[unit] ?? 0), 0);
  return sum || undefined;
};

/** 0: none is given. Throws a 400. */
export const parseIndex = (text: string | null): number => {
  if (text === null || text === '') return 0;
  if (!/^\d{1,20}$/.test(text)) throw new Problem(400, `index: expected a whole number, got ${quote(text)}`);
  return Number(text);
};

/** A flag counts when it is there, unless its value says false. Throws a 400. */
export const parseFlag = (query: URLSearchParams, name: string): boolean => {
  const text = query.get(name);
  if (text === null) return false;
  if (/^(|1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  throw new Problem(400, `${name}: expected true or false, got ${quote(text)}`);
};

type Texts = Readonly<Record<string, string>>;

/** `node-meta=key:value`, each of which must fit. */
export const nodeMetaFilter = (query: URLSearchParams) => {
  const wanted = query.getAll('node-meta').map((pair): readonly [string, string] => {
    const colon = pair.indexOf(':');
    return colon < 0 ? [pair, ''] : [pair.slice(0, colon), pair.slice(colon + 1)];
  });
  return (meta: Texts) => wanted.every(([key, value]) => meta[key] === value);
};

/** `tag`, which may be repeated: all of them, in any case. */
export const tagFilter = (query: URLSearchParams) => {
  const wanted = query.getAll('tag').map((tag) => tag.toLowerCase());
  return (tags: readonly string[]) =>
    wanted.every((tag) => tag === '' || tags.some((one) => one.toLowerCase() === tag));
};
