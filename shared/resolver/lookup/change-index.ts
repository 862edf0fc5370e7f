import { BoundedMap } from '../../platform/bounded-map.ts';

const crypto = process.getBuiltinModule('node:crypto');

/**
 * Indexes for long polls, from processes that share nothing: the second in which an answer was read that was new, then 22 bits
 * of a digest of it. From the index alone any process, a minute old or just started, tells whether the client has what
 * it would be told, and which of the two was read later. docs/decisions/resolver.md says what follows from that.
 * Below 2^53 until 2088, since some clients take it for a number.
 */
const CONTENTS = 2 ** 22;
/** 2020-01-01, in seconds since 1970. */
const EPOCH = 1_577_836_800;
/** Seconds that clocks may differ: an index from further ahead was given by something else. */
const SKEW = 10;

export const contentOf = (index: number) => index % CONTENTS;
export const secondOf = (index: number) => Math.floor(index / CONTENTS);
/** From milliseconds since 1970; at least 1. */
export const toSecond = (time: number) => Math.max(1, Math.floor(time / 1000) - EPOCH);
const toIndex = (second: number, content: number) => second * CONTENTS + content;

export const digestOf = (body: string): number =>
  crypto.createHash('sha256').update(body).digest().readUIntBE(0, 3) % CONTENTS;

/** Whether a process of ours can have given it. */
export const isPlausible = (index: number, now: number) =>
  Number.isSafeInteger(index) && secondOf(index) >= 1 && secondOf(index) <= toSecond(now) + SKEW;

export interface Indexes {
  /** What was given last for the key; 0: nothing. */
  readonly last: (key: string) => number;
  /** The index of this answer: the one it has already, or one above all that were given for the key and above the client's. */
  readonly next: (key: string, answer: Dated, client: number) => number;
  /** A client's index for this very answer, given by another process, is ours from now on. */
  readonly adopt: (key: string, index: number) => void;
}

interface Dated {
  readonly content: number;
  readonly second: number;
}

/** What was given last for each key. Forgotten, it costs a client one answer that it knows. */
export const createIndexes = (size: number): Indexes => {
  const given = new BoundedMap<string, number>(size);
  const last = (key: string) => given.get(key) ?? 0;
  return {
    last,
    next(key, { content, second }, client) {
      const known = last(key);
      if (known > client && contentOf(known) === content) return known;
      const above = Math.max(secondOf(known), secondOf(client)) + 1;
      const index = toIndex(Math.max(second, above), content);
      given.set(key, index);
      return index;
    },
    adopt(key, index) {
      if (index > last(key)) given.set(key, index);
    },
  };
};
