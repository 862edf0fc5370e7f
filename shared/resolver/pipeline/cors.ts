import type { ResolverRequest, ResolverResponse } from '../http/message.ts';

/** Seconds that a browser may remember a preflight's answer. */
const PREFLIGHT_AGE = '600';

/** All that answers carry which a browser does not show to scripts of itself. */
const EXPOSED = [
  'age, etag, location, retry-after, warning, x-rollcall-stale',
  'x-consul-index, x-consul-knownleader, x-consul-lastcontact',
].join(', ');

/** What a page of another origin may read of an answer; empty where the origin is not configured. `*` allows every one. */
export const corsHeaders = (
  { headers }: ResolverRequest,
  origins: readonly string[],
): Readonly<Record<string, string>> => {
  const origin = headers['origin'];
  if (origin === undefined || !(origins.includes(origin) || origins.includes('*'))) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': EXPOSED,
  };
};

/** The answer to a preflight from a configured origin, undefined to everything else. Browsers send no token with it. */
export const preflight = (
  request: ResolverRequest,
  origins: readonly string[],
): ResolverResponse | undefined => {
  const wanted = request.headers['access-control-request-method'];
  if (request.method !== 'OPTIONS' || wanted === undefined) return undefined;
  const allowed = corsHeaders(request, origins);
  if (!('access-control-allow-origin' in allowed)) return undefined;
  return {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'accept, authorization, content-type, if-none-match, x-consul-token',
      'access-control-max-age': PREFLIGHT_AGE,
      'cache-control': 'no-store',
    },
    body: '',
  };
};
