import { type Html, html } from './html.ts';
import type { Admin } from './page-data.ts';

const STEPS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
] as const;

/** Whole minutes at the least: the page stays the same between two of them, and is not sent again. */
export const toAge = (milliseconds: number): string => {
  const step = STEPS.find(([length]) => milliseconds >= length);
  return step ? `${Math.floor(milliseconds / step[0])} ${step[1]}` : 'under 1 min';
};

/** `since` in milliseconds since the epoch. */
export const age = (since: number, now: number): Html => {
  const iso = new Date(since).toISOString();
  return html`<time datetime="${iso}" title="${iso}">${toAge(now - since)}</time>`;
};

export const count = (many: number, one: string): string =>
  `${many.toLocaleString('en-US')} ${one}${many === 1 ? '' : 's'}`;

/** Whatever writes to a registry may have written this: only what is an ARN is offered for a shell. */
const TASK_ARN = /^arn:[a-z-]+:ecs:[a-z0-9-]+:\d{12}:task\/[\w/-]{1,300}$/;

/** The call that tells why this task is, or is not, registered. Nothing where the text names no task. */
export const explainCall = (task: string, admin: Admin | undefined): Html | undefined =>
  TASK_ARN.test(task) ? call('To see how this was decided', { command: 'explain', task }, admin) : undefined;

/** The call that lets a plan's removals through. Nothing where the text is no plan's id. */
export const releaseCall = (plan: string, admin: Admin | undefined): Html | undefined =>
  /^\w+$/.test(plan) ? call('To let them through', { command: 'release', plan }, admin) : undefined;

const call = (aim: string, command: Readonly<Record<string, string>>, admin: Admin | undefined): Html => {
  const payload = JSON.stringify(command);
  return html`<p>${aim}, ${admin ? 'run' : html`send the function <code>admin</code>`}: <code class="call">${admin ? shellCall(admin, payload) : payload}</code></p>`;
};

/** As in the stack's outputs: by itself AWS's CLI gives up after a minute, and invokes anew. Of an ARN, a plan's id, and what this deployment says of itself: nothing of it means anything to a shell. */
const shellCall = (admin: Admin, payload: string) =>
  'url' in admin
    ? `curl ${admin.url} -d '${payload}'`
    : `aws lambda invoke --region ${admin.region} --function-name ${admin.name} --cli-read-timeout 310 --cli-binary-format raw-in-base64-out --payload '${payload}' answer.json >/dev/null && jq -r '.text // .' answer.json`;
