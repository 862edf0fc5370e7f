import {
  addVary,
  type Draft,
  type ResolverRequest,
  type ResolverResponse,
} from '../http/message.ts';

/** The other origins whose pages may read answers; `*` is every origin. */
type Origins = readonly string[];

/** Seconds that a browser may remember the answer to a preflight. */
const PREFLIGHT_MAX_AGE = '600';

/** The headers that a browser would otherwise hide from scripts of another origin. */
const EXPOSED = [
  'age, etag, location, retry-after, warning, x-rollcall-stale',
  'x-consul-index, x-consul-knownleader, x-consul-lastcontact',
].join(', ');

const PREFLIGHT: ResolverResponse = {
  status: 204,
  headers: {
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
    'access-control-allow-headers':
      'accept, authorization, content-type, if-none-match, x-consul-token',
    'access-control-max-age': PREFLIGHT_MAX_AGE,
    'cache-control': 'no-store',
  },
  body: '',
};

const isAllowed = (origin: string | undefined, origins: Origins): origin is string =>
  origin !== undefined && (origins.includes(origin) || origins.includes('*'));

/**
 * Answers a preflight from an allowed origin. It needs no token, since browsers send none with it.
 * Everything else goes on.
 */
export const answerPreflight =
  (origins: Origins) =>
  ({
    request: { method, headers },
  }: {
    readonly request: ResolverRequest;
  }): ResolverResponse | undefined => {
    const isPreflight =
      method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
    return isPreflight && isAllowed(headers['origin'], origins) ? PREFLIGHT : undefined;
  };

/** Lets a page of an allowed origin read the answer. */
export const addCorsHeaders =
  (origins: Origins) =>
  ({ headers }: Draft, { request }: { readonly request: ResolverRequest }): void => {
    if (origins.length === 0) return;
    addVary(headers, 'origin');
    const origin = request.headers['origin'];
    if (!isAllowed(origin, origins)) return;
    headers['access-control-allow-origin'] = origin;
    headers['access-control-expose-headers'] = EXPOSED;
  };
