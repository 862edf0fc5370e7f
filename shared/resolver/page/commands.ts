import { type Admin, optionsFor } from '../../platform/admin.ts';
import { type Html, html } from './html.ts';

/**
 * Commands to copy into a shell. Their words come from registries, where others write too: none
 * needs escaping, or there is no command.
 */

const TASK_ARN = /^arn:[a-z-]+:ecs:[a-z0-9-]+:\d{12}:task\/[\w/-]{1,300}$/;
const SERVICE = /^\w[\w.-]{0,126}$/;
const PLAN = /^\w{1,64}$/;

type Command = 'explain' | 'history' | 'release';

const WORDS: Readonly<Record<Command, readonly RegExp[]>> = {
  explain: [TASK_ARN, SERVICE],
  history: [TASK_ARN, SERVICE],
  release: [PLAN],
};

/**
 * The command about a task, a service or a plan. Undefined where `word` could be anything else to a
 * shell.
 */
export const rollcall = (
  command: Command,
  word: string,
  { admin, options = '' }: { readonly admin?: Admin | undefined; readonly options?: string },
): Html | undefined =>
  WORDS[command].some((form) => form.test(word))
    ? html`<code class="call">${['rollcall', command, word, options, ...optionsFor(admin)].filter(Boolean).map((part) => html`<span>${part}</span> `)}</code>`
    : undefined;
