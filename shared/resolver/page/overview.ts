import { byText } from '../../model/text.ts';
import type { ServiceFacts } from './facts.ts';
import { count, letterOf, listed, shortZone, titleOf, toAge } from './format.ts';
import { filterOf, type Group, groupsOf } from './groups.ts';
import { cutShort, type Html, html } from './html.ts';
import { EVERYTHING, linkTo, MAX_LENGTH, type PageQuery, type Sort } from './query.ts';
import { renderLegend, serviceLetters } from './registries.ts';
import { pageOf, type Selected } from './select.ts';
import type { View } from './view.ts';

/** What one page shows at most. Names are cut, in characters. */
const MAX = { rows: 400, name: 100, cluster: 40, zone: 24, clusters: 3, zones: 4 } as const;

/** The query's page of the services, or of the groups that it asks for. */
export const renderOverview = (selected: readonly Selected[], view: View): Html => {
  const { query } = view;
  if (query.group !== '') {
    const groups = groupsOf(view.all, selected, query.group);
    const { items, ...paging } = pageOf(groups, query.page, MAX.rows);
    return html`${groupTable(items, query.group, view)}${pager(paging, query)}`;
  }
  const { items, ...paging } = pageOf(selected, query.page, MAX.rows);
  const names = view.data.registries.map(({ registry }) => registry);
  return html`${serviceTable(items, view)}
${pager(paging, query)}${renderLegend(names)}`;
};

const COLUMNS: readonly (readonly [Sort, string])[] = [
  ['name', 'Service'],
  ['healthy', 'Healthy'],
  ['registries', 'Registries'],
  ['zones', 'Zones'],
  ['cluster', 'Cluster'],
  ['changed', 'Changed'],
];

const serviceTable = (items: readonly Selected[], view: View) => {
  const { query, data } = view;
  const names = data.registries.map(({ registry }) => `${letterOf(registry)} ${titleOf(registry)}`);
  const hints: Partial<Record<Sort, string>> = {
    registries: names.join(', '),
    zones: view.installation.region ? `in ${view.installation.region}` : '',
  };
  return html`<table class="services">
<caption><u>Services</u></caption>
<thead><tr>${COLUMNS.map(([sort, label]) => heading(sort, label, hints[sort], query))}</tr></thead>
${query.sort === '' ? sections(items, view) : html`<tbody>${items.map((one) => serviceRow(one, view))}</tbody>`}
</table>`;
};

/** One click sorts, the next one turns the order around. */
const heading = (sort: Sort, label: string, hint: string | undefined, query: PageQuery) => {
  const isUp = query.sort === sort;
  const isDown = query.sort === `-${sort}`;
  const link = linkTo(query, { sort: isUp ? `-${sort}` : sort });
  return html`<th scope="col"${isUp && html` aria-sort="ascending"`}${isDown && html` aria-sort="descending"`}><a href="${link}">${label}</a>${hint && html`<u> ${hint}</u>`}</th>`;
};

const sections = (items: readonly Selected[], view: View) => {
  const isSure = view.unread.length === 0;
  const parts = Map.groupBy(items, ({ facts }) => sectionOf(facts));
  const titles = [
    ['bad', 'Need you'],
    ['well', isSure ? 'All is well' : 'Nothing wrong that is known'],
    ['foreign', 'Written by others'],
  ] as const;
  return html`${titles.flatMap(([part, title]) => {
    const rows = parts.get(part) ?? [];
    return rows.length === 0
      ? []
      : html`<tbody><tr class="part"><td colspan="6">${title}</td></tr>
${rows.map((one) => serviceRow(one, view))}</tbody>`;
  })}`;
};

const sectionOf = ({ needsYou, foreign }: ServiceFacts) => {
  if (needsYou) return 'bad';
  return foreign ? 'foreign' : 'well';
};

