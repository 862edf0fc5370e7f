import { quote } from '../http/problem.ts';
import type { Parameter } from '../route.ts';

/** What to show. It is the query of the page's address, so that every view has a link. */
export interface PageQuery {
  /** Words, all of which must be in what is shown of an instance. */
  readonly q: string;
  readonly cluster: string;
  readonly zone: string;
  readonly host: string;
  readonly health: string;
  readonly drift: boolean;
  /** Only services that somebody should look at. */
  readonly problems: boolean;
  /** What a row stands for: empty is a service. */
  readonly group: Grouping;
  /** A column, with `-` before it in reverse; empty: what needs somebody first. */
  readonly sort: string;
  /** Only this service, with all its instances. */
  readonly service: string;
  /** From 1. */
  readonly page: number;
  /** What was not understood, a sentence each. */
  readonly faults: readonly string[];
}

export type Grouping = '' | 'cluster' | 'host' | 'zone';

/** By what services can be sorted. */
export const SORTS = ['name', 'healthy', 'registries', 'zones', 'cluster', 'changed'] as const;
export type Sort = (typeof SORTS)[number];

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
  text('zone', 'Only instances in this availability zone.'),
  text('host', 'Only instances on this EC2 instance, by id.'),
  text('health', 'Only instances that are `healthy`, or those that are `unhealthy`.'),
  text('drift', '`true`: only instances that a registry lacks or has elsewhere.'),
  text('problems', '`true`: only services that somebody should look at.'),
  text('group', 'One row for each `cluster`, `host` or `zone`, instead of each service.'),
  text(
    'sort',
    'By `name`, `healthy`, `registries`, `zones`, `cluster` or `changed`; `-name`: in reverse.',
  ),
  text('service', 'One service, with all its instances.'),
  text('page', 'Which part, from 1, of a list that is too long for one page.'),
];

/** What values look like. Empty is allowed: forms send fields that were left empty. */
const FORMATS = [
  ['health', /^(|healthy|unhealthy)$/, 'healthy or unhealthy'],
  ['drift', /^(|true|false)$/, 'true or false'],
  ['problems', /^(|true|false)$/, 'true or false'],
  ['group', /^(|cluster|host|zone)$/, 'cluster, host or zone'],
  ['sort', new RegExp(`^(|-?(${SORTS.join('|')}))$`), `any of ${SORTS.join(', ')}`],
  ['page', /^(|[1-9]\d{0,4})$/, 'a whole number from 1'],
] as const;

/** Values and keys that are not understood are left out, and told in `faults`. */
export const parsePageQuery = (query: URLSearchParams): PageQuery => {
  const given = (name: string) => (query.get(name) ?? '').trim().slice(0, MAX_LENGTH);
  const wrong = FORMATS.filter(([name, format]) => !format.test(given(name)));
  const understood = (key: string) => (wrong.some(([name]) => name === key) ? '' : given(key));
  return {
    q: given('q'),
    cluster: given('cluster'),
    zone: given('zone'),
    host: given('host'),
    health: understood('health'),
    drift: given('drift') === 'true',
    problems: given('problems') === 'true',
    group: understood('group') as Grouping,
    sort: understood('sort'),
    service: given('service'),
    page: Number(understood('page') || 1),
    faults: [
      ...wrong.map(
        ([name, , expected]) => `${name}: expected ${expected}, got ${quote(given(name))}`,
      ),
      ...unknownKeys(query),
    ],
  };
};

/** Characters of one value: it is repeated in every link of the page. */
export const MAX_LENGTH = 300;
/** How many unknown keys are told. */
const SHOWN = 5;

const unknownKeys = (query: URLSearchParams): readonly string[] => {
  const names = PAGE_PARAMETERS.map(({ name }) => name);
  const unknown = [...new Set(query.keys())].filter((key) => !names.includes(key));
  if (unknown.length === 0) return [];
  const got = unknown.slice(0, SHOWN).map((key) => quote(key.slice(0, MAX_LENGTH)));
  return [`address: expected no keys but ${names.join(', ')}, got ${got.join(', ')}`];
};

/** The query for the same view with changes; `?` is included. A page number is not kept. */
export const linkTo = (current: PageQuery, changes: Partial<PageQuery>): string => {
  const { faults: _, drift, problems, page, ...texts } = { ...current, page: 1, ...changes };
  const values = {
    ...texts,
    drift: drift ? 'true' : '',
    problems: problems ? 'true' : '',
    page: page > 1 ? String(page) : '',
  };
  return `?${new URLSearchParams(Object.entries(values).filter(([, value]) => value !== ''))}`;
};

/** Everything, in the order that the page has by itself. */
export const EVERYTHING: PageQuery = parsePageQuery(new URLSearchParams());

export const isFiltered = (query: PageQuery): boolean => filtersIn(query).length > 0;

/** The filters in force: what each says, and the change that takes it away. */
export const filtersIn = (query: PageQuery): readonly (readonly [string, Partial<PageQuery>])[] => {
  const { q, cluster, zone, host, health, drift, problems } = query;
  const all: readonly (readonly [string, string, Partial<PageQuery>])[] = [
    [q, `“${q}”`, { q: '' }],
    [cluster, `cluster ${cluster}`, { cluster: '' }],
    [zone, `zone ${zone}`, { zone: '' }],
    [host, `host ${host}`, { host: '' }],
    [health, health, { health: '' }],
    [drift ? 'true' : '', 'registries differ', { drift: false }],
    [problems ? 'true' : '', 'needs you', { problems: false }],
  ];
  return all.filter(([value]) => value !== '').map(([, name, change]) => [name, change] as const);
};
