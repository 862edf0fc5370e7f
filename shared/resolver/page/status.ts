import type { RegistrySummary, Summary } from '../../model/summary.ts';
import { age, count, explainCall, releaseCall, toAge } from './format.ts';
import { foreign, type Html, html } from './html.ts';
import type { Showing } from './instances.ts';
import type { Reading, Sight } from './page-data.ts';

/** Milliseconds after which a reconciler that comes each minute has plainly not come. */
const OVERDUE = 300_000;

/** Which registries could be read for this page. */
export const renderSights = (sights: readonly Sight[]): Html =>
  html`<ul class="sights">${sights.map(
    (sight) =>
      html`<li class="${sight.state === 'read' ? 'good' : 'bad'}">${sight.registry} ${stateOf(sight)}</li>`,
  )}</ul>
`;

const stateOf = (sight: Sight): string => {
  if (sight.state === 'unreadable') return 'cannot be read; the resolver’s log says why';
  const held = sight.services.reduce((sum, { targets }) => sum + targets.length, 0);
  const instances = count(held, 'instance');
  return sight.state === 'read'
    ? `holds ${instances}`
    : `cannot be read; ${toAge(sight.age)} ago it held ${instances}`;
};

/** When the last reconcile was, what it did and what it withheld, and why tasks are not registered. */
export const renderRound = (round: Reading['round'], { now, admin }: Showing): Html => {
  if (round === 'none') return frame(html`none has reported yet`, html``);
  if (round === 'unreadable')
    return frame(mark('its report cannot be read; the resolver’s log says why'), html``);
  const began = Date.parse(round.at);
  const overdue = now - began > OVERDUE;
  const { withheld, unfinished, failures, skips } = round;
  const faults = [
    ...(overdue ? ['it should come each minute'] : []),
    ...(withheld.length > 0 ? ['removals withheld'] : []),
    ...(unfinished.length > 0 ? ['not finished'] : []),
    ...(failures.length > 0 ? [count(failures.length, 'failure')] : []),
  ].join(', ');
  return frame(
    html`${age(began, now)} ago${faults !== '' && html`, ${mark(faults)}`}`,
    html`<p>In ${(round.milliseconds / 1000).toFixed(1)} s: ${count(round.tasks, 'running task')} in ${count(round.clusters, 'cluster')}, policy ${round.policy}.</p>
${countsTable(round)}
${list('Removals withheld', withheld, (one) => renderWithheld(one, admin))}
${list('Clusters not finished', unfinished, foreign)}
${list('Failures', failures, foreign)}
${list('Why tasks are not registered', skips.toReversed(), (skip) => renderSkip(skip, admin))}`,
  );
};

const mark = (text: string) => html`<strong class="bad">${text}</strong>`;

const frame = (headline: Html, content: Html) => html`<section><details id="round">
<summary id="s-round"><h2>Last reconcile</h2> <small>${headline}</small></summary>
${content}</details></section>
`;

const WITHHELD = {
  missing:
    'ECS no longer knows their tasks, but they are too many at once. They stay, so registries do not differ on them.',
  renamed:
    'their tasks run, but under other names now, or none, and they are too many at once. The old names stay.',
} as const;

const renderWithheld = (
  { cluster, plan, removals, why }: Summary['withheld'][number],
  admin: Showing['admin'],
): Html =>
  html`${count(removals, 'record')} in ${foreign(cluster)}: ${WITHHELD[why]}${releaseCall(plan, admin)}`;

const renderSkip = ({ task, code, detail }: Summary['skips'][number], admin: Showing['admin']): Html => {
  return html`<strong>${code}</strong> ${foreign(task)}: ${foreign(detail)}${explainCall(task, admin)}`;
};

const list = <T>(title: string, items: readonly T[], show: (item: T) => Html): Html =>
  items.length === 0
    ? html``
    : html`<h3>${title}</h3><ul>${items.map((item) => html`<li>${show(item)}</li>`)}</ul>`;

const COLUMNS: readonly (readonly [keyof Omit<RegistrySummary, 'unknown'>, string])[] = [
  ['records', 'Records'],
  ['drift', 'Unlike ECS'],
  ['written', 'Written'],
  ['removed', 'Removed'],
  ['failed', 'Failed'],
  ['withheld', 'Withheld'],
  ['waiting', 'Waiting'],
];

const countsTable = ({ registries }: Summary): Html => html`<table role="table" class="counts">
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Registry</th>${COLUMNS.map(([, name]) => html`<th role="columnheader" scope="col">${name}</th>`)}</tr></thead>
<tbody role="rowgroup">${Object.entries(registries)
  .map(([name, counts]) => counts && countsRow(name, counts))
  .filter((row) => row !== undefined)}</tbody></table>
`;

/** A registry's errors begin with its name, which stands before them already. */
const withoutName = (name: string, text: string) =>
  text.startsWith(`${name}: `) ? text.slice(name.length + 2) : text;

const countsRow = (name: string, counts: RegistrySummary): Html =>
  html`<tr role="row"><th role="rowheader" scope="row">${name}${counts.unknown !== undefined && html` <span class="bad">could not be read: ${foreign(withoutName(name, counts.unknown))}</span>`}</th>${COLUMNS.map(
    ([key, label]) => html`<td role="cell" data-label="${label}">${counts[key]}</td>`,
  )}</tr>`;
