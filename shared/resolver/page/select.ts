import type { Parameter } from '../parameters.ts';
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
}

const text = (name: string, description: string): Parameter => ({
  name,
  in: 'query',
  description,
  schema: { type: 'string' },
});

/** An empty value is none: forms send what was left empty. */
export const PAGE_PARAMETERS: readonly Parameter[] = [
  text('q', 'Only instances in which every one of these words stands, in whatever is shown of them.'),
  text('cluster', 'Only instances of this ECS cluster, by name.'),
  {
    name: 'health',
    in: 'query',
    description: 'Only instances that are healthy, or that are not.',
    schema: { type: 'string', enum: ['', 'healthy', 'unhealthy'] },
  },
  {
    name: 'drift',
    in: 'query',
    description: 'Only instances that a registry lacks or has elsewhere.',
    schema: { type: 'boolean' },
  },
  text('service', 'One service, with all its instances.'),
  {
    name: 'page',
    in: 'query',
    description: 'Which part of a list that is too long for one page.',
    schema: { type: 'integer', minimum: 1, maximum: 100_000 },
  },
];

export const toAsked = (query: URLSearchParams): Asked => {
  const said = (name: string) => (query.get(name) ?? '').trim().slice(0, LONGEST);
  return {
    q: said('q'),
    cluster: said('cluster'),
    health: said('health'),
    drift: said('drift') === 'true',
    service: said('service'),
    page: Number(query.get('page') ?? 1),
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
