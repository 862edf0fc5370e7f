import type { RegistrySummary, Summary } from '../../model/summary.ts';
import { age, count, explainCall, releaseCall, toAge } from './format.ts';
import { type Html, html, untrusted } from './html.ts';
import type { RenderContext } from './instances.ts';
import type { PageData, RegistryContents } from './page-data.ts';

/** Milliseconds after which the reconciler, which runs each minute, is called overdue. */
const OVERDUE = 300_000;

/** Which registries could be read for this page, and how much each holds. */
export const renderRegistries = (registries: readonly RegistryContents[]): Html =>
  html`<ul class="registries">${registries.map(
    (one) =>
      html`<li class="${one.state === 'read' ? 'good' : 'bad'}">${one.registry} ${stateOf(one)}</li>`,
  )}</ul>
`;

const stateOf = (contents: RegistryContents): string => {
  if (contents.state === 'unreadable') return 'cannot be read; the resolver’s log says why';
  const held = contents.services.reduce((sum, { targets }) => sum + targets.length, 0);
  const instances = count(held, 'instance');
  return contents.state === 'read'
    ? `holds ${instances}`
    : `cannot be read; ${toAge(contents.age)} ago it held ${instances}`;
};

/** The last reconcile: when it was, what it did and withheld, and why tasks are not registered. */
export const renderRound = (round: PageData['round'], { now, admin }: RenderContext): Html => {
  if (round === 'none') return frame(html`none has reported yet`, html``);
  if (round === 'unreadable')
    return frame(warning('its report cannot be read; the resolver’s log says why'), html``);
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
    html`${age(began, now)} ago${faults !== '' && html`, ${warning(faults)}`}`,
    html`<p>In ${(round.milliseconds / 1000).toFixed(1)} s: ${count(round.tasks, 'running task')} in ${count(round.clusters, 'cluster')}, policy ${round.policy}.</p>
${countsTable(round)}
${list('Removals withheld', withheld, (one) => renderWithheld(one, admin))}
${list('Clusters not finished', unfinished, untrusted)}
${list('Failures', failures, untrusted)}
${list('Why tasks are not registered', skips.toReversed(), (skip) => renderSkip(skip, admin))}`,
  );
};

const warning = (text: string) => html`<strong class="bad">${text}</strong>`;

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
  admin: RenderContext['admin'],
): Html =>
  html`${count(removals, 'record')} in ${untrusted(cluster)}: ${WITHHELD[why]}${releaseCall(plan, admin)}`;

const renderSkip = (
  { task, code, detail }: Summary['skips'][number],
  admin: RenderContext['admin'],
): Html => {
  return html`<strong>${code}</strong> ${untrusted(task)}: ${untrusted(detail)}${explainCall(task, admin)}`;
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

/** Drops the registry's name from the beginning of its error: the row shows it already. */
const withoutName = (name: string, text: string) =>
  text.startsWith(`${name}: `) ? text.slice(name.length + 2) : text;

const countsRow = (name: string, counts: RegistrySummary): Html =>
  html`<tr role="row"><th role="rowheader" scope="row">${name}${counts.unknown !== undefined && html` <span class="bad">could not be read: ${untrusted(withoutName(name, counts.unknown))}</span>`}</th>${COLUMNS.map(
    ([key, label]) => html`<td role="cell" data-label="${label}">${counts[key]}</td>`,
  )}</tr>`;
