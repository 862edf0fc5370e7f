import type { ResolverResponse } from '../http/message.ts';
import type { WithholdTarget } from '../lookup/withhold.ts';
import { toPageResponse } from './document.ts';
import { distinct, toFacts } from './facts.ts';
import { listed, titleOf } from './format.ts';
import { cutShort, type Html, html, untrusted } from './html.ts';
import { installationOf, renderInstallation, titleWith } from './installation.ts';
import { joinRegistries } from './join.ts';
import { renderOverview } from './overview.ts';
import type { PageData } from './page-data.ts';
import { EVERYTHING, filtersIn, linkTo, type PageQuery } from './query.ts';
import { type Selected, select } from './select.ts';
import { goOn, renderService, renderServiceHead } from './service.ts';
import { renderStatus } from './status.ts';
import { needsText, renderTotals, type Totals, totalsOf, totalsText } from './totals.ts';
import type { View } from './view.ts';

export interface PageRequest {
  readonly data: PageData;
  readonly query: PageQuery;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The request carries a session, which can be ended. */
  readonly signedIn: boolean;
  readonly withhold: WithholdTarget;
}

/** All services of all registries, or one of them, as a page. Pure. */
export const renderPage = ({
  data,
  query,
  now,
  signedIn,
  withhold,
}: PageRequest): ResolverResponse => {
  const { registries, deployment } = data;
  const joined = joinRegistries(registries, { owner: deployment.owner, now, withhold });
  const all = toFacts(joined, data);
  const unread = registries.filter(({ state }) => state !== 'read');
  const view: View = { data, installation: installationOf(deployment), all, unread, query, now };
  const selected = select(all, query);
  const totals = totalsOf(view);
  const { top, live } =
    query.service === '' ? overview(selected, totals, view) : service(selected, view);
  return toPageResponse({
    title: titleWith(view.installation, titleParts(totals, view)),
    production: view.installation.isProduction,
    script: true,
    body: html`<header><h1><a href="?">Rollcall</a></h1>
${renderInstallation(view.installation)}
<div class="tools"><span id="clock"></span> <button type="button" id="pause" aria-pressed="false" hidden>Pause updates</button>
${signedIn && html`<form method="post" action="logout"><button>Sign out</button></form>`}</div></header>
<main>
<p role="status" id="say" class="hidden"></p>
<div id="top" data-say="${totalsText(totals)}">
${top}</div>
${searchForm(view)}
<div id="live">
${query.faults.map((fault) => html`<p class="note warn">${untrusted(fault)}; it is left out</p>`)}${live}
</div>
</main>`,
  });
};

/** What of a page stands above the search, and what below. */
interface Parts {
  readonly top: Html;
  readonly live: Html;
}

/** What a tab that nobody looks at tells. */
const titleParts = ({ needYou }: Totals, { query: { service }, unread }: View) => [
  ...(service === '' ? [] : [cutShort(service, 60)]),
  ...(needYou > 0 ? [needsText(`${needYou}`, needYou)] : []),
  ...unread.map(({ registry }) => `${titleOf(registry)} cannot be read`),
];

/** On a service's own page nothing else says that a registry is not in what is shown. */
const unreadNotes = ({ unread }: View): Html =>
  html`${unread.map(
    ({ registry, state, fault }) =>
      html`<p class="note bad">${titleOf(registry)} cannot be read${fault ? html`: ${untrusted(fault)}` : ''}. What it holds is ${state === 'old' ? 'shown as it was' : 'unknown'}.</p>`,
  )}`;

const overview = (selected: readonly Selected[], totals: Totals, view: View): Parts => ({
  top: html`${renderTotals(totals, view)}${renderStatus(view)}`,
  live:
    selected.length > 0
      ? html`${filterLine(selected, totals, view)}${renderOverview(selected, view)}`
      : html`<p class="empty">${emptyText(totals, view)}</p>`,
});

const emptyText = ({ unknown, nothing }: Totals, { query }: View): Html => {
  const names = listed(unknown.map(({ registry }) => titleOf(registry)));
  if (nothing)
    return html`<strong>Which services there are is unknown.</strong> ${names} cannot be read; the line above opens, and says why.`;
  if (filtersIn(query).length > 0)
    return html`Nothing fits${names && ` in what can be read; what ${names} holds is unknown`}. <a href="?">Show everything</a>`;
  return names
    ? html`No service is known: what ${names} holds is unknown.`
    : html`No service is registered yet.`;
};

