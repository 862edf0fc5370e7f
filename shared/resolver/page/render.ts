import type { ResolverResponse } from '../http/message.ts';
import { toResponse } from './document.ts';
import { count } from './format.ts';
import { foreign, type Html, html } from './html.ts';
import { renderServices, type Showing } from './instances.ts';
import { type Group, join } from './join.ts';
import type { Admin, Reading } from './page-data.ts';
import { type Asked, linkTo, select } from './select.ts';
import { renderRound, renderSights } from './status.ts';

export interface PageView {
  readonly reading: Reading;
  readonly asked: Asked;
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly admin?: Admin | undefined;
  /** There is a session that can be ended. */
  readonly signedIn: boolean;
}

/** The catalogue as a page. Pure. */
export const renderPage = (view: PageView): ResolverResponse => {
  const { reading, asked, owner, now, admin, signedIn } = view;
  const groups = join(reading.sights, { owner, now });
  const chosen = select(groups, asked);
  const summary = countsOf(chosen);
  const showing: Showing = { asked, now, admin };
  return toResponse({
    title: 'Rollcall',
    script: true,
    body: html`<header><h1>Rollcall</h1>
<div><span id="clock"></span> <button type="button" id="pause" aria-pressed="false" hidden>Pause updates</button></div>
${signedIn && html`<form method="post" action="logout"><button>Sign out</button></form>`}</header>
<main>
${finder(groups, asked)}
<p role="status" id="say" class="hidden"></p>
<div id="live" data-say="${summary}">
${renderSights(reading.sights)}
${asked.faults.map((fault) => html`<p class="bad">${foreign(fault)}; it is left out</p>`)}<p>${summary}${asked.service !== '' && html` of ${foreign(asked.service)}. <a href="${linkTo(asked, { service: '', page: 1 })}">All services</a>`}</p>
${renderRound(reading.round, showing)}
${renderServices(chosen, showing)}</div>
</main>`,
  });
};

const countsOf = (groups: readonly Group[]): string => {
  const rows = groups.flatMap((group) => group.rows);
  const sick = rows.filter(({ target }) => !target.healthy).length;
  const unlike = rows.filter(({ drifts }) => drifts).length;
  return [
    count(groups.length, 'service'),
    count(rows.length, 'instance'),
    `${sick} unhealthy`,
    `registries differ on ${unlike}`,
  ].join(', ');
};

/** What ECS allows: a longer name is somebody else's. */
const LONGEST_CLUSTER = 255;
const MOST_CLUSTERS = 500;

const finder = (groups: readonly Group[], asked: Asked): Html => {
  const found = groups.flatMap(({ rows }) => rows.flatMap(({ cluster }) => cluster ?? []));
  const named = [...found, asked.cluster].filter((name) => name !== '' && name.length <= LONGEST_CLUSTER);
  const clusters = [...new Set(named)].sort().slice(0, MOST_CLUSTERS);
  return html`<form id="find" class="find" role="search">
<label class="wide">Search: name, address, task, tag, metadata <input type="search" name="q" value="${asked.q}" maxlength="200" autocomplete="off"></label>
<label>Cluster ${choice('cluster', asked.cluster, ['', ...clusters])}</label>
<label>Health ${choice('health', asked.health, ['', 'healthy', 'unhealthy'])}</label>
<label class="check"><input type="checkbox" name="drift" value="true"${asked.drift && html` checked`}> Registries differ</label>
<button>Find</button>
</form>`;
};

const choice = (name: string, chosen: string, values: readonly string[]) =>
  html`<select name="${name}">${values.map(
    (value) =>
      html`<option value="${value}"${value === chosen && html` selected`}>${value === '' ? 'any' : value}</option>`,
  )}</select>`;
