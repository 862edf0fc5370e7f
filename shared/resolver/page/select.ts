import { quote } from '../http/problem.ts';
import type { Parameter } from '../route.ts';
import type { InstanceRow, ServiceRows } from './join.ts';

/** What to show. It is the query of the page's address, so that every view has a link. */
export interface PageQuery {
  /** Words, all of which must be in what is shown of an instance. */
  readonly q: string;
  readonly cluster: string;
  readonly health: string;
  readonly drift: boolean;
  /** Only this service, with all its instances. */
  readonly service: string;
  /** From 1. */
  readonly page: number;
  /** What was not understood, a sentence each. */
  readonly faults: readonly string[];
}

const text = (name: string, description: string): Parameter => ({
  name,
  in: 'query',
  description,
  schema: { type: 'string' },
});

/** No value is refused, since a person would get JSON: the page says what it has not understood. */
export const PAGE_PARAMETERS: readonly Parameter[] = [
  text(
    'q',
    'Only instances in which every one of these words stands, in whatever is shown of them.',
  ),
  text('cluster', 'Only instances of this ECS cluster, by name.'),
  text('health', 'Only instances that are `healthy`, or those that are `unhealthy`.'),
  text('drift', '`true`: only instances that a registry lacks or has elsewhere.'),
  text('service', 'One service, with all its instances.'),
  text('page', 'Which part, from 1, of a list that is too long for one page.'),
];

/** What values look like. Empty is allowed: forms send fields that were left empty. */
const FORMATS = [
  ['health', /^(|healthy|unhealthy)$/, 'healthy or unhealthy'],
  ['drift', /^(|true|false)$/, 'true or false'],
  ['page', /^(|[1-9]\d{0,4})$/, 'a whole number from 1'],
] as const;

/** Values that are not understood are left out, and told in `faults`. */
export const parsePageQuery = (query: URLSearchParams): PageQuery => {
  const given = (name: string) => (query.get(name) ?? '').trim().slice(0, MAX_LENGTH);
  const wrong = FORMATS.filter(([name, format]) => !format.test(given(name)));
  const understood = (key: string) => (wrong.some(([name]) => name === key) ? '' : given(key));
  return {
    q: given('q'),
    cluster: given('cluster'),
    health: understood('health'),
    drift: given('drift') === 'true',
    service: given('service'),
    page: Number(understood('page') || 1),
    faults: wrong.map(
      ([name, , expected]) => `${name}: expected ${expected}, got ${quote(given(name))}`,
    ),
  };
};

/** Characters of one value: it is repeated in every link of the page. */
const MAX_LENGTH = 300;

/** The query for the same view with changes; `?` is included. */
export const linkTo = (current: PageQuery, changes: Partial<PageQuery>): string => {
  const { q, cluster, health, drift, service, page } = { ...current, ...changes };
  const values = {
    q,
    cluster,
    health,
    drift: drift ? 'true' : '',
    service,
    page: page > 1 ? String(page) : '',
  };
  return `?${new URLSearchParams(Object.entries(values).filter(([, value]) => value !== ''))}`;
};

export const isFiltered = ({ q, cluster, health, drift }: PageQuery) =>
  q !== '' || cluster !== '' || health !== '' || drift;

/** Pure. The services that the query asks for, with those of their instances that match. */
export const select = (all: readonly ServiceRows[], query: PageQuery): readonly ServiceRows[] => {
  const services = query.service
    ? all.filter(({ service }) => service.toUpperCase() === query.service.toUpperCase())
    : all;
  if (!isFiltered(query)) return services;
  const words = query.q.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (row: InstanceRow) =>
    (query.cluster === '' || row.cluster === query.cluster) &&
    (query.health === '' || row.target.healthy === (query.health === 'healthy')) &&
    (!query.drift || row.drifts) &&
    (words.length === 0 || hasWords(row, words));
  return services
    .map(({ service, rows }) => ({ service, rows: rows.filter(matches) }))
    .filter(({ rows }) => rows.length > 0);
};

const hasWords = (row: InstanceRow, words: readonly string[]) => {
  const { service, target, cluster, presences, withheld = '' } = row;
  const { id, address, port, protocol, zone, tags, metadata } = target;
  const shown = [
    service,
    target.service,
    id,
    `${address}:${port}/${protocol}`,
    zone,
    cluster,
    withheld,
    ...tags,
    ...Object.entries(metadata).map(([key, value]) => `${key}=${value}`),
    ...presences.map(({ registry, state }) => `${state}:${registry}`),
  ];
  const text = shown.join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
};

/** One page of a list, and how many there are (at least one). A number above is the last page's. */
export const pageOf = <T>(items: readonly T[], wanted: number, size: number) => {
  const pages = Math.max(1, Math.ceil(items.length / size));
  const page = Math.min(wanted, pages);
  return { page, pages, items: items.slice((page - 1) * size, page * size) };
};
