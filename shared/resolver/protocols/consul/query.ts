import type { Parameter, ValueSchema } from '../../route.ts';

/** The query parameters of Consul's clients, parsed as Consul parses them. */

/** `[0-9]`, since `\d` means other scripts' digits too in some languages of generated clients. */
const INDEX: ValueSchema = {
  type: 'string',
  pattern: '^[0-9]{0,20}$',
  description: 'a whole number',
};
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

/** Handlers read a query only after it was validated by these. */
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

/**
 * Milliseconds of a duration as Go writes it (`1m30s`); a bare number is in seconds. Undefined
 * where it is absent or 0.
 */
export const parseWait = (text: string | null): number | undefined => {
  if (!text) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000 || undefined;
  const parts = [...text.matchAll(/([\d.]+)(\D+)/g)];
  const sum = parts.reduce(
    (total, [, value, unit = '']) => total + Number(value) * (UNITS[unit] ?? 0),
    0,
  );
  return sum || undefined;
};

/** 0 where it is absent. */
export const parseIndex = (text: string | null): number => Number(text ?? 0);

/** A flag is set by being there, unless its value says false. */
export const parseFlag = (text: string | null): boolean =>
  text !== null && !/^(0|f|false)$/i.test(text);

/** `node-meta=key:value`: all of them must match. Undefined: there is none. */
export const nodeMetaFilter = (query: URLSearchParams) => {
  if (!query.has('node-meta')) return undefined;
  const wanted = query.getAll('node-meta').map((pair): readonly [string, string] => {
    const colon = pair.indexOf(':');
    return colon < 0 ? [pair, ''] : [pair.slice(0, colon), pair.slice(colon + 1)];
  });
  return (meta: Readonly<Record<string, string>>) =>
    wanted.every(([key, value]) => meta[key] === value);
};

/** `tag`: all of them must be there; case is ignored. */
export const tagFilter = (query: URLSearchParams) => {
  const wanted = query.getAll('tag').map((tag) => tag.toLowerCase());
  return (tags: readonly string[]) =>
    wanted.every((tag) => tag === '' || tags.some((one) => one.toLowerCase() === tag));
};
