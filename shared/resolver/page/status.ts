import { idOf } from '../../model/arn.ts';
import type { RegistrySummary, SkippedTasks, Summary } from '../../model/summary.ts';
import type { Admin } from '../../platform/admin.ts';
import { rollcall } from './commands.ts';
import { age, count, letterOf, listed, number, titleOf, toAge } from './format.ts';
import { type Html, html, untrusted } from './html.ts';
import type { RegistryContents } from './page-data.ts';
import { EVERYTHING, linkTo } from './query.ts';
import type { View } from './view.ts';

/** Milliseconds after which the reconciler, which runs each minute, is called overdue. */
const OVERDUE = 300_000;

/** One line for each registry and one for the last round; each opens. */
export const renderStatus = (view: View): Html => {
  const { registries, round } = view.data;
  return html`<div class="lines">
${registries.map((one) => registryLine(one, view))}${roundLine(round, view)}</div>
`;
};

interface Headline {
  /** What stands for it in the table's narrow column. */
  readonly letter?: string;
  readonly name: string;
  /** The style adds a sign and a colour to what the words say. */
  readonly kind: 'good' | 'bad' | 'warn';
  readonly says: Html;
}

const line = (
  id: string,
  { letter, name, kind, says }: Headline,
  content: Html,
) => html`<details id="${id}"><summary id="s-${id}">${letter !== undefined && html`<i aria-hidden="true">${letter}</i> `}<b>${name}</b> <span class="${kind}">${says}</span></summary>
<div>${content}</div></details>
`;

const registryLine = (contents: RegistryContents, { all, data: { round } }: View): Html => {
  const { registry, state } = contents;
  const name = titleOf(registry);
  const counts = typeof round === 'object' ? round.registries[registry] : undefined;
  const facts = all.flatMap(({ registries }) =>
    registries.filter((one) => one.registry === registry),
  );
  const sum = (of: (one: (typeof facts)[number]) => number) =>
    facts.reduce((total, one) => total + of(one), 0);
  const lacks = sum(({ missing, elsewhere }) => missing + elsewhere);
  const content = html`${contents.fault ? html`<p>Reading it failed: ${untrusted(contents.fault)}</p>` : ''}
${lacks > 0 && html`<p><a href="${linkTo(EVERYTHING, { drift: true })}">Show what registries differ on</a></p>`}
${counts ? roundCounts(counts) : html`<p>The last round told nothing of it.</p>`}`;
  const kind = state !== 'read' ? 'bad' : lacks > 0 ? 'warn' : 'good';
  const headline = {
    letter: letterOf(registry),
    name,
    kind,
    says: registrySays(contents, lacks),
  } as const;
  return line(`r-${registry}`, headline, content);
};

const registrySays = (contents: RegistryContents, lacks: number): Html => {
  if (contents.state === 'unreadable') return html`unknown: cannot be read`;
  const held = contents.services.reduce((sum, { targets }) => sum + targets.length, 0);
  return contents.state === 'old'
    ? html`cannot be read; held ${number(held)} ${toAge(contents.age)} ago`
    : html`holds ${number(held)}${lacks > 0 && `, lacks ${number(lacks)}`}`;
};

const COUNTS: readonly (readonly [keyof Omit<RegistrySummary, 'unknown'>, string])[] = [
  ['records', 'records'],
  ['drift', 'unlike ECS'],
  ['written', 'written'],
  ['removed', 'removed'],
  ['failed', 'failed'],
  ['withheld', 'withheld'],
  ['waiting', 'waiting'],
];

const roundCounts = ({ unknown, ...counts }: RegistrySummary): Html =>
  html`<p>In the last round:${unknown !== undefined && html` <strong class="bad">could not be read: ${untrusted(withoutName(unknown))}</strong>`}</p>
<dl class="counts">${COUNTS.map(([key, label]) => html`<div><dt>${label}</dt><dd>${unknown !== undefined && key === 'records' && counts[key] === 0 ? 'unknown' : number(counts[key])}</dd></div>`)}</dl>`;

