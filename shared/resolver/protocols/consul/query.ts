import type { Parameter, ValueSchema } from '../../pipeline/validation.ts';

/** What Consul's clients put into queries, read as Consul reads it. */

/** Digits are named one by one: to some languages other scripts have digits as well. */
const INDEX: ValueSchema = { type: 'string', pattern: '^[0-9]{0,20}$', description: 'a whole number' };
const WAIT: ValueSchema = {
  type: 'string',
  maxLength: 40,
  pattern: '^([0-9]{1,9}|([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h))+)?$',
  description: 'a duration such as 30s',
};
const FLAG: ValueSchema = {
  type: 'string',
  pattern: '^(|[1tT0fF]|[tT][rR][uU][eE]|[fF][aA][lL][sS][eE])$',
  description: 'true or false',
};
const FILTER: ValueSchema = { type: 'string', format: 'go-bexpr' };

const parameter = (
  name: string,
  description: string,
  schema: ValueSchema = { type: 'string' },
): Parameter => ({
  name,
  in: 'query',
  description,
  schema,
});

/** What the handlers ask a query for has been checked by these. */
export const QUERY = {
  index: parameter(
    'index',
    'X-Consul-Index of the last answer: the request is held until there is another.',
    INDEX,
  ),
  wait: parameter('wait', 'How long it is held; the deployment sets a limit.', WAIT),
  nodeMeta: { ...parameter('node-meta', '`key:value` of the node.'), repeatable: true },
  tag: {
    ...parameter('tag', 'Only instances with this tag; given several times, with all of them.'),
    repeatable: true,
  },
  filter: parameter('filter', 'A filter expression of Consul’s.', FILTER),
  passing: parameter('passing', 'Only healthy instances, unless the value says false.', FLAG),
} as const satisfies Readonly<Record<string, Parameter>>;

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 3.6e6,
};

/** Milliseconds of a duration as Go writes it (`1m30s`); a bare number counts seconds. Undefined: none is given, or 0. */
export const parseWait = (text: string | null): number | undefined => {
  if (!text) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000 || undefined;
  const parts = [...text.matchAll(/([\d.]+)(\D+)/g)];
  const sum = parts.reduce((total, [, value, unit = '']) => total + Number(value) * (UNITS[unit] ?? 0), 0);
  return sum || undefined;
};

/** 0: none is given. */
export const parseIndex = (text: string | null): number => Number(text ?? 0);

/** A flag counts when it is there, unless its value says false. */
export const parseFlag = (text: string | null): boolean => text !== null && !/^(0|f|false)$/i.test(text);

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
