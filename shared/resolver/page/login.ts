import type { ResolverResponse } from '../http/message.ts';
import { toResponse } from './document.ts';
import { html } from './html.ts';

/** The form for the token. `rawQuery`: what was asked for, and is shown after it. */
export const renderLogin = (rawQuery: string, refused: boolean): ResolverResponse =>
  toResponse({
    title: 'Rollcall: sign in',
    status: 401,
    headers: { 'www-authenticate': 'Bearer realm="rollcall"' },
    body: html`<main class="login"><h1>Rollcall</h1>
<form method="post" action="login${rawQuery !== '' && `?${rawQuery}`}">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus${refused && html` aria-invalid="true" aria-describedby="why"`}>
${refused && html`<p id="why" role="alert" class="bad">This token is not valid.</p>`}
<button>Sign in</button>
</form>
<p>The stack’s output <code>ResolverToken</code> is a command: run it, and it prints the token.</p>
</main>`,
  });
