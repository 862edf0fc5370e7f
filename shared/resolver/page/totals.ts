import type { ServiceFacts } from './facts.ts';
import { count, listed, titleOf, toAge } from './format.ts';
import { countOf } from './groups.ts';
import { type Html, html } from './html.ts';
import type { RegistryContents } from './page-data.ts';
import { EVERYTHING, linkTo } from './query.ts';
import type { View } from './view.ts';

/** Of everything that could be read, whatever is filtered. */
export interface Totals {
  readonly services: number;
  readonly instances: number;
  readonly needYou: number;
  readonly unhealthy: number;
  readonly drifting: number;
  /** Registries that cannot be read now, and of which there is no old answer either. */
  readonly unknown: readonly RegistryContents[];
  /** None can be read: nothing at all is known. */
  readonly nothing: boolean;
}

export const totalsOf = ({ all, data: { registries } }: Pick<View, 'all' | 'data'>): Totals => {
  const sum = (of: (service: ServiceFacts) => number) =>
    all.reduce((total, one) => total + of(one), 0);
  const unknown = registries.filter(({ state }) => state === 'unreadable');
  return {
    services: all.length,
    instances: sum(({ rows }) => rows.length),
    needYou: all.filter(({ needsYou }) => needsYou).length,
    unhealthy: sum(({ rows, healthy }) => rows.length - healthy),
    drifting: sum(({ rows }) => rows.filter(({ drifts }) => drifts).length),
    unknown,
    nothing: unknown.length === registries.length,
  };
};

/** `1 service needs you`. */
export const needsText = (who: string, many: number): string =>
  `${who} need${many === 1 ? 's' : ''} you`;

/** What a reader that renews itself tells of them, in one line. */
export const totalsText = (totals: Totals): string => {
  const { services, instances, needYou, unhealthy, drifting, unknown, nothing } = totals;
  if (nothing) return 'Unknown: no registry can be read.';
  return [
    count(services, 'service'),
    count(instances, 'instance'),
    needsText(`${needYou}`, needYou),
    `${unhealthy} unhealthy`,
    `registries differ on ${drifting}`,
    ...unknown.map(({ registry }) => `${titleOf(registry)} is unknown`),
  ].join(', ');
};

/** The numbers, each a link to what it counts. */
export const renderTotals = (totals: Totals, view: View): Html =>
  html`<nav class="tiles" aria-label="Totals">
${totals.nothing ? tile(html`<b class="bad">Services unknown</b>`, html`no registry can be read`) : knownTiles(totals, view)}
</nav>
`;

const tile = (head: Html, rest: Html) => html`<div>${head}<span>${rest}</span></div>`;

const link = (changes: Parameters<typeof linkTo>[1], content: Html | string) =>
  html`<a href="${linkTo(EVERYTHING, changes)}">${content}</a>`;

const knownTiles = (totals: Totals, view: View) => {
  const { all } = view;
  const { services, instances, needYou, unhealthy } = totals;
  const groups = (by: 'cluster' | 'zone' | 'host') =>
    link({ group: by }, count(countOf(all, by), by));
  const isSure = view.unread.length === 0;
  const onHosts = countOf(all, 'host') > 0;
  return html`${tile(html`<a href="?"><b>${count(services, 'service')}</b></a>`, html`${count(instances, 'instance')}${unknownText(totals)}`)}
${tile(
  needYou > 0
    ? link(
        { problems: true },
        html`<b class="bad">${needsText(count(needYou, 'service'), needYou)}</b>`,
      )
    : html`<b>${isSure ? 'No service needs you' : 'None known to need you'}</b>`,
  unhealthy > 0
    ? link({ health: 'unhealthy' }, `${count(unhealthy, 'instance')} unhealthy`)
    : html`none known unhealthy`,
)}
${differenceTile(totals, view)}
${tile(html`<b>${groups('zone')}</b>`, html`${groups('cluster')}${onHosts && html`, ${groups('host')}`}`)}`;
};

const unknownText = ({ unknown }: Totals) =>
  unknown.length > 0 &&
  `, without what only ${listed(unknown.map(({ registry }) => titleOf(registry)))} may hold`;

const differenceTile = ({ drifting }: Totals, { data: { registries }, unread }: View) => {
  const differ = link({ drift: true }, `registries differ on ${drifting}`);
  if (unread.length > 0)
    return tile(
      html`<b class="bad">${listed(unread.map(({ registry }) => titleOf(registry)))} cannot be read</b>`,
      drifting > 0 ? differ : html`${unread.map(knownOf).join(', ')}`,
    );
  const [only] = registries;
  if (only && registries.length === 1)
    return tile(html`<b>One registry</b>`, html`${titleOf(only.registry)}`);
  return drifting > 0
    ? tile(
        link({ drift: true }, html`<b class="warn">Registries differ on ${drifting}</b>`),
        html`${count(drifting, 'instance')} missing or elsewhere`,
      )
    : tile(html`<b>Registries agree</b>`, html`nothing missing or elsewhere`);
};

const knownOf = (contents: RegistryContents) =>
  contents.state === 'unreadable'
    ? 'what it holds is unknown'
    : `shown as ${toAge(contents.age)} ago`;
