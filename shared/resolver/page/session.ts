import type { ResolverRequest } from '../http/message.ts';

const crypto = process.getBuiltinModule('node:crypto');

/**
 * The page's cookie: when it ends, and an HMAC of that with the token as its key. It tells nothing of the token, and
 * a token that is rotated ends every session.
 */

/** Seconds: a day's work. */
const LASTS = 12 * 3600;
/** Browsers take the first only over TLS, from the host itself and for all its paths. The second is for plain http on this machine. */
const NAMES = { secure: '__Host-rollcall', plain: 'rollcall' } as const;

const macOf = (token: string, end: string) =>
  crypto.createHmac('sha256', token).update(`rollcall page session until ${end}`).digest('base64url');

/** `Set-Cookie` of a session that begins now; milliseconds since the epoch. */
export const openSession = (request: ResolverRequest, token: string, now: number): string => {
  const end = String(Math.floor(now / 1000) + LASTS);
  return cookie(request, `${end}.${macOf(token, end)}`, LASTS);
};

/** `Set-Cookie` that ends it in this browser. */
export const closeSession = (request: ResolverRequest): string => cookie(request, '', 0);

const cookie = (request: ResolverRequest, value: string, age: number) => {
  const plain = isPlainLoopback(request);
  const attributes = `Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${plain ? '' : '; Secure'}`;
  return `${plain ? NAMES.plain : NAMES.secure}=${value}; ${attributes}`;
};

const isPlainLoopback = ({ headers }: ResolverRequest) =>
  /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i.test(headers['host'] ?? '') &&
  headers['x-forwarded-proto'] !== 'https';

export interface Session {
  readonly end: string;
  readonly mac: string;
}

/** What the request's cookies claim, those apart whose time is over: another page on this host can set one of ours. */
export const sessionsOf = ({ headers }: ResolverRequest, now: number): readonly Session[] =>
  (headers['cookie'] ?? '').split(';').flatMap((pair) => {
    const [, end = '', mac = ''] = /^(?:__Host-)?rollcall=(\d{1,12})\.([\w-]{43})$/.exec(pair.trim()) ?? [];
    return Number(end) * 1000 > now ? [{ end, mac }] : [];
  });

/** Whether it was opened with this token. An empty token opens nothing. */
export const isOpenedWith = (token: string, { end, mac }: Session): boolean =>
  token !== '' && crypto.timingSafeEqual(Buffer.from(macOf(token, end)), Buffer.from(mac));
