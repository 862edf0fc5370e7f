import crypto from 'node:crypto';
import type { ResolverRequest } from '../http/message.ts';
import type { Credential } from '../route.ts';

/**
 * The page's cookie: the time at which it ends, and an HMAC of that with the token as its key. It
 * tells nothing about the token, and a new token ends every session.
 */

/** Seconds: a day's work. */
const LIFETIME = 12 * 3600;
/**
 * Browsers accept the first only over TLS, from the host itself and for all its paths. The second
 * is for plain http on this machine.
 */
const NAMES = { secure: '__Host-rollcall', plain: 'rollcall' } as const;

const macOf = (token: string, end: string) =>
  crypto
    .createHmac('sha256', token)
    .update(`rollcall page session until ${end}`)
    .digest('base64url');

/** `Set-Cookie` of a session that begins now; `now` in milliseconds since the epoch. */
export const openSession = (request: ResolverRequest, token: string, now: number): string => {
  const end = String(Math.floor(now / 1000) + LIFETIME);
  return toCookie(request, `${end}.${macOf(token, end)}`, LIFETIME);
};

/** `Set-Cookie` that ends the session in this browser. */
export const closeSession = (request: ResolverRequest): string => toCookie(request, '', 0);

const toCookie = (request: ResolverRequest, value: string, maxAge: number) => {
  const plain = isPlainLoopback(request);
  const attributes = `Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${plain ? '' : '; Secure'}`;
  return `${plain ? NAMES.plain : NAMES.secure}=${value}; ${attributes}`;
};

const isPlainLoopback = ({ headers }: ResolverRequest) =>
  /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i.test(headers['host'] ?? '') &&
  headers['x-forwarded-proto'] !== 'https';

/**
 * The sessions in the request's cookies that have not ended. There may be several, since another
 * page on this host can set a cookie of the same name.
 */
export const sessionsIn = ({ headers }: ResolverRequest, now: number): readonly Credential[] =>
  (headers['cookie'] ?? '').split(';').flatMap((pair) => {
    const [, end = '', mac = ''] =
      /^(?:__Host-)?rollcall=(\d{1,12})\.([\w-]{43})$/.exec(pair.trim()) ?? [];
    return Number(end) * 1000 > now ? [isOpenedWith(end, mac)] : [];
  });

const isOpenedWith =
  (end: string, mac: string): Credential =>
  ({ text }) =>
    crypto.timingSafeEqual(Buffer.from(macOf(text, end)), Buffer.from(mac));
