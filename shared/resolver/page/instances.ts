import { KEY } from '../../model/registration.ts';
import { age, count, explainCall } from './format.ts';
import { type Html, html, untrusted } from './html.ts';
import type { InstanceRow, ServiceRows } from './join.ts';
import type { Admin } from './page-data.ts';
import type { Presence, PresenceState } from './presence.ts';
import { isFiltered, linkTo, type PageQuery, pageOf } from './select.ts';

const crypto = process.getBuiltinModule('node:crypto');

/** What the parts of the page are rendered with. */
export interface RenderContext {
  readonly query: PageQuery;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly admin: Admin | undefined;
}

/** What one page shows at most. Lengths are in characters. */
const MAX = {
  services: 100,
  /** Of one service on a page of its own, and on a page with others. */
  instancesAlone: 100,
  instancesAmongOthers: 20,
  instances: 200,
  /** Metadata can be as long as its registry allows. */
  characters: 800_000,
  /** Tags, and pairs of metadata, of one instance. */
  pairs: 64,
} as const;

/** The query's page of the services. Where not all instances fit, a link leads to the rest. */
export const renderServices = (services: readonly ServiceRows[], context: RenderContext): Html => {
  const { query } = context;
  if (services.length === 0) return renderNothing(query);
  if (query.service !== '')
    return html`${services.map((service) => renderAlone(service, context))}`;
  const { page, pages, items } = pageOf(services, query.page, MAX.services);
  const room = { rows: MAX.instances, characters: MAX.characters };
  const sections: Html[] = [];
  for (const service of items) {
    const section = renderAmongOthers(service, room, context);
    room.characters -= section.html.length;
    if (room.characters <= 0) break;
    sections.push(section);
  }
  return html`${sections}${sections.length < items.length && TOO_MUCH}${pager(page, pages, query)}`;
};

const TOO_MUCH = html`<p class="bad">More does not fit on one page: narrow the search.</p>`;

const renderNothing = (query: PageQuery) =>
  isFiltered(query) || query.service !== ''
    ? html`<p class="empty">Nothing fits. <a href="?">Show everything</a></p>`
    : html`<p class="empty">No service is registered yet.</p>`;

const renderAlone = (service: ServiceRows, context: RenderContext) => {
  const { page, pages, items } = pageOf(service.rows, context.query.page, MAX.instancesAlone);
  const shown = takeRows(items, { rows: MAX.instancesAlone, characters: MAX.characters }, context);
  const rest = html`${shown.length < items.length && TOO_MUCH}${pager(page, pages, context.query)}`;
  return section(service, html`${shown.length > 0 && table(shown)}${rest}`);
};

/** What is left of the page; rows and characters are taken from it. */
interface Room {
  rows: number;
  characters: number;
}

const renderAmongOthers = (service: ServiceRows, room: Room, context: RenderContext) => {
  const { service: name, rows } = service;
  const shown = takeRows(rows.slice(0, MAX.instancesAmongOthers), room, context);
  const all = linkTo(context.query, { service: name, page: 1 });
  const more = html`<p><a href="${all}">All ${count(rows.length, 'instance')} of ${untrusted(name)}</a></p>`;
  return section(
    service,
    html`${shown.length > 0 && table(shown)}${shown.length < rows.length && more}`,
  );
};

/** Renders as many rows as there is room for. */
const takeRows = (
  rows: readonly InstanceRow[],
  room: Room,
  context: RenderContext,
): readonly Html[] => {
  const taken: Html[] = [];
  let left = room.characters;
  for (const row of rows.slice(0, room.rows)) {
    const rendered = renderRow(row, context);
    left -= rendered.html.length;
    if (left <= 0) break;
    taken.push(rendered);
  }
  room.rows -= taken.length;
  return taken;
};

const section = ({ service, rows }: ServiceRows, content: Html) => {
  const healthy = rows.filter(({ target }) => target.healthy).length;
  const differing = rows.filter(({ drifts }) => drifts).length;
  return html`<section class="service">
<h2>${untrusted(service)} <small>${rows.length === 0 ? 'no instances' : `${healthy} of ${count(rows.length, 'instance')} healthy`}${differing > 0 && html`, <strong class="bad">registries differ on ${differing}</strong>`}</small></h2>
${content}</section>
`;
};

/** With roles: the rows are laid out as grids, and browsers then no longer treat it as a table. */
const table = (rows: readonly Html[]) => html`<table role="table">
<thead role="rowgroup"><tr role="row">${[
  'Health',
  'Address',
  'Registries',
  'Zone',
  'Age',
  'Tags',
  'More',
].map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}</tr></thead>
<tbody role="rowgroup">
${rows}</tbody></table>
`;