/** What is filtered, each with a way to take it back. */
const filterLine = (selected: readonly Selected[], { services }: Totals, { query }: View) => {
  const filters = filtersIn(query);
  if (filters.length === 0) return html``;
  return html`<p class="chips">${selected.length} of ${services} services: ${filters.map(([name, change]) => html`<a class="chip" href="${linkTo(query, change)}"><u>Without </u>${cutShort(name, 60)} <span aria-hidden="true">×</span></a> `)}<a href="${linkTo(EVERYTHING, { group: query.group, sort: query.sort })}">Show all</a></p>`;
};

const service = (selected: readonly Selected[], view: View): Parts => {
  const wanted = view.query.service;
  const known = view.all.find((one) => one.service.toUpperCase() === wanted.toUpperCase());
  const crumb = html`<p class="crumb"><a href="?">All services</a></p>`;
  const found = selected[0] ?? (known && { facts: known, matching: [] });
  if (found)
    return {
      top: html`${crumb}${renderServiceHead(found)}${unreadNotes(view)}`,
      live: renderService(found, view),
    };
  const isSure = view.unread.length === 0;
  return {
    top: html`${crumb}<h2>${untrusted(wanted)}</h2>${unreadNotes(view)}`,
    live: html`<p class="empty">${isSure ? 'No registry holds it.' : 'No registry that can be read holds it.'} <a href="${linkTo(EVERYTHING, { q: wanted })}">Search for it</a></p>${goOn(wanted, view)}`,
  };
};

/** ECS's own limit: a longer name is no cluster's. */
const MAX_NAME = 255;
const MAX_CHOICES = 300;

const searchForm = ({ all, query }: View): Html => {
  const choices = (name: 'clusters' | 'zones', chosen: string) =>
    distinct([...all.flatMap((one) => one[name]), chosen])
      .filter((one) => one !== '' && one.length <= MAX_NAME)
      .slice(0, MAX_CHOICES);
  const kept = (['service', 'sort', 'host'] as const).filter((name) => query[name] !== '');
  const flags = (['drift', 'problems'] as const).filter((name) => query[name]);
  return html`<form id="find" class="find" role="search">
<input type="search" name="q" value="${query.q}" maxlength="200" autocomplete="off" aria-label="Search" placeholder="${query.service === '' ? 'Search: name, address, task, tag, metadata' : 'Search in this service'}">
${choice('cluster', 'Cluster', { chosen: query.cluster, any: 'all clusters', values: choices('clusters', query.cluster) })}
${choice('zone', 'Zone', { chosen: query.zone, any: 'all zones', values: choices('zones', query.zone) })}
${choice('health', 'Health', { chosen: query.health, any: 'any health', values: ['healthy', 'unhealthy'] })}
${query.service === '' && choice('group', 'Rows', { chosen: query.group, any: 'by service', values: ['cluster', 'host', 'zone'], text: (one) => `by ${one}` })}
${kept.map((name) => html`<input type="hidden" name="${name}" value="${query[name]}">`)}${flags.map((name) => html`<input type="hidden" name="${name}" value="true">`)}
<button>Find</button>
</form>
`;
};

interface Choice {
  readonly chosen: string;
  readonly any: string;
  readonly values: readonly string[];
  readonly text?: (value: string) => string;
}

const choice = (
  name: string,
  label: string,
  { chosen, any, values, text = (one) => one }: Choice,
) =>
  html`<select name="${name}" aria-label="${label}"><option value="">${any}</option>${values.map(
    (value) =>
      html`<option value="${value}"${value === chosen && html` selected`}>${text(value)}</option>`,
  )}</select>`;

const WHY = {
  token: 'This token is not valid.',
  ticket: 'This link was used, or is too old: run rollcall open again, or give the token.',
} as const;

/** The form for the token. `rawQuery`: the query that the page is opened with afterwards. */
export const renderLogin = (
  rawQuery: string,
  refused: 'token' | 'ticket' | undefined,
): ResolverResponse =>
  toPageResponse({
    title: 'Sign in · Rollcall',
    status: 401,
    takesTicket: true,
    headers: { 'www-authenticate': 'Bearer realm="rollcall"' },
    body: html`<main class="login"><h1>Rollcall</h1>
<form method="post" action="login${rawQuery !== '' && `?${rawQuery}`}">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus${refused && html` aria-invalid="true" aria-describedby="why"`}>
${refused && html`<p id="why" role="alert" class="bad">${WHY[refused]}</p>`}
<button>Sign in</button>
</form>
<p>The stack’s output <code>ResolverToken</code> is a command: run it, and it prints the token.</p>
</main>`,
  });
