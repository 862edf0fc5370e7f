import type { ResolverResponse } from '../http/message.ts';
import type { WithholdTarget } from '../lookup/withhold.ts';
import { toPageResponse } from './document.ts';
import { count } from './format.ts';
import { type Html, html, untrusted } from './html.ts';
import { type RenderContext, renderServices } from './instances.ts';
import { joinRegistries, type ServiceRows } from './join.ts';
import type { PageData } from './page-data.ts';
import { linkTo, type PageQuery, select } from './select.ts';
import { renderRegistries, renderRound } from './status.ts';

export interface PageView {
  readonly data: PageData;
  readonly query: PageQuery;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The request carries a session, which can be ended. */
  readonly signedIn: boolean;
  readonly withhold: WithholdTarget;
}

/** All services of all registries as a page. Pure. */
export const renderPage = ({
  data,
  query,
  now,
  signedIn,
  withhold,
}: PageView): ResolverResponse => {
  const { registries, round, owner, admin } = data;
  const services = joinRegistries(registries, { owner, now, withhold });
  const selected = select(services, query);
  const summary = summaryOf(selected);
  const context: RenderContext = { query, now, admin };
  return toPageResponse({
    title: 'Rollcall',
    script: true,
    body: html`<header><h1>Rollcall</h1>
<div><span id="clock"></span> <button type="button" id="pause" aria-pressed="false" hidden>Pause updates</button></div>
${signedIn && html`<form method="post" action="logout"><button>Sign out</button></form>`}</header>
<main>
${searchForm(services, query)}
<p role="status" id="say" class="hidden"></p>
<div id="live" data-say="${summary}">
${renderRegistries(registries)}
${query.faults.map((fault) => html`<p class="bad">${untrusted(fault)}; it is left out</p>`)}<p>${summary}${query.service !== '' && html` of ${untrusted(query.service)}. <a href="${linkTo(query, { service: '', page: 1 })}">All services</a>`}</p>
${renderRound(round, context)}
${renderServices(selected, context)}</div>
</main>`,
  });
};

const summaryOf = (services: readonly ServiceRows[]): string => {
  const rows = services.flatMap((service) => service.rows);
  const unhealthy = rows.filter(({ target }) => !target.healthy).length;
  const differing = rows.filter(({ drifts }) => drifts).length;
  const withheld = rows.filter((row) => row.withheld !== undefined).length;
  return [
    count(services.length, 'service'),
    count(rows.length, 'instance'),
    `${unhealthy} unhealthy`,
    `registries differ on ${differing}`,
    ...(withheld > 0 ? [`${withheld} withheld from clients`] : []),
  ].join(', ');
};

/** ECS's own limit: a longer name is no cluster's. */
const MAX_CLUSTER_NAME = 255;
const MAX_CLUSTERS = 500;

const searchForm = (services: readonly ServiceRows[], query: PageQuery): Html => {
  const found = services.flatMap(({ rows }) => rows.flatMap(({ cluster }) => cluster ?? []));
  const named = [...found, query.cluster].filter(
    (name) => name !== '' && name.length <= MAX_CLUSTER_NAME,
  );
  const clusters = [...new Set(named)].sort().slice(0, MAX_CLUSTERS);
  return html`<form id="find" class="find" role="search">
<label class="wide">Search: name, address, task, tag, metadata <input type="search" name="q" value="${query.q}" maxlength="200" autocomplete="off"></label>
<label>Cluster ${choice('cluster', query.cluster, ['', ...clusters])}</label>
<label>Health ${choice('health', query.health, ['', 'healthy', 'unhealthy'])}</label>
<label class="check"><input type="checkbox" name="drift" value="true"${query.drift && html` checked`}> Registries differ</label>
<button>Find</button>
</form>`;
};

const choice = (name: string, chosen: string, values: readonly string[]) =>
  html`<select name="${name}">${values.map(
    (value) =>
      html`<option value="${value}"${value === chosen && html` selected`}>${value === '' ? 'any' : value}</option>`,
  )}</select>`;

/** The form for the token. `rawQuery`: the query that the page is opened with afterwards. */
export const renderLogin = (rawQuery: string, refused: boolean): ResolverResponse =>
  toPageResponse({
    title: 'Rollcall: sign in',
    status: 401,
    headers: { 'www-authenticate': 'Bearer realm="rollcall"' },
    body: html`<main class="login"><h1>Rollcall</h1>
<form method="post" action="login${rawQuery !== '' && `?${rawQuery}`}">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus${refused && html` aria-invalid="true" aria-describedby="why"`}>
${refused && html`<p id="why" role="alert" class="bad">This token is not valid.</p>`}
<button>Sign in</button>
</form>
<p>The stack’s output <code>ResolverToken</code> is a command: run it, and it prints the token.</p>
</main>`,
  });
