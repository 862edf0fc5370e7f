import crypto from 'node:crypto';
import type { Secret } from '../../config/secret.ts';
import { andThen } from '../../platform/awaitable.ts';
import { memoizeTexts } from '../../platform/memoize.ts';
import { digestOf } from '../http/body.ts';
import type { Credential, FindToken, KnownToken } from '../route.ts';

/**
 * Milliseconds after which the secret is read again: behind a request, so that nobody waits for it,
 * and before one where that has not happened, so that a token that was withdrawn ends within a
 * minute.
 */
const REFRESH_AFTER = 45_000;
const MUST_REFRESH_AFTER = 60_000;
/** Milliseconds between two reads for credentials that do not match: guessing calls no store. */
const MISMATCH_INTERVAL = 30_000;

export interface TokensSettings {
  readonly secret: Secret;
  /** How the setting is called, for what is wrong with it. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Until the secret can be read again, what was read last counts. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * The check of a credential against all tokens in force, each time against every one of them, so
 * that the time tells nothing. A credential that does not match makes the secret be read again,
 * since there may be a new one. Throws at once where the secret is no token and no list of tokens.
 */
export const createTokens = ({ secret, name, now, onFailure }: TokensSettings): FindToken => {
  let read = { text: secret.reveal(), tokens: parseTokens(secret.reveal(), name) };
  let begunAt = now();
  let checkedAt = begunAt;
  let mismatchedAt = -Infinity;
  let refreshing: Promise<void> = Promise.resolve();

  const tokens = (): readonly KnownToken[] => {
    const text = secret.reveal();
    if (text === read.text) return read.tokens;
    read = { ...read, text };
    try {
      read = { text, tokens: parseTokens(text, name) };
    } catch (error) {
      onFailure(error);
    }
    return read.tokens;
  };
  const refresh = () => {
    const begun = now();
    begunAt = begun;
    refreshing = secret
      .refresh()
      .then(() => {}, onFailure)
      .then(() => {
        checkedAt = Math.max(checkedAt, begun);
      });
    return refreshing;
  };
  const find = (credential: Credential) => tokens().filter(credential)[0];

  const findInNewer = async (credential: Credential) => {
    if (now() - mismatchedAt >= MISMATCH_INTERVAL) {
      mismatchedAt = now();
      void refresh();
    }
    await refreshing;
    return find(credential);
  };

  return (credential) => {
    if (now() - begunAt >= REFRESH_AFTER) void refresh();
    const isRead = now() - checkedAt < MUST_REFRESH_AFTER;
    return andThen(
      isRead ? undefined : refreshing,
      () => find(credential) ?? findInNewer(credential),
    );
  };
};

/** The client of a secret that is one token and names nobody. */
export const DEFAULT_CLIENT = 'default';

/**
 * A plain text is one token; a JSON object holds one for each client, by name. Throws without
 * quoting anything of it. Empty tokens open nothing.
 */
export const parseTokens = (text: string, name: string): readonly KnownToken[] => {
  const entries = text.trimStart().startsWith('{')
    ? Object.entries(parseMap(text, name))
    : [[DEFAULT_CLIENT, text] as const];
  return entries
    .filter(([, token]) => token !== '')
    .map(([client, token]) => ({ client, text: token, digest: digestOf(token) }));
};

const parseMap = (text: string, name: string): Readonly<Record<string, string>> => {
  let map: unknown;
  try {
    map = JSON.parse(text);
  } catch {
    throw new Error(`${name}: ${EXPECTED}, got what begins with { and is no JSON`);
  }
  const isMap = Object.entries(map as object).every(
    ([client, token]) => /^[\w.-]{1,64}$/.test(client) && typeof token === 'string',
  );
  if (!isMap) throw new Error(`${name}: ${EXPECTED}`);
  return map as Readonly<Record<string, string>>;
};

const EXPECTED =
  'expected a token, or a JSON object of tokens by the names of clients (letters, digits, _ . -, at most 64)';

/**
 * Compares digests, in constant time: neither time nor length tells anything about the token. The
 * same few tokens come again and again, and hashing one is a third of what a kept answer costs
 * besides being sent. What is kept is the digest and not whether it is right: each is compared anew
 * with the tokens in force. Time tells only that a whole text was sent before, as the answer does.
 */
export const isSameToken = memoizeTexts(
  (given): Credential => {
    const digest = digestOf(given);
    return (known) => crypto.timingSafeEqual(digest, known.digest);
  },
  { most: 100, longest: 256 },
);
