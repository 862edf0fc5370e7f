import { createHash } from 'node:crypto';
import { LIMITS, type Limit } from '../model/plan.ts';

/**
 * What was removed, or is about to be, within the last hour. Small enough for a parameter of
 * 4 KB whatever the number of clusters: where it would be longer, times are rounded up and hashes
 * shortened. Either counts too much rather than too little, and a count that is too high only
 * withholds.
 */
export interface Removals extends Readonly<Record<Limit, Slots>> {
  /**
   * What is left of plans that an operator has released, by plan id: minutes since the epoch until
   * which it may go.
   */
  readonly released: Readonly<Record<string, number>>;
}

/**
 * Records by minute since the epoch and by `clusterHash`. A shortened hash stands for all that
 * begin with it.
 */
export type Slots = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** So many records of one hash. */
export interface Reservation {
  readonly hash: string;
  readonly limit: Limit;
  readonly records: number;
}

export const NO_REMOVALS: Removals = { missing: {}, renamed: {}, released: {} };

const MINUTE = 60_000;
const HOUR = 60;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** One cluster at one registry, in eight characters. */
export const clusterHash = (cluster: string, registry: string): string => {
  const digest = createHash('sha256').update(`${cluster}\0${registry}`).digest();
  return [...digest.subarray(0, 8)].map((byte) => BASE32[byte % 32]).join('');
};

/**
 * Records of this hash that were removed within the last hour; `now` in milliseconds since the
 * epoch.
 */
export const removedAt = (
  removals: Removals,
  hash: string,
  now: number,
): Readonly<Record<Limit, number>> => {
  const count = (slots: Slots) =>
    entriesOf(slots)
      .filter((entry) => isKept(entry.minute, now) && hash.startsWith(entry.hash))
      .reduce((sum, { records }) => sum + records, 0);
  return { missing: count(removals.missing), renamed: count(removals.renamed) };
};

/** With these reservations added, and without what is older than an hour. */
export const withReservations = (
  removals: Removals,
  reservations: readonly Reservation[],
  now: number,
): Removals => {
  const minute = Math.ceil(now / MINUTE);
  const slots = (limit: Limit) => [
    ...entriesOf(removals[limit]).filter((entry) => isKept(entry.minute, now)),
    ...reservations
      .filter((reservation) => reservation.limit === limit)
      .map((reservation) => ({ ...reservation, minute })),
  ];
  const kept = Object.fromEntries(keptApprovals(removals, now));
  return toFit({ missing: slots('missing'), renamed: slots('renamed') }, kept);
};

/** With a plan added that may go without another word of the operator's, until then. */
export const withApproval = (
  removals: Removals,
  plan: string,
  until: number,
  now: number,
): Removals => ({
  ...removals,
  released: {
    ...Object.fromEntries(keptApprovals(removals, now).slice(1 - MOST_APPROVALS)),
    [plan]: Math.floor(until / MINUTE),
  },
});

/** Until when (milliseconds since the epoch) a plan may go; undefined: it may not. */
export const approvedUntil = (
  removals: Removals,
  plan: string,
  now: number,
): number | undefined => {
  const until = (removals.released[plan] ?? 0) * MINUTE;
  return until > now ? until : undefined;
};

/** Whether any time in it lies so far ahead that nobody can have written it in good faith. */
export const isFromTheFuture = (removals: Removals, now: number): boolean => {
  const slots = LIMITS.flatMap((limit) => entriesOf(removals[limit]).map(({ minute }) => minute));
  const latest = Math.ceil(now / MINUTE) + 2 * HOUR;
  return [...slots, ...Object.values(removals.released)].some((minute) => minute > latest);
};

interface Entry {
  readonly minute: number;
  readonly hash: string;
  readonly records: number;
}

/** A removal counts for an hour from the end of its minute. */
const isKept = (minute: number, now: number) => (minute + HOUR) * MINUTE >= now;

const entriesOf = (slots: Slots): readonly Entry[] =>
  Object.entries(slots).flatMap(([minute, hashes]) =>
    Object.entries(hashes).map(([hash, records]) => ({ minute: Number(minute), hash, records })),
  );

/** Released plans that are kept at most: each is one cluster's, and an operator's own doing. */
const MOST_APPROVALS = 10;

const keptApprovals = ({ released }: Removals, now: number) =>
  Object.entries(released).filter(([, until]) => until * MINUTE > now);

/** What a standard SSM parameter holds; all of it is ASCII. */
const MOST_CHARACTERS = 4_096;
/**
 * From exact to coarse: minutes that become one, and characters of a hash that are kept. The last
 * always fits.
 */
const GRAINS = [
  { minutes: 1, characters: 8 },
  { minutes: 15, characters: 6 },
  { minutes: 60, characters: 4 },
  { minutes: 60, characters: 2 },
  { minutes: 60, characters: 1 },
] as const;

const toFit = (
  entries: Readonly<Record<Limit, readonly Entry[]>>,
  kept: Removals['released'],
): Removals => {
  let fitted = NO_REMOVALS;
  for (const grain of GRAINS) {
    const [missing, renamed] = [gather(entries.missing, grain), gather(entries.renamed, grain)];
    fitted = { missing, renamed, released: kept };
    if (JSON.stringify(fitted).length <= MOST_CHARACTERS) break;
  }
  return fitted;
};

const gather = (
  entries: readonly Entry[],
  { minutes, characters }: (typeof GRAINS)[number],
): Slots => {
  const slots: Record<string, Record<string, number>> = {};
  for (const { minute, hash, records } of entries) {
    const slot = Math.ceil(minute / minutes) * minutes;
    const short = hash.slice(0, characters);
    slots[slot] ??= {};
    const hashes = slots[slot];
    hashes[short] = (hashes[short] ?? 0) + records;
  }
  return slots;
};
