import type { ResolverRequest, ResolverResponse } from '../http/message.ts';
import { negotiate } from '../http/negotiate.ts';
import { Problem } from '../http/problem.ts';
import type { Call, Route } from '../pipeline/router.ts';
import { NO_STORE, UNCHANGED } from '../protocols/shared.ts';
import { PAGE_PARAMETERS, toAsked } from './select.ts';
import { closeSession, sessionsOf } from './session.ts';

/** The page for people. What renders it is loaded when somebody first looks: clients never pay for it. */

const show = async ({ request, access, page, now }: Call): Promise<ResolverResponse> => {
  const [{ renderPage }, reading] = await Promise.all([import('./render.ts'), page.read()]);
  const { owner, admin } = page.sources;
  return renderPage({
    reading,
    asked: toAsked(request.query),
    owner,
    admin,
    now: now(),
    signedIn: access.signIn !== undefined && sessionsOf(request, now()).length > 0,
  });
};

const login = async (request: ResolverRequest, refused: boolean) =>
  (await import('./login.ts')).renderLogin(request.rawQuery, refused);

/** Programs get the 401 that they know. */
const askForToken = async ({ request }: Call): Promise<ResolverResponse | undefined> => {
  const type = negotiate(request.headers['accept'], ['application/problem+json', 'text/html']);
  return type === 'text/html' ? login(request, false) : undefined;
};

const signIn = async ({ request, access }: Call): Promise<ResolverResponse> => {
  refuseOtherSites(request);
  if (!access.signIn) return toPage(request);
  const given = new URLSearchParams(request.body ?? '').get('token') ?? '';
  const cookie = await access.signIn(request, given.trim());
  return cookie === undefined ? login(request, true) : { ...toPage(request), cookies: [cookie] };
};

const signOut = async ({ request }: Call): Promise<ResolverResponse> => {
  refuseOtherSites(request);
  const { headers, ...answer } = toPage(request);
  // What the browser keeps of the page would show it again at "back".
  return {
    ...answer,
    headers: { ...headers, 'clear-site-data': '"cache"' },
    cookies: [closeSession(request)],
  };
};

/** Of another site's making: it could sign people out, or fill in a token. */
const refuseOtherSites = ({ headers }: ResolverRequest) => {
  const site = headers['sec-fetch-site'] ?? 'none';
  if (site !== 'same-origin' && site !== 'none') throw new Problem(403, 'Another site sent this form.');
};

/** Relative, and only a query, so that it leads nowhere else; behind a stage's name it stays there. */
const toPage = ({ query }: ResolverRequest): ResolverResponse => ({
  status: 303,
  headers: { ...NO_STORE, location: query.size > 0 ? `./?${query}` : './' },
  body: '',
});

const PAGE = { 'text/html': { type: 'string' } } as const;
const FORM = { type: 'object', required: ['token'], properties: { token: { type: 'string' } } } as const;
const OTHER_SITE = { 403: { description: 'Another site sent the form.' } };
const BACK = { 303: { description: 'To the page.' } };

export const pageRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/',
    summary: 'The catalogue as a page: every configured registry, what differs, and the last reconcile.',
    parameters: PAGE_PARAMETERS,
    responses: {
      200: { description: 'The page.', content: PAGE },
      ...UNCHANGED,
      400: { description: 'A parameter is not valid; the detail names it.' },
      401: { description: 'For a browser, the form for the token.', content: PAGE },
    },
    signIn: askForToken,
    handle: show,
  },
  {
    method: 'POST',
    path: '/login',
    summary: 'Takes the token from the form; the cookie that it sets opens the page and nothing else.',
    body: {
      description: 'The form.',
      required: true,
      content: { 'application/x-www-form-urlencoded': FORM },
    },
    responses: {
      ...BACK,
      401: { description: 'This is not the token.', content: PAGE },
      ...OTHER_SITE,
    },
    free: true,
    handle: signIn,
  },
  {
    method: 'GET',
    path: '/login',
    summary: 'Leads to the page, which shows the form.',
    responses: BACK,
    free: true,
    handle: ({ request }) => toPage(request),
  },
  {
    method: 'POST',
    path: '/logout',
    summary: 'Ends the session in this browser.',
    responses: { ...BACK, ...OTHER_SITE },
    free: true,
    handle: signOut,
  },
];
