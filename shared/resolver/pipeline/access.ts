import type { ResolveConfig } from '../../config/config.ts';
import { BoundedMap } from '../../platform/bounded-map.ts';
import type { ResolverRequest, ResolverResponse } from '../http/message.ts';
import { Problem } from '../http/problem.ts';
import type { Access, Credential, RequestContext } from '../route.ts';

const crypto = process.getBuiltinModule('node:crypto');

/**
 * Milliseconds between two reads of the secret, so that guessing tokens does not call its store.
 */
const REFRESH_INTERVAL = 30_000;

export interface AccessSettings {
  readonly config: Pick<ResolveConfig, 'access' | 'token'>;
  readonly now: () => number;
  readonly onFailure: (error: unknown) => void;
}

/**
 * The check of the token; with access by token it is the only check there is. A credential that
 * does not match makes the secret be read again, since it may have been rotated. Until a new token
 * is known, the old one counts. Throws at once where access is by token and none is configured.
 */
export const createAccess = ({ config, now, onFailure }: AccessSettings): Access => {
  if (config.access !== 'token') return { kind: 'open' };
  const { token } = config;
  if (!token)
    throw new Error('ROLLCALL_RESOLVE_TOKEN: expected a token, as access is by token; got none');
  let refreshedAt = -Infinity;
  let refreshing: Promise<unknown> = Promise.resolve();

  const refresh = () => {
    if (now() - refreshedAt >= REFRESH_INTERVAL) {
      refreshedAt = now();
      refreshing = token.refresh().catch(onFailure);
    }
    return refreshing;
  };
  const matchKnown = (credential: Credential) => {
    const known = token.reveal();
    return credential(known) ? known : undefined;
  };
  return {
    kind: 'token',
    match: async (credential) => {
      const matched = matchKnown(credential);
      if (matched !== undefined) return matched;
      await refresh();
      return matchKnown(credential);
    },
  };
};

/**
 * Lets a request pass that may be answered. Otherwise throws a 401, or answers with the form for
 * the token where a person asks. Paths that do not exist need the token too, so that who may not
 * read does not learn which do.
 */
export const requireAccess = async (
  context: RequestContext,
): Promise<ResolverResponse | undefined> => {
  const { access, request, now } = context;
  const required = context.route.access;
  if (access.kind === 'open' || required === 'public') return undefined;
  const tokens = tokensIn(request);
  const credentials = [...tokens.map(isSameToken), ...(required?.sessions(request, now()) ?? [])];
  const isGiven = credentials.length > 0;
  if (
    isGiven &&
    (await access.match((token) => credentials.some((one) => one(token)))) !== undefined
  )
    return undefined;
  const form = await required?.signInForm(context);
  if (form) return form;
  throw new Problem(401, tokens.length > 0 ? 'The token is not valid.' : HOW_TO_SEND, {
    'www-authenticate': 'Bearer realm="rollcall"',
  });
};

const HOW_TO_SEND = 'A token is needed: as Bearer, in X-Consul-Token, or as the password of Basic.';

/** Compares digests, in constant time: neither time nor length tells anything about the token. */
export const isSameToken = (given: string): Credential => {
  const digest = toDigest(given);
  return (token) => crypto.timingSafeEqual(digest, digestOfOwn(token));
};
/** In one call: an object for each hash costs the process more than the hash. */
const toDigest = (text: string): Buffer => crypto.hash('sha256', text, 'buffer');

/** Of the token in force, and of the one before: every request is compared with it. */
const ownDigests = new BoundedMap<string, Buffer>(2);
const digestOfOwn = (token: string): Buffer => {
  const known = ownDigests.get(token) ?? toDigest(token);
  ownDigests.set(token, known);
  return known;
};

/** All tokens in the request, wherever its kind of client can put one. Empty ones do not count. */
const tokensIn = ({ headers, path, query }: ResolverRequest): readonly string[] => {
  const tokens = [
    tokenInAuthorization(headers['authorization'] ?? ''),
    headers['x-consul-token'] ?? '',
    // Consul's old way, and the only one that Spring Cloud Consul up to 4.3 has. Not on other
    // paths, since logs keep queries, and /go passes its query on to the instance.
    ...(path.startsWith('/v1/') ? query.getAll('token') : []),
  ];
  return tokens.filter((token) => token !== '');
};

const tokenInAuthorization = (header: string): string => {
  const [, scheme = '', value = ''] = /^\s*(\S+)\s+(\S+)\s*$/.exec(header) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  return scheme.toLowerCase() === 'basic' ? passwordIn(value) : '';
};

const passwordIn = (credentials: string) => {
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  return text.includes(':') ? text.slice(text.indexOf(':') + 1) : '';
};
