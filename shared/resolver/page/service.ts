import { idOf } from '../../model/arn.ts';
import { type OutcomeRecord, outcomeSign, whyOf } from '../../model/outcome-record.ts';
import { KEY } from '../../model/registration.ts';
import { byText } from '../../model/text.ts';
import { rollcall } from './commands.ts';
import type { ServiceFacts } from './facts.ts';
import { count, listed, titleOf } from './format.ts';
import { cutShort, type Html, html, untrusted } from './html.ts';
import { instanceRow, instanceTable } from './instance.ts';
import type { InstanceRow } from './join.ts';
import { isRefused } from './names.ts';
import { pager } from './overview.ts';
import type { PageData } from './page-data.ts';
import { EVERYTHING, linkTo } from './query.ts';
import { renderLegend } from './registries.ts';
import { pageOf, type Selected } from './select.ts';
import { renderSkip, renderWithheld } from './status.ts';
import type { View } from './view.ts';

/** What one page shows at most. Metadata can be as long as its registry allows. */
const MAX = { instances: 100, characters: 800_000, records: 50, outdated: 20 } as const;

/** What one sees first of a service: how it is, and what is wrong. */
export const renderServiceHead = ({
  facts,
}: Selected): Html => html`<h2>${untrusted(facts.service)}</h2>
<p class="lead">${leadOf(facts)}</p>
${facts.troubles.map(({ level, text }) => html`<p class="note ${level}">${cutShort(text, 400)}</p>`)}`;

/** One service, with all that is known of it. */
export const renderService = (selected: Selected, view: View): Html => {
  const { facts } = selected;
  return html`<div class="cols"><div>
${instances(selected, view)}${outdated(facts, view)}
</div><div>
${history(facts.service, view)}
${leftOut(selected, view)}
${withheld(selected, view)}
${goOn(facts.service, view)}
</div></div>`;
};

const leadOf = ({ rows, healthy, clusters, zones, newest }: ServiceFacts): Html => {
  if (rows.length === 0) return html`No registry that can be read holds an instance of it.`;
  const families = new Set(
    rows.flatMap(({ target, revision }) => {
      const family = target.metadata[KEY.family];
      return family === undefined || revision === undefined ? [] : `${family}:${revision}`;
    }),
  );
  const parts = [
    `${healthy} of ${count(rows.length, 'instance')} healthy`,
    clusters.length > 0 && `in cluster${clusters.length > 1 ? 's' : ''} ${listed(clusters)}`,
    zones.length > 0 && `zone${zones.length > 1 ? 's' : ''} ${listed(zones)}`,
    families.size > 0 && `running ${listed([...families], 2)}`,
    newest === undefined && 'started at an unknown time',
  ];
  return html`${cutShort(parts.filter(Boolean).join(', '), 600)}.`;
};

/** What is wrong comes first; then those of one zone stand together. */
const byTrouble = (a: InstanceRow, b: InstanceRow) =>
  Number(a.target.healthy) - Number(b.target.healthy) ||
  Number(b.drifts) - Number(a.drifts) ||
  byText(a.target.zone ?? '', b.target.zone ?? '') ||
  byText(a.target.address, b.target.address) ||
  byText(a.key, b.key);

const instances = ({ facts, matching }: Selected, view: View): Html => {
  const { query, data } = view;
  const { service, group, sort } = query;
  const { items, ...paging } = pageOf(matching.toSorted(byTrouble), query.page, MAX.instances);
  const shown: Html[] = [];
  let left: number = MAX.characters;
  for (const row of items) {
    const rendered = instanceRow(row, view);
    left -= rendered.html.length;
    if (left <= 0) break;
    shown.push(rendered);
  }
  const isPart = matching.length < facts.rows.length;
  return html`<h3>Instances</h3>
${isPart && html`<p>${matching.length} of ${count(facts.rows.length, 'instance')} match. <a href="${linkTo(EVERYTHING, { service, group, sort })}">Show all</a></p>`}
${shown.length > 0 && instanceTable(shown)}
${shown.length < items.length && html`<p class="bad">${shown.length} of ${items.length} fit on this page: narrow the search.</p>`}${pager(paging, query)}${shown.length > 0 && renderLegend(data.registries.map(({ registry }) => registry))}`;
};

