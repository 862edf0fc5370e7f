import { NO_STORE, type ResolverRequest, type ResolverResponse } from '../http/message.ts';
import { negotiate } from '../http/negotiate.ts';
import { Problem } from '../http/problem.ts';
import { isSameToken } from '../pipeline/tokens.ts';
import { NOT_MODIFIED } from '../protocols/descriptions.ts';
import type { RequestContext, Route } from '../route.ts';
import { PAGE_PARAMETERS, parsePageQuery } from './query.ts';
import { closeSession, openSession, sessionsIn } from './session.ts';

/**
 * The page for people. What renders it is loaded when somebody first opens it, so that the starts
 * of functions for other clients do not pay for it.
 */
const loadRenderer = () => import('./render.ts');
const loadTickets = () => import('./ticket.ts');

const showPage = async ({
  request,
  access,
  readPageData,
  withhold,
  now,
}: RequestContext): Promise<ResolverResponse> => {
  const query = parsePageQuery(request.target.query);
  const [{ renderPage }, data] = await Promise.all([loadRenderer(), readPageData(query.service)]);
  return renderPage({
    data,
    query,
    now: now(),
    withhold,
    signedIn: access.kind === 'token' && sessionsIn(request, now()).length > 0,
  });
};

const showLogin = async (
  request: ResolverRequest,
  refused?: 'token' | 'ticket',
): Promise<ResolverResponse> => (await loadRenderer()).renderLogin(pageQueryOf(request), refused);

/** Only for browsers: programs get the 401 that they know. */
const signInForm = async ({ request }: RequestContext): Promise<ResolverResponse | undefined> => {
  const type = negotiate(request.headers['accept'], ['application/problem+json', 'text/html']);
  return type === 'text/html' ? showLogin(request) : undefined;
};

const signIn = async ({
  request,
  access,
  body,
  caller,
  now,
}: RequestContext): Promise<ResolverResponse> => {
  refuseOtherSites(request);
  if (access.kind === 'open') return redirectToPage(request);
  const form = new URLSearchParams(body);
  const ticket = form.get('ticket') ?? '';
  const given = (form.get('token') ?? '').trim();
  const matched = async () => {
    if (ticket === '') return access.match(isSameToken(given));
    const { redeemTicket } = await loadTickets();
    return redeemTicket(ticket, access.match, now());
  };
  const token = given === '' && ticket === '' ? undefined : await matched();
  if (token === undefined) return showLogin(request, ticket === '' ? 'token' : 'ticket');
  caller.name = token.client;
  return { ...redirectToPage(request), cookies: [openSession(request, token.text, now())] };
};

const signOut = async ({ request }: RequestContext): Promise<ResolverResponse> => {
  refuseOtherSites(request);
  const { headers, ...response } = redirectToPage(request);
  return {
    ...response,
    // Else the browser's "back" would show the page again from its cache.
    headers: { ...headers, 'clear-site-data': '"cache"' },
    cookies: [closeSession(request)],
  };
};

/** A form on another site could sign people out, or try tokens. */
const refuseOtherSites = ({ headers }: ResolverRequest) => {
  const site = headers['sec-fetch-site'] ?? 'none';
  if (site !== 'same-origin' && site !== 'none')
    throw new Problem(403, 'Another site sent this form.');
};

/** What of a query belongs to the page: who puts a token there is not helped to spread it. */
const pageQueryOf = ({ target: { query } }: ResolverRequest): string => {
  const known = PAGE_PARAMETERS.map(({ name }) => name);
  return new URLSearchParams([...query].filter(([key]) => known.includes(key))).toString();
};

/** Relative, so that it stays on this host and behind a stage's name. */
const redirectToPage = (request: ResolverRequest): ResolverResponse => {
  const query = pageQueryOf(request);
  return {
    status: 303,
    headers: { ...NO_STORE, location: query === '' ? './' : `./?${query}` },
    body: '',
  };
};

const PAGE = { 'text/html': { type: 'string' } } as const;
const FORM = {
  type: 'object',
  properties: {
    token: { type: 'string' },
    ticket: { type: 'string' },
  },
} as const;
const OTHER_SITE = { 403: { description: 'Another site sent the form.' } };
const TO_PAGE = { 303: { description: 'To the page.' } };

export const pageRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/',
    summary:
      'The catalogue as a page: every configured registry, what differs, and the last reconcile.',
    parameters: PAGE_PARAMETERS,
    responses: {
      200: { description: 'The page.', content: PAGE },
      ...NOT_MODIFIED,
      400: { description: 'A parameter is not valid; the detail names it.' },
      401: { description: 'For a browser, the form for the token.', content: PAGE },
    },
    access: { sessions: sessionsIn, signInForm },
    handle: showPage,
  },
  {
    method: 'POST',
    path: '/login',
    summary:
      'Takes the token, or a ticket, from the form; the cookie that it sets opens the page and nothing else.',
    body: {
      // A token in a form.
      most: 4_096,
      description: 'The form.',
      required: true,
      content: { 'application/x-www-form-urlencoded': FORM },
    },
    responses: {
      ...TO_PAGE,
      401: { description: 'This is not the token, or the ticket is over.', content: PAGE },
      ...OTHER_SITE,
    },
    access: 'public',
    handle: signIn,
  },
  {
    method: 'GET',
    path: '/login',
    summary: 'Leads to the page, which shows the form.',
    responses: TO_PAGE,
    access: 'public',
    handle: ({ request }) => redirectToPage(request),
  },
  {
    method: 'POST',
    path: '/logout',
    summary: 'Ends the session in this browser.',
    responses: { ...TO_PAGE, ...OTHER_SITE },
    access: 'public',
    handle: signOut,
  },
];
