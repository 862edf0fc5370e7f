import crypto from 'node:crypto';
import { REVALIDATE, type ResolverResponse } from '../http/message.ts';
import { type Html, html } from './html.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';
import { TICKET_SCRIPT } from './ticket-script.ts';

const hashOf = (text: string) =>
  `'sha256-${crypto.createHash('sha256').update(text).digest('base64')}'`;

/**
 * Only the document's own script and style run, told by their hashes. No other page may frame it,
 * and its forms go nowhere else.
 */
const policyWith = (script: string) =>
  [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(STYLE)}`,
    'img-src data:',
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
const POLICIES = { page: policyWith(SCRIPT), ticket: policyWith(TICKET_SCRIPT) } as const;

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  vary: 'accept, cookie',
};

/** Without it browsers ask for /favicon.ico, without a token. Tabs of production look different. */
const iconOf = (production: boolean) =>
  `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3C${
    production
      ? "circle cx='8' cy='8' r='7' fill='%237a1f5c'"
      : "rect x='1' y='1' width='14' height='14' rx='3' fill='%23235f73'"
  }/%3E%3Cpath d='M4 8l3 3 5-6' fill='none' stroke='%23fff' stroke-width='2'/%3E%3C/svg%3E`;

export interface PageDocument {
  readonly title: string;
  readonly body: Html;
  /** It is of production: told by a word and a shape, and by a colour. */
  readonly production?: boolean;
  /** With it the page updates itself. */
  readonly script?: true;
  /** With it the page signs in by a ticket in its address. */
  readonly takesTicket?: true;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A whole page with the headers that protect it. The browser may keep a 200 only. */
export const toPageResponse = ({
  title,
  body,
  production = false,
  script,
  takesTicket,
  status = 200,
  headers,
}: PageDocument): ResolverResponse => ({
  status,
  headers: {
    ...HEADERS,
    'content-security-policy': POLICIES[takesTicket ? 'ticket' : 'page'],
    'cache-control': status === 200 ? REVALIDATE : 'no-store',
    ...headers,
  },
  body: html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="${{ html: iconOf(production) }}">
<style>${{ html: STYLE }}</style>
</head>
<body${production && html` class="production"`}>
${body}
${script && html`<script>${{ html: SCRIPT }}</script>`}
${takesTicket && html`<script>${{ html: TICKET_SCRIPT }}</script>`}
</body>
</html>
`.html,
});
