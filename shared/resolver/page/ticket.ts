import crypto from 'node:crypto';
import type { Awaitable } from '../../platform/awaitable.ts';
import { BoundedMap } from '../../platform/bounded-map.ts';
import type { Credential } from '../route.ts';

/**
 * A ticket signs a browser in once, without telling it the token: `<end>.<nonce>.<HMAC>`, by a key
 * that is made of the token. Whoever has the token makes one; `rollcall open` does.
 */

/** Seconds: of a ticket for longer nobody who made it has the rules in mind. */
const LONGEST = 60;
/** Seconds: clocks differ, and 60 must not be exceeded. */
const LIFETIME = 45;

const macOf = (token: string, end: string, nonce: string) => {
  const key = crypto.createHmac('sha256', token).update('rollcall page tickets').digest();
  return crypto.createHmac('sha256', key).update(`${end}.${nonce}`).digest('base64url');
};

/** For the one who holds the token; `now` in milliseconds since the epoch. */
export const makeTicket = (token: string, now: number): string => {
  const end = String(Math.floor(now / 1_000) + LIFETIME);
  const nonce = crypto.randomBytes(16).toString('base64url');
  return `${end}.${nonce}.${macOf(token, end, nonce)}`;
};

/**
 * Nonces of tickets that were used, in this process: where there are several, as on Lambda, time
 * alone bounds a ticket.
 */
const spent = new BoundedMap<string, true>(10_000);

/**
 * Gives what `match` finds for the ticket, once; undefined for one that is over, was used here, or
 * was made with no token in force.
 */
export const redeemTicket = async <T>(
  ticket: string,
  match: (credential: Credential) => Awaitable<T | undefined>,
  now: number,
): Promise<T | undefined> => {
  const [, end = '', nonce = '', mac = ''] =
    /^(\d{1,12})\.([\w-]{22})\.([\w-]{43})$/.exec(ticket) ?? [];
  const left = Number(end) * 1_000 - now;
  if (mac === '' || left <= 0 || left > LONGEST * 1_000) return undefined;
  const matched = await match(({ text }) => isMadeWith(text, { end, nonce, mac }));
  if (matched === undefined || spent.get(nonce)) return undefined;
  spent.set(nonce, true);
  return matched;
};

interface TicketParts {
  readonly end: string;
  readonly nonce: string;
  readonly mac: string;
}

const isMadeWith = (token: string, { end, nonce, mac }: TicketParts) =>
  crypto.timingSafeEqual(Buffer.from(macOf(token, end, nonce)), Buffer.from(mac));
