import { KEY } from '../../model/registration.ts';
import { age, count, explainCall } from './format.ts';
import { foreign, type Html, html } from './html.ts';
import type { Group, Place, PlaceState, Row } from './join.ts';
import type { Admin } from './page-data.ts';
import { type Asked, isFiltered, linkTo, pageOf } from './select.ts';

const crypto = process.getBuiltinModule('node:crypto');

export interface Showing {
  readonly asked: Asked;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly admin: Admin | undefined;
}

/** Services on one page; instances of one service on its own page, and among others; instances on one page altogether. */
const SERVICES = 100;
const INSTANCES = 100;
const AMONG_OTHERS = 20;
const ALTOGETHER = 200;
/** Characters of all instances on one page: their metadata can be as long as their registry allows. */
const LARGEST = 800_000;
/** Pairs of metadata shown of one instance. */
const PAIRS = 64;

/** The services on the asked page. Where they have more instances than one page takes, a link leads to the rest. */
export const renderServices = (groups: readonly Group[], showing: Showing): Html => {
  const { asked } = showing;
  if (groups.length === 0) return nothing(asked);
  if (asked.service !== '') return html`${groups.map((group) => renderOne(group, showing))}`;
  const { page, pages, items } = pageOf(groups, asked.page, SERVICES);
  const room = { rows: ALTOGETHER, characters: LARGEST };
  const sections: Html[] = [];
  for (const group of items) {
    const section = renderAmongOthers(group, room, showing);
    room.characters -= section.html.length;
    if (room.characters <= 0) break;
    sections.push(section);
  }
  return html`${sections}${sections.length < items.length && CUT}${pager(page, pages, asked)}`;
};

const CUT = html`<p class="bad">More does not fit on one page: narrow the search.</p>`;

const nothing = (asked: Asked) =>
  isFiltered(asked) || asked.service !== ''
    ? html`<p class="empty">Nothing fits. <a href="?">Show everything</a></p>`
    : html`<p class="empty">No service is registered yet.</p>`;

const renderOne = (group: Group, showing: Showing) => {
  const { page, pages, items } = pageOf(group.rows, showing.asked.page, INSTANCES);
  const shown = takeRows(items, { rows: INSTANCES, characters: LARGEST }, showing);
  const rest = html`${shown.length < items.length && CUT}${pager(page, pages, showing.asked)}`;
  return section(group, html`${shown.length > 0 && table(shown)}${rest}`);
};

interface Room {
  rows: number;
  characters: number;
}

const renderAmongOthers = (group: Group, room: Room, showing: Showing) => {
  const shown = takeRows(group.rows.slice(0, AMONG_OTHERS), room, showing);
  const all = linkTo(showing.asked, { service: group.service, page: 1 });
  const more = html`<p><a href="${all}">All ${count(group.rows.length, 'instance')} of ${foreign(group.service)}</a></p>`;
  return section(group, html`${shown.length > 0 && table(shown)}${shown.length < group.rows.length && more}`);
};

/** As many rows as there is room for. */
const takeRows = (rows: readonly Row[], room: Room, showing: Showing): readonly Html[] => {
  const taken: Html[] = [];
  let left = room.characters;
  for (const row of rows.slice(0, room.rows)) {
    const rendered = renderRow(row, showing);
    left -= rendered.html.length;
    if (left <= 0) break;
    taken.push(rendered);
  }
  room.rows -= taken.length;
  return taken;
};

const section = ({ service, rows }: Group, content: Html) => {
  const healthy = rows.filter(({ target }) => target.healthy).length;
  const unlike = rows.filter(({ drifts }) => drifts).length;
  return html`<section class="service">
<h2>${foreign(service)} <small>${rows.length === 0 ? 'no instances' : `${healthy} of ${count(rows.length, 'instance')} healthy`}${unlike > 0 && html`, <strong class="bad">registries differ on ${unlike}</strong>`}</small></h2>
${content}</section>
`;
};

/** Roles, since the rows are laid out as grids and browsers then forget that it is a table. */
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

const renderRow = (row: Row, showing: Showing): Html => {
  const { target, places, started } = row;
  return html`<tr role="row">${[
    cell(target.healthy ? mark('good', 'healthy') : mark('bad', 'unhealthy')),
    cell(html`${foreign(authority(target))}${target.protocol === 'udp' && ' udp'}`),
    cell(
      html`<ul class="places">${places.map(renderPlace)}${!row.ours && html`<li class="dim">written by others</li>`}</ul>`,
    ),
    cell(target.zone !== null && foreign(target.zone)),
    cell(started !== undefined && age(started, showing.now)),
    cell(target.tags.length > 0 && html`${target.tags.slice(0, PAIRS).map(renderTag)}`),
    cell(renderDetails(row, showing)),
  ]}</tr>
`;
};

const authority = ({ address, port }: Row['target']) =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`;

const renderTag = (tag: string) => html`<span class="tag">${foreign(tag)}</span> `;

/** A sign besides the colour, and a word besides the sign. */
const mark = (kind: 'good' | 'bad' | 'dim', word: string) => html`<span class="${kind}">${word}</span>`;

const WORDS: Readonly<Record<PlaceState, readonly ['good' | 'bad' | 'dim', string]>> = {
  held: ['good', ''],
  missing: ['bad', 'missing'],
  soon: ['dim', 'not yet'],
  waits: ['dim', 'waits for health'],
  unknown: ['dim', 'cannot be read'],
  foreign: ['dim', ''],
};

const renderPlace = ({ registry, state, differs, drifts }: Place): Html => {
  if (state === 'foreign') return html``;
  const [kind, word] = WORDS[state];
  const said = differs === undefined ? html`${word}` : foreign(differs);
  return html`<li class="${drifts ? 'bad' : kind}">${registry} ${said}</li>`;
};

const renderDetails = (row: Row, { admin }: Showing): Html => {
  const { key, target, task, cluster } = row;
  const pairs = Object.entries(target.metadata).filter(([name]) => name !== KEY.started);
  const facts: readonly (readonly [string, Html])[] = [
    ['id', foreign(target.id)],
    ...(cluster === undefined ? [] : [['cluster', foreign(cluster)] as const]),
    ...(target.weight === 1 ? [] : [['weight', html`${target.weight}`] as const]),
    ...pairs.slice(0, PAIRS).map(([name, value]) => [name, foreign(value)] as const),
    ...(pairs.length > PAIRS ? [['and more', html`${pairs.length - PAIRS}`] as const] : []),
  ];
  return html`<details id="d-${domId(key)}"><summary id="s-${domId(key)}">Details<span class="hidden"> of ${foreign(authority(target))}</span></summary>
<dl>${facts.map(([name, value]) => html`<div><dt>${foreign(name)}</dt><dd>${value}</dd></div>`)}</dl>
${task !== undefined && explainCall(task, admin)}</details>`;
};

/** Unlike for unlike keys, short, and without spaces. */
const domId = (key: string) => crypto.createHash('sha256').update(key).digest('base64url').slice(0, 16);

const pager = (page: number, pages: number, asked: Asked): Html =>
  pages === 1
    ? html``
    : html`<nav aria-label="Pages" class="pager">${page > 1 && html`<a rel="prev" href="${linkTo(asked, { page: page - 1 })}">Before</a>`}
<span>Page ${page} of ${pages}</span>
${page < pages && html`<a rel="next" href="${linkTo(asked, { page: page + 1 })}">After</a>`}</nav>`;