const cell = (content: Html | false) => html`<td role="cell">${content}</td>`;

const renderRow = (row: InstanceRow, context: RenderContext): Html => {
  const { target, presences, started, withheld } = row;
  return html`<tr role="row">${[
    cell(target.healthy ? mark('good', 'healthy') : mark('bad', 'unhealthy')),
    cell(
      html`${untrusted(authority(target))}${target.protocol === 'udp' && ' udp'}${withheld !== undefined && html` <span class="bad">not given to clients: ${untrusted(withheld)}</span>`}`,
    ),
    cell(
      html`<ul class="presences">${presences.map(renderPresence)}${!row.ours && html`<li class="dim">written by others</li>`}</ul>`,
    ),
    cell(target.zone !== null && untrusted(target.zone)),
    cell(
      html`${started !== undefined && age(started, context.now)}${renderRevision(target, context)}`,
    ),
    cell(target.tags.length > 0 && html`${target.tags.slice(0, MAX.pairs).map(renderTag)}`),
    cell(renderDetails(row, context)),
  ]}</tr>
`;
};

/** Of the task definition, as a way to all that runs it: a deployment goes from one to the next. */
const renderRevision = ({ metadata }: InstanceRow['target'], { query }: RenderContext) => {
  const revision = metadata[KEY.revision] ?? '';
  if (!/^\d{1,9}$/.test(revision)) return false;
  const link = linkTo(query, { q: `${KEY.revision}=${revision}`, page: 1 });
  return html` <small><a href="${link}">revision ${untrusted(revision)}</a></small>`;
};

const authority = ({ address, port }: InstanceRow['target']) =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`;

const renderTag = (tag: string) => html`<span class="tag">${untrusted(tag)}</span> `;

/** The style adds a colour and a sign; the word is for those who see neither. */
const mark = (kind: 'good' | 'bad' | 'dim', word: string) =>
  html`<span class="${kind}">${word}</span>`;

/** How each state is marked, and the word beside the registry's name. */
const MARKS: Readonly<Record<PresenceState, readonly ['good' | 'bad' | 'dim', string]>> = {
  held: ['good', ''],
  missing: ['bad', 'missing'],
  soon: ['dim', 'not yet'],
  waits: ['dim', 'waits for health'],
  unknown: ['dim', 'cannot be read'],
  foreign: ['dim', ''],
};

const renderPresence = (presence: Presence): Html => {
  const { registry, state, drifts } = presence;
  if (state === 'foreign') return html``;
  const [kind, word] = MARKS[state];
  const differs = presence.state === 'held' && presence.differs;
  return html`<li class="${drifts ? 'bad' : kind}">${registry} ${differs ? untrusted(differs) : word}</li>`;
};

const renderDetails = (row: InstanceRow, { admin }: RenderContext): Html => {
  const { key, target, task, cluster } = row;
  const pairs = Object.entries(target.metadata).filter(([name]) => name !== KEY.started);
  const facts: readonly (readonly [string, Html])[] = [
    ['id', untrusted(target.id)],
    ...(cluster === undefined ? [] : [['cluster', untrusted(cluster)] as const]),
    ...(target.weight === 1 ? [] : [['weight', html`${target.weight}`] as const]),
    ...pairs.slice(0, MAX.pairs).map(([name, value]) => [name, untrusted(value)] as const),
    ...(pairs.length > MAX.pairs ? [['and more', html`${pairs.length - MAX.pairs}`] as const] : []),
  ];
  return html`<details id="d-${domId(key)}"><summary id="s-${domId(key)}">Details<span class="hidden"> of ${untrusted(authority(target))}</span></summary>
<dl>${facts.map(([name, value]) => html`<div><dt>${untrusted(name)}</dt><dd>${value}</dd></div>`)}</dl>
${task !== undefined && explainCall(task, admin)}</details>`;
};

/** Short, without spaces, and different for different keys. */
const domId = (key: string) =>
  crypto.createHash('sha256').update(key).digest('base64url').slice(0, 16);

const pager = (page: number, pages: number, query: PageQuery): Html =>
  pages === 1
    ? html``
    : html`<nav aria-label="Pages" class="pager">${page > 1 && html`<a rel="prev" href="${linkTo(query, { page: page - 1 })}">Before</a>`}
<span>Page ${page} of ${pages}</span>
${page < pages && html`<a rel="next" href="${linkTo(query, { page: page + 1 })}">After</a>`}</nav>`;
