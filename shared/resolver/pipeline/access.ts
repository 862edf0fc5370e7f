import type { ResolveConfig } from '../../config/config.ts';
import { type Awaitable, andThen } from '../../platform/awaitable.ts';
import { memoize } from '../../platform/memoize.ts';
import type { RequestTarget, ResolverRequest, ResolverResponse } from '../http/message.ts';
import { Problem } from '../http/problem.ts';
import type { Access, BrowserAccess, FindToken, RequestContext } from '../route.ts';
import { createTokens, isSameToken } from './tokens.ts';

export interface AccessSettings {
  readonly config: Pick<ResolveConfig, 'access' | 'token' | 'originSecret'>;
  readonly now: () => number;
  readonly onFailure: (error: unknown) => void;
  /** Called once, for the first token that came in a query. */
  readonly onTokenInQuery: (client: string) => void;
}

/**
 * The check of the token; with access by token it is the only check there is. Throws at once where
 * access is by token and none is configured.
 */
export const createAccess = ({
  config: { access, token, originSecret },
  onTokenInQuery,
  ...rest
}: AccessSettings): Access => {
  const origin = originSecret && {
    isOrigin: createTokens({
      secret: originSecret,
      name: 'ROLLCALL_RESOLVE_ORIGIN_SECRET',
      ...rest,
    }),
  };
  if (access !== 'token') return { kind: 'open', ...origin };
  if (!token)
    throw new Error('ROLLCALL_RESOLVE_TOKEN: expected a token, as access is by token; got none');
  let isTold = false;
  return {
    kind: 'token',
    ...origin,
    match: createTokens({ secret: token, name: 'ROLLCALL_RESOLVE_TOKEN', ...rest }),
    tellOfQuery: (client) => {
      if (!isTold) onTokenInQuery(client);
      isTold = true;
    },
  };
};

/** Where what stands before the resolver, such as CloudFront, adds its secret. */
const ORIGIN_HEADER = 'x-rollcall-origin';

/**
 * Lets a request pass that came by way of what stands before the resolver, where that has a secret
 * to show for it. Otherwise throws a 403.
 */
export const requireOrigin = ({
  access: { isOrigin },
  request,
}: RequestContext): Awaitable<undefined> =>
  isOrigin && checkOrigin(isOrigin, request.headers[ORIGIN_HEADER] ?? '');

const checkOrigin = (isOrigin: FindToken, given: string): Awaitable<undefined> =>
  andThen(given === '' ? undefined : isOrigin(isSameToken(given)), (matched) => {
    if (matched) return undefined;
    throw new Problem(403, 'The resolver does not answer here: ask at the address you were given.');
  });

/**
 * Lets a request pass that may be answered. Otherwise throws a 401, or answers with the form for
 * the token where a person asks. Paths that do not exist need the token too, so that who may not
 * read does not learn which do.
 */
export const requireAccess = (context: RequestContext): Awaitable<ResolverResponse | undefined> => {
  const { access, request, now, caller } = context;
  const required = context.route.access;
  if (access.kind === 'open' || required === 'public') return undefined;
  const inQuery = tokensInQuery(request.target);
  const tokens = tokensInHeaders(request).concat(inQuery);
  const sessions = required?.sessions(request, now()) ?? [];
  const credentials = tokens.map(isSameToken).concat(sessions);
  const found =
    credentials.length > 0
      ? access.match((token) => credentials.filter((one) => one(token)).length > 0)
      : undefined;
  return andThen(found, (matched) => {
    if (!matched)
      return refuse(context, required, tokens.length > 0 ? 'The token is not valid.' : HOW_TO_SEND);
    caller.name = matched.client;
    if (inQuery.length > 0) access.tellOfQuery(matched.client);
    return undefined;
  });
};

const refuse = async (
  context: RequestContext,
  browser: BrowserAccess | undefined,
  why: string,
): Promise<ResolverResponse> => {
  const form = await browser?.signInForm(context);
  if (form) return form;
  throw new Problem(401, why, { 'www-authenticate': 'Bearer realm="rollcall"' });
};

const HOW_TO_SEND = 'A token is needed: as Bearer, in X-Consul-Token, or as the password of Basic.';

/** All tokens in the request, wherever its kind of client can put one. Empty ones do not count. */
const tokensInHeaders = ({ headers }: ResolverRequest): readonly string[] =>
  [tokenInAuthorization(headers['authorization'] ?? ''), headers['x-consul-token'] ?? ''].filter(
    (token) => token !== '',
  );

/**
 * Consul's old way, and the only one that Spring Cloud Consul up to 4.3 has. Not on other paths,
 * since logs keep queries, and /go passes its query on to the instance.
 */
const tokensInQuery = memoize(({ path, query }: RequestTarget): readonly string[] =>
  path.startsWith('/v1/') ? query.getAll('token').filter((token) => token !== '') : [],
);

const tokenInAuthorization = (header: string): string => {
  if (header === '') return '';
  const [, scheme = '', value = ''] = /^\s*(\S+)\s+(\S+)\s*$/.exec(header) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  return scheme.toLowerCase() === 'basic' ? passwordIn(value) : '';
};

const passwordIn = (credentials: string) => {
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  return text.includes(':') ? text.slice(text.indexOf(':') + 1) : '';
};
