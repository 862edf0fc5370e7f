import type { ResolveConfig } from '../../config/config.ts';
import type { ResolverRequest } from '../http/message.ts';
import { Problem } from '../http/problem.ts';
import { isOpenedWith, openSession, sessionsOf } from '../page/session.ts';

const crypto = process.getBuiltinModule('node:crypto');

/** Milliseconds between two looks at the secret's store, so that guessing does not call it. */
const REFRESH_EVERY = 30_000;

export interface AccessSettings {
  readonly config: Pick<ResolveConfig, 'access' | 'token'>;
  readonly now: () => number;
  readonly onFailure: (error: unknown) => void;
}

export interface Access {
  /** Throws a 401 unless the request may be answered. `session`: the page's cookie will do. */
  readonly check: (request: ResolverRequest, session: boolean) => Promise<void>;
  /** Opens a session, as `Set-Cookie`; undefined: this is not the token. Absent where nobody signs in. */
  readonly signIn?: (request: ResolverRequest, given: string) => Promise<string | undefined>;
}

/**
 * `iam`: API Gateway has checked the signature. `token`: this is the only check there is.
 * After a mismatch the secret is read again, since it may have been rotated; until a new token comes the old one is taken.
 */
export const createAccess = ({ config, now, onFailure }: AccessSettings): Access => {
  if (config.access !== 'token') return { check: async () => {} };
  const { token } = config;
  if (!token) throw new Error('ROLLCALL_RESOLVE_TOKEN: expected a token, as access is by token; got none');
  let refreshedAt = -Infinity;
  let refreshing: Promise<unknown> = Promise.resolve();

  const refresh = () => {
    if (now() - refreshedAt >= REFRESH_EVERY) {
      refreshedAt = now();
      refreshing = token.refresh().catch(onFailure);
    }
    return refreshing;
  };
  /** Tried with the token that is known, and once more with the one that is in force now. */
  const holds = async (isRight: (token: string) => boolean): Promise<boolean> => {
    if (isRight(token.reveal())) return true;
    await refresh();
    return isRight(token.reveal());
  };

  return {
    async check(request, session) {
      const given = tokensOf(request);
      const sessions = session ? sessionsOf(request, now()) : [];
      const opens = (text: string) =>
        given.some((one) => equal(one, text)) || sessions.some((one) => isOpenedWith(text, one));
      const brings = given.length + sessions.length > 0;
      if (brings && (await holds(opens))) return;
      throw new Problem(401, given.length > 0 ? 'The token is not valid.' : HOW_TO_SEND, {
        'www-authenticate': 'Bearer realm="rollcall"',
      });
    },
    async signIn(request, given) {
      const isToken = given !== '' && (await holds((text) => equal(given, text)));
      return isToken ? openSession(request, token.reveal(), now()) : undefined;
    },
  };
};

const HOW_TO_SEND = 'A token is needed: as Bearer, in X-Consul-Token, or as the password of Basic.';

/** Of one length, so that neither the time nor a failure tells how long the token is. */
const equal = (a: string, b: string) => crypto.timingSafeEqual(digest(a), digest(b));
const digest = (text: string) => crypto.createHash('sha256').update(text).digest();

/** Every token that the request carries, wherever its kind of client can put it. An empty one is none, so an empty secret opens to nobody. */
const tokensOf = (request: ResolverRequest): readonly string[] => {
  const { headers } = request;
  const [, scheme = '', value = ''] = /^\s*(\S+)\s+(\S+)\s*$/.exec(headers['authorization'] ?? '') ?? [];
  const kind = scheme.toLowerCase();
  const authorization = kind === 'bearer' ? value : kind === 'basic' ? passwordOf(value) : '';
  const tokens = [authorization, headers['x-consul-token'] ?? '', ...tokensInQuery(request)];
  return tokens.filter((token) => token !== '');
};

/** Consul's old way, and the only one that Spring Cloud Consul 4 has. Of no other path: logs keep queries, and `/go` hands its own on. */
const tokensInQuery = ({ path, query }: ResolverRequest): readonly string[] =>
  path.startsWith('/v1/') ? query.getAll('token') : [];

const passwordOf = (credentials: string) => {
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  return text.includes(':') ? text.slice(text.indexOf(':') + 1) : '';
};
