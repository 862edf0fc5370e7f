import { type Html, html } from './html.ts';

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
export const explainCall = (task: string, admin: string | undefined): Html | undefined => {
  if (!TASK_ARN.test(task)) return undefined;
  const command = JSON.stringify({ command: 'explain', task });
  return html`<code>${admin ? invocation(admin, command) : command}</code>`;
};

export const releaseCall = (plan: string, admin: string | undefined): Html => {
  const command = JSON.stringify({ command: 'release', plan });
  return html`<code>${admin && /^\w+$/.test(plan) ? invocation(admin, command) : command}</code>`;
};

const invocation = (admin: string, command: string) =>
  `aws lambda invoke --function-name ${admin} --cli-binary-format raw-in-base64-out --payload '${command}' answer.json >/dev/null && jq -r '.text // .' answer.json`;
