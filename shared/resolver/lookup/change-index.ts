import { BoundedMap } from '../../platform/bounded-map.ts';

/**
 * Indexes for long polls, from processes that share no memory. An index is the second in which a
 * new answer was read, times 2^22, plus 22 bits of a digest of that answer. So any process, however
 * young, can tell from an index alone whether the client has the current answer, and which of two
 * answers was read later. docs/decisions/resolver.md says what follows. Below 2^53 until 2088,
 * since some clients read it as a number.
 */
const DIGESTS = 2 ** 22;
/** 2020-01-01, in seconds since 1970. */
const EPOCH = 1_577_836_800;
/** Seconds that clocks may differ. An index from further ahead is not one of ours. */
const MAX_SKEW = 10;

export const digestIn = (index: number) => index % DIGESTS;
export const secondIn = (index: number) => Math.floor(index / DIGESTS);
/** From milliseconds since 1970; at least 1. */
export const toSecond = (time: number) => Math.max(1, Math.floor(time / 1000) - EPOCH);
const toIndex = (second: number, digest: number) => second * DIGESTS + digest;

/** Of an answer's SHA-256. */
export const toDigest = (sha256: Buffer): number => sha256.readUIntBE(0, 3) % DIGESTS;

/** Whether one of our processes can have made it. */
export const isPlausible = (index: number, now: number) =>
  Number.isSafeInteger(index) &&
  secondIn(index) >= 1 &&
  secondIn(index) <= toSecond(now) + MAX_SKEW;

export interface ChangeIndexes {
  /** The last index of the key; 0: none. */
  readonly last: (key: string) => number;
  /** The answer's index: the one it has already, or one above the key's last and the client's. */
  readonly next: (key: string, answer: DatedDigest, client: number) => number;
  /** Takes over a client's index for the current answer, which another process has made. */
  readonly adopt: (key: string, index: number) => void;
}

interface DatedDigest {
  readonly digest: number;
  readonly second: number;
}

/** Remembers the last index of `size` keys. A forgotten one costs a client one known answer. */
export const createChangeIndexes = (size: number): ChangeIndexes => {
  const indexes = new BoundedMap<string, number>(size);
  const last = (key: string) => indexes.get(key) ?? 0;
  return {
    last,
    next(key, { digest, second }, client) {
      const known = last(key);
      if (known > client && digestIn(known) === digest) return known;
      const above = Math.max(secondIn(known), secondIn(client)) + 1;
      const index = toIndex(Math.max(second, above), digest);
      indexes.set(key, index);
      return index;
    },
    adopt(key, index) {
      if (index > last(key)) indexes.set(key, index);
    },
  };
};
