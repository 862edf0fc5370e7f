import { type Html, html } from './html.ts';
import type { Admin } from './page-data.ts';

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
] as const;

/** No unit below minutes: so the page stays the same for a minute, and is not sent again. */
export const toAge = (milliseconds: number): string => {
  const unit = UNITS.find(([length]) => milliseconds >= length);
  return unit ? `${Math.floor(milliseconds / unit[0])} ${unit[1]}` : 'under 1 min';
};

/** Both in milliseconds since the epoch. */
export const age = (since: number, now: number): Html => {
  const iso = new Date(since).toISOString();
  return html`<time datetime="${iso}" title="${iso}">${toAge(now - since)}</time>`;
};

export const count = (many: number, one: string): string =>
  `${many.toLocaleString('en-US')} ${one}${many === 1 ? '' : 's'}`;

/** The text comes from a registry, where others write too: only an ARN is offered for a shell. */
const TASK_ARN = /^arn:[a-z-]+:ecs:[a-z0-9-]+:\d{12}:task\/[\w/-]{1,300}$/;

/** The call that says why a task is (not) registered. Undefined where `task` is no task's ARN. */
export const explainCall = (task: string, admin: Admin | undefined): Html | undefined =>
  TASK_ARN.test(task)
    ? call('To see how this was decided', 'inspect', { command: 'explain', task }, admin)
    : undefined;

/** The call that releases a plan's removals. Undefined where `plan` is no plan's id. */
export const releaseCall = (plan: string, admin: Admin | undefined): Html | undefined =>
  /^\w+$/.test(plan)
    ? call('To let them through', 'operate', { command: 'release', plan }, admin)
    : undefined;

const call = (
  purpose: string,
  name: 'inspect' | 'operate',
  command: Readonly<Record<string, string>>,
  admin: Admin | undefined,
): Html => {
  const payload = JSON.stringify(command);
  return html`<p>${purpose}, ${admin ? 'run' : html`send the function <code>${name}</code>`}: <code class="call">${admin ? shellCall(admin, name, payload) : payload}</code></p>`;
};

/**
 * As in the stack's outputs. The longer timeout is needed: AWS's CLI would give up after a minute
 * and invoke again. Nothing here needs escaping for a shell: the parts are an ARN, a plan's id, and
 * this deployment's own settings.
 */
const shellCall = (admin: Admin, name: string, payload: string) =>
  'url' in admin
    ? `curl ${admin.url}/${name} -d '${payload}'`
    : `aws lambda invoke --region ${admin.region} --function-name ${admin.stack}-${name} --cli-read-timeout 310 --cli-binary-format raw-in-base64-out --payload '${payload}' answer.json >/dev/null && jq -r '.text // .' answer.json`;