/** Drops the registry's name from the beginning of its error: the line shows it already. */
const withoutName = (text: string) => text.replace(/^[a-z]{1,20}: /, '');

/** The last reconcile: when it was, what it did and withheld, and why tasks are not registered. */
const roundLine = (round: View['data']['round'], view: View): Html => {
  const name = 'Last round';
  if (round === 'none')
    return line(
      'round',
      { name, kind: 'warn', says: html`none has reported yet` },
      html`<p>It reports within a minute of a deployment.</p>`,
    );
  if (round === 'unreadable')
    return line(
      'round',
      { name, kind: 'bad', says: html`unknown: its report cannot be read` },
      html`<p>The resolver’s log says why.</p>`,
    );
  const { faults, changes } = newsOf(round, view.now);
  const says = html`${age(Date.parse(round.at), view.now)} ago, ${faults.length > 0 ? faults.join(', ') : changes}`;
  return line(
    'round',
    { name, kind: faults.length > 0 ? 'bad' : 'good', says },
    roundContent(round, view.data.deployment.admin),
  );
};

const newsOf = ({ at, withheld, unfinished, failures, registries }: Summary, now: number) => {
  const all = Object.values(registries);
  const changed = all.reduce((sum, { written, removed }) => sum + written + removed, 0);
  return {
    changes: count(changed, 'change'),
    faults: [
      ...(now - Date.parse(at) > OVERDUE ? ['it should come each minute'] : []),
      ...(withheld.length > 0 ? ['removals withheld'] : []),
      ...(unfinished.length > 0 ? ['not finished'] : []),
      ...(failures.length > 0 ? [count(failures.length, 'failure')] : []),
    ],
  };
};

const roundContent = (round: Summary, admin: Admin | undefined): Html => {
  const { milliseconds, tasks, clusters, policy, withheld, unfinished, failures, skips } = round;
  const { shared = [] } = round;
  return html`<p>In ${(milliseconds / 1000).toFixed(1)} s: ${count(tasks, 'running task')} in ${count(clusters, 'cluster')}, policy ${policy}.</p>
${list('Removals withheld', withheld, (one) => renderWithheld(one, admin))}
${list('Clusters not finished', unfinished, untrusted)}
${list('Failures', failures, untrusted)}
${list('Names that several have', shared, ({ name, owners }) => html`<strong>${untrusted(name)}</strong> ${untrusted(listed(owners))}`)}
${list('Why tasks are not registered', skips.toReversed(), (skip) => renderSkip(skip, admin))}`;
};

const WITHHELD = {
  missing:
    'ECS no longer knows their tasks, but they are too many at once. They stay, so registries do not differ on them.',
  renamed:
    'their tasks run, but under other names now, or none, and they are too many at once. The old names stay.',
} as const;

export const renderWithheld = (
  { cluster, plan, removals, why }: Summary['withheld'][number],
  admin: Admin | undefined,
): Html => {
  const command = rollcall('release', plan, { admin });
  return html`${count(removals, 'record')} in ${untrusted(cluster)}: ${WITHHELD[why]}${command && html` To let them through, run: ${command}`}`;
};

export const renderSkip = (
  { task, code, detail, service, tasks = 1 }: SkippedTasks,
  admin: Admin | undefined,
): Html => {
  const command = rollcall('explain', task, { admin });
  return html`<strong>${code}</strong> ${untrusted(detail)} <small>${service !== undefined && html`${untrusted(service)}, `}${count(tasks, 'task')}${tasks > 1 ? ', such as' : ''} ${untrusted(idOf(task))}</small>${command}`;
};

const list = <T>(title: string, items: readonly T[], show: (item: T) => Html): Html =>
  items.length === 0
    ? html``
    : html`<h2>${title}</h2><ul>${items.map((item) => html`<li>${show(item)}</li>`)}</ul>`;