/** Shown apart: they count nowhere. */
const outdated = ({ outdated: rows }: ServiceFacts, view: View): Html =>
  rows.length === 0
    ? html``
    : html`<h3>In an old answer only</h3>
<p>A registry that cannot be read held these; no other holds them now, so they have most likely left.</p>
${instanceTable(rows.slice(0, MAX.outdated).map((row) => instanceRow(row, view)))}
${rows.length > MAX.outdated && html`<p>${rows.length - MAX.outdated} more, not shown.</p>`}`;

const history = (service: string, { data }: View): Html => {
  const admin = data.deployment.admin;
  const command = rollcall('history', service, { admin, options: '--since 6h' });
  const longer = command && html`<p>What was done, and why: ${command}</p>`;
  return html`<h3>History</h3>
${records(data.history)}${longer ?? html`<p>This name cannot stand in a command.</p>`}`;
};

const records = (told: PageData['history']): Html => {
  if (told === undefined) return html``;
  if (told === 'unreadable') return html`<p class="bad">unknown: it cannot be read now</p>`;
  if (told.length === 0) return html`<p>Nothing of late.</p>`;
  return html`<ol class="log">${told.slice(0, MAX.records).map(record)}</ol>
${told.length > MAX.records && html`<p>${told.length - MAX.records} more, not shown.</p>`}`;
};

/** As the command and the local run draw it, with the word for who does not know the sign. */
const DONE = { '+': '+ registered', '~': '~ changed', '-': '- removed', '!': '! failed' } as const;

const record = (outcome: OutcomeRecord): Html => {
  const { time: when, registry, task, before, after } = outcome;
  const held = after ?? before ?? undefined;
  const time = Date.parse(when);
  const iso = Number.isNaN(time) ? undefined : new Date(time).toISOString();
  const id = task ? idOf(task) : 'not known';
  return html`<li>${iso ? html`<time datetime="${iso}" title="${iso}">${iso.slice(11, 19)} UTC</time>` : untrusted(when)}
<div>${DONE[outcomeSign(outcome)]}${held && html` ${untrusted(`${held.address}:${held.port}`)}`} in ${untrusted(titleOf(registry))}<small>${untrusted(whyOf(outcome))}</small><small title="${id}">task ${untrusted(id.slice(0, 8))}</small></div></li>`;
};

/**
 * The reasons that the last round told of these tasks, of others of the same ECS service, and of
 * those that may not have this name.
 */
const leftOut = ({ facts }: Selected, { data: { round, deployment } }: View): Html => {
  if (round === 'unreadable')
    return html`<h3>Left out</h3><p class="bad">unknown: the last round’s report cannot be read</p>`;
  if (round === 'none') return html``;
  const tasks = new Set(facts.rows.map(({ task }) => task));
  const names = new Set(
    facts.rows.flatMap(({ target: { metadata } }) => [
      metadata[KEY.serviceName],
      metadata[KEY.family],
    ]),
  ).add(facts.service);
  const skips = round.skips.filter(
    (skip) =>
      tasks.has(skip.task) ||
      isRefused(skip, facts.service) ||
      (skip.service !== undefined && names.has(skip.service)),
  );
  return html`<h3>Left out</h3>
${skips.length === 0 ? html`<p>Nothing, by the newest reasons of the last round.</p>` : html`<ul>${skips.map((skip) => html`<li>${renderSkip(skip, deployment.admin)}</li>`)}</ul>`}`;
};

const withheld = ({ facts }: Selected, { data: { round, deployment } }: View): Html => {
  if (typeof round !== 'object') return html``;
  const here = round.withheld.filter(({ cluster }) => facts.clusters.includes(idOf(cluster)));
  return here.length === 0
    ? html``
    : html`<h3>Withheld in its clusters</h3><ul>${here.map((one) => html`<li>${renderWithheld(one, deployment.admin)}</li>`)}</ul>`;
};

/** The command that asks ECS about a service, whether a registry holds it or not. */
export const goOn = (service: string, { data: { deployment } }: View): Html => {
  const command = rollcall('explain', service, deployment);
  return command
    ? html`<h3>Go on</h3><p>Why it is as it is, by ECS’s own word: ${command}</p>`
    : html``;
};