/** One that is longer than an address takes leads nowhere. */
const nameOf = (service: string) =>
  service.length > MAX_LENGTH
    ? html`${cutShort(service, MAX.name)}`
    : html`<a href="${linkTo(EVERYTHING, { service })}">${cutShort(service, MAX.name)}</a>`;

/** Without end tags and classes that the place in the row says as well: of 300 each byte counts. */
const serviceRow = ({ facts, matching }: Selected, { now, installation }: View): Html => {
  const { service, rows, healthy, registries, zones, clusters, newest, troubles } = facts;
  const level = troubles[0]?.level;
  const isKnown = registries.every(({ unknown }) => !unknown);
  const part = matching.length < rows.length ? `${matching.length} of ${rows.length} match` : '';
  const texts = [part, ...troubles.slice(0, 3).map(({ text }) => text)].filter(Boolean);
  const sub = cutShort(texts.join('; '), 200);
  const places = zones.map((zone) => cutShort(shortZone(zone, installation.region), MAX.zone));
  return html`<tr><th>${nameOf(service)}${sub && html`<small${level && level !== 'note' && html` class="${level}"`}>${sub}</small>`}<td${bar(healthy, rows.length)}>${rows.length > 0 ? `${healthy}/${rows.length}` : isKnown ? 'none' : 'unknown'}<td>${serviceLetters(registries)}<td>${listedZones(places)}<td>${listed(
    clusters.map((one) => cutShort(one, MAX.cluster)),
    MAX.clusters,
  )}<td>${newest !== undefined && toAge(now - newest)}
`;
};

const listedZones = (zones: readonly string[]) => {
  const rest = zones.length - MAX.zones;
  return `${zones.toSorted(byText).slice(0, MAX.zones).join(' ')}${rest > 0 ? ` +${rest}` : ''}`;
};

/** The bar before the numbers, in tenths. It is full, or empty, only where all are, or none. */
const bar = (healthy: number, all: number): Html => {
  if (healthy === all) return all === 0 ? html` class=none` : html``;
  return html` class=b${Math.max(Math.floor((healthy / all) * 10), healthy > 0 ? 1 : 0)}`;
};

const TITLES = { cluster: 'Cluster', host: 'Host', zone: 'Zone' } as const;
const UNPLACED = { cluster: 'not said', host: 'none said: Fargate, or others', zone: 'not said' };

const groupTable = (
  groups: readonly Group[],
  by: Exclude<PageQuery['group'], ''>,
  { now, query }: View,
) => html`<table class="groups">
<caption><u>Instances by ${by}</u></caption>
<thead><tr><th scope="col">${TITLES[by]}</th><th scope="col">Healthy</th><th scope="col">Services</th><th scope="col">Registries differ on</th><th scope="col">Changed</th></tr></thead>
<tbody>${groups.map(
  ({ name, rows, healthy, drifting, services, newest }) =>
    html`<tr><th>${name === undefined ? html`<i>${UNPLACED[by]}</i>` : name.length > MAX_LENGTH ? html`${cutShort(name, MAX.name)}` : html`<a href="${linkTo(query, filterOf(by, name))}">${cutShort(name, MAX.name)}</a>`}${healthy < rows.length && html`<small class="bad">${rows.length - healthy} unhealthy</small>`}<td${bar(healthy, rows.length)}>${healthy}/${rows.length}<td>${services}<td>${drifting}<td>${newest !== undefined && toAge(now - newest)}
`,
)}</tbody></table>`;

/** Links to the pages before and after, where there are several. */
export const pager = (
  { page, pages }: { readonly page: number; readonly pages: number },
  query: PageQuery,
): Html =>
  pages === 1
    ? html``
    : html`<nav aria-label="Pages" class="pager">${page > 1 && html`<a rel="prev" href="${linkTo(query, { page: page - 1 })}">Before</a>`}
<span>Page ${page} of ${count(pages, 'page')}</span>
${page < pages && html`<a rel="next" href="${linkTo(query, { page: page + 1 })}">After</a>`}</nav>
`;
