import crypto from 'node:crypto';
import { inUrl } from '../../model/address.ts';
import { KEY } from '../../model/registration.ts';
import type { Admin } from '../../platform/admin.ts';
import { rollcall } from './commands.ts';
import { age } from './format.ts';
import { type Html, html, untrusted } from './html.ts';
import type { InstanceRow } from './join.ts';
import { linkTo } from './query.ts';
import { instanceLetters } from './registries.ts';
import type { View } from './view.ts';

/** Tags, and pairs of metadata, that are shown of one instance. */
const MAX_PAIRS = 64;

const COLUMNS = [
  'Health',
  'Address',
  'Registries',
  'Zone',
  'Deployment',
  'Age',
  'Tags',
  'More',
] as const;

/** With roles: the rows are laid out as grids, and browsers then no longer treat it as a table. */
export const instanceTable = (
  rows: readonly Html[],
): Html => html`<table role="table" class="instances">
<thead role="rowgroup"><tr role="row">${COLUMNS.map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}</tr></thead>
<tbody role="rowgroup">
${rows}</tbody></table>
`;

const cell = (content: Html | string | false) => html`<td role="cell">${content}</td>`;

export const instanceRow = (row: InstanceRow, view: View): Html => {
  const { target, presences, started, ours, isOld, withheld } = row;
  return html`<tr role="row">${[
    cell(
      target.healthy
        ? html`<span class="good">healthy</span>`
        : html`<span class="bad">unhealthy</span>`,
    ),
    cell(
      html`${untrusted(addressOf(target))}${target.protocol === 'udp' && ' udp'}${isOld && html` <small>from an old answer</small>`}${withheld !== undefined && html`<small class="warn">not given to clients: ${untrusted(withheld)}</small>`}`,
    ),
    cell(html`${instanceLetters(presences)}${!ours && html`<small>written by others</small>`}`),
    cell(target.zone !== null && untrusted(target.zone)),
    cell(deployment(row, view)),
    cell(started !== undefined && age(started, view.now)),
    cell(
      target.tags.length > 0 &&
        html`${target.tags.slice(0, MAX_PAIRS).map((tag) => html`<span class="tag">${untrusted(tag)}</span> `)}`,
    ),
    cell(details(row, view.data.deployment.admin)),
  ]}</tr>
`;
};

/** The task definition's revision, as a way to all of the service that run it. */
const deployment = ({ revision, target: { metadata } }: InstanceRow, { query }: View) => {
  if (revision === undefined) return false;
  const link = linkTo(query, { q: `${KEY.revision}=${revision}` });
  const id = metadata[KEY.deployment];
  return html`<a href="${link}"${id !== undefined && html` title="${id.slice(0, 100)}"`}>revision ${revision}</a>`;
};

const addressOf = ({ address, port }: InstanceRow['target']) => `${inUrl(address)}:${port}`;

const details = (row: InstanceRow, admin: Admin | undefined): Html => {
  const { key, target, task, cluster, host } = row;
  const pairs = Object.entries(target.metadata).filter(([name]) => name !== KEY.started);
  const facts: readonly (readonly [string, Html])[] = [
    ['id', untrusted(target.id)],
    ...(cluster === undefined ? [] : [['cluster', untrusted(cluster)] as const]),
    ...(host === undefined ? [] : [['host', untrusted(host)] as const]),
    ...(target.weight === 1 ? [] : [['weight', html`${target.weight}`] as const]),
    ...pairs.slice(0, MAX_PAIRS).map(([name, value]) => [name, untrusted(value)] as const),
    ...(pairs.length > MAX_PAIRS ? [['and more', html`${pairs.length - MAX_PAIRS}`] as const] : []),
  ];
  const command = task === undefined ? undefined : rollcall('explain', task, { admin });
  return html`<details id="d-${domId(key)}"><summary id="s-${domId(key)}">Details<u> of ${addressOf(target).slice(0, 80)}</u></summary>
<dl>${facts.map(([name, value]) => html`<div><dt>${untrusted(name)}</dt><dd>${value}</dd></div>`)}</dl>
${command && html`<p>How this was decided: ${command}</p>`}</details>`;
};

/** Short, without spaces, and different for different keys. */
const domId = (key: string) =>
  crypto.createHash('sha256').update(key).digest('base64url').slice(0, 16);
