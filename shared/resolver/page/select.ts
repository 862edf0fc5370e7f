import { quote } from '../http/problem.ts';
import type { Parameter } from '../pipeline/validation.ts';
import type { Group, Row } from './join.ts';

/** What the reader asked to see: the query of the page's address, so that every view can be sent to somebody. */
export interface Asked {
  readonly q: string;
  readonly cluster: string;
  readonly health: string;
  readonly drift: boolean;
  /** One service, with all its instances, page by page. */
  readonly service: string;
  /** From 1. */
  readonly page: number;
  /** What the query says that is not understood, a sentence each. */
  readonly faults: readonly string[];
}

const text = (name: string, description: string): Parameter => ({
  name,
  in: 'query',
  description,
  schema: { type: 'string' },
});

/** No value is refused: a person would get JSON for an answer. The page says what it did not understand. */
export const PAGE_PARAMETERS: readonly Parameter[] = [
  text('q', 'Only instances in which every one of these words stands, in whatever is shown of them.'),
  text('cluster', 'Only instances of this ECS cluster, by name.'),
  text('health', 'Only instances that are `healthy`, or those that are `unhealthy`.'),
  text('drift', '`true`: only instances that a registry lacks or has elsewhere.'),
  text('service', 'One service, with all its instances.'),
  text('page', 'Which part, from 1, of a list that is too long for one page.'),
];

/** An empty value is none: forms send what was left empty. */
const FORMS = [
  ['health', /^(|healthy|unhealthy)$/, 'healthy or unhealthy'],
  ['drift', /^(|true|false)$/, 'true or false'],
  ['page', /^(|[1-9]\d{0,4})$/, 'a whole number from 1'],
] as const;

/** What is not understood is left out, and said in `faults`. */
export const toAsked = (query: URLSearchParams): Asked => {
  const said = (name: string) => (query.get(name) ?? '').trim().slice(0, LONGEST);
  const unfit = FORMS.filter(([name, form]) => !form.test(said(name)));
  const understood = (wanted: string) => (unfit.some(([name]) => name === wanted) ? '' : said(wanted));
  return {
    q: said('q'),
    cluster: said('cluster'),
    health: understood('health'),
    drift: said('drift') === 'true',
    service: said('service'),
    page: Number(understood('page') || 1),
    faults: unfit.map(([name, , expected]) => `${name}: expected ${expected}, got ${quote(said(name))}`),
  };
};

/** Characters of what is asked for: it comes again in every link of the page. */
const LONGEST = 300;

/** The query for this view, `?` included; what is not said is as before. */
export const linkTo = (asked: Asked, changes: Partial<Asked>): string => {
  const { q, cluster, health, drift, service, page } = { ...asked, ...changes };
  const said = {
    q,
    cluster,
    health,
    drift: drift ? 'true' : '',
    service,
    page: page > 1 ? String(page) : '',
  };
  return `?${new URLSearchParams(Object.entries(said).filter(([, value]) => value !== ''))}`;
};

export const isFiltered = ({ q, cluster, health, drift }: Asked) =>
  q !== '' || cluster !== '' || health !== '' || drift;

/** Pure. The services that are left, with the instances that are left of them. */
export const select = (groups: readonly Group[], asked: Asked): readonly Group[] => {
  const meant = asked.service
    ? groups.filter(({ service }) => service.toUpperCase() === asked.service.toUpperCase())
    : groups;
  if (!isFiltered(asked)) return meant;
  const words = asked.q.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (row: Row) =>
    (asked.cluster === '' || row.cluster === asked.cluster) &&
    (asked.health === '' || row.target.healthy === (asked.health === 'healthy')) &&
    (!asked.drift || row.drifts) &&
    (words.length === 0 || holds(row, words));
  return meant
    .map(({ service, rows }) => ({ service, rows: rows.filter(fits) }))
    .filter(({ rows }) => rows.length > 0);
};

const holds = ({ service, target, cluster, places }: Row, words: readonly string[]) => {
  const { id, address, port, protocol, zone, tags, metadata } = target;
  const said = [
    service,
    target.service,
    id,
    `${address}:${port}/${protocol}`,
    zone,
    cluster,
    ...tags,
    ...Object.entries(metadata).map(([key, value]) => `${key}=${value}`),
    ...places.map(({ registry, state }) => `${state}:${registry}`),
  ];
  const all = said.join('\n').toLowerCase();
  return words.every((word) => all.includes(word));
};

/** One page of a list, and how many pages there are, at least one. A page beyond the last is the last. */
export const pageOf = <T>(items: readonly T[], asked: number, size: number) => {
  const pages = Math.max(1, Math.ceil(items.length / size));
  const page = Math.min(asked, pages);
  return { page, pages, items: items.slice((page - 1) * size, page * size) };
};
