import type { Awaitable } from '../../platform/awaitable.ts';

/** All in milliseconds, but for `size`. */
export interface CacheLimits {
  /** How long after its freshness an answer is still served at once, while it is read again. */
  readonly staleWhileRevalidate: number;
  /** How old an answer may be that is served because the source cannot be read. */
  readonly staleIfError: number;
  /** How long the source is left alone after a failure. */
  readonly pause: number;
  /** How long after a failure nobody waits for the next read who can be given something old. */
  readonly outage: number;
  /** How long one read may take. */
  readonly deadline: number;
  /** How many keys are held. */
  readonly size: number;
}

export interface CacheSettings<T> {
  /** `held`: the value that it replaces, to be given again where it is still right. */
  readonly load: (key: string, replacing: Replacing<T>) => Promise<T>;
  /** Milliseconds that the value is fresh. */
  readonly freshFor: (value: T) => number;
  /**
   * Whether the value may be served when no longer fresh. If not, it is the first to be dropped.
   */
  readonly mayBeStale: (value: T) => boolean;
  readonly limits: CacheLimits;
  readonly now: () => number;
  readonly onFailure: (key: string, error: unknown) => void;
}

export interface Replacing<T> {
  readonly signal: AbortSignal;
  readonly held: T | undefined;
}

export interface Cached<T> {
  readonly value: T;
  /** Milliseconds since the read began that brought it. */
  readonly age: number;
  /** The source has failed since. */
  readonly stale: boolean;
  /** With what it failed, then. */
  readonly failure?: unknown;
}

/**
 * The source cannot be read, and nothing is held that could be served instead. The cause is with
 * what it failed last, if it has.
 */
export class SourceUnavailable extends Error {
  override readonly name = 'SourceUnavailable';
}

/** A value, and when the read began that brought it. */
export interface Held<T> {
  readonly value: T;
  readonly at: number;
}

export interface Cache<T> {
  /**
   * At once where it may be served without waiting. Rejects with SourceUnavailable where there is
   * no value that may be served.
   */
  readonly get: (key: string) => Awaitable<Cached<T>>;
  /** Reads the key anew, if it is there; whether its value is another now. Never rejects. */
  readonly renew: (key: string) => Promise<boolean>;
  /** What is there now, however old. Nothing is read. */
  readonly held: (key: string) => Held<T> | undefined;
  /** Takes over what was read elsewhere, if it is newer than what is there. */
  readonly offer: (key: string, held: Held<T>) => void;
}

/** A read of the source that is under way. */
interface Flight {
  readonly startedAt: number;
  /** Whether it brought a value. Never rejects. */
  readonly done: Promise<boolean>;
}

interface CacheEntry<T> {
  held?: Held<T>;
  failed?: { readonly at: number; readonly error: unknown } | undefined;
  flight?: Flight | undefined;
}

/**
 * A cache that reads each key once at a time, and serves old values while it reads them again
 * (stale-while-revalidate) or while the source fails (stale-if-error).
 *
 * Lambda freezes a function once it has answered, and a read behind that answer goes on only when
 * the next request thaws it. Therefore:
 * - old values are served at once for a short time only: with traffic the read ends within it,
 *   without traffic the next request waits for a read;
 * - a value's age counts from the beginning of its read;
 * - nobody waits for a read older than its deadline: it was frozen, and its connection is dead.
 */
export const createCache = <T>({
  load,
  freshFor,
  mayBeStale,
  limits,
  now,
  onFailure,
}: CacheSettings<T>): Cache<T> => {
  const entries = new Map<string, CacheEntry<T>>();
  const canBeStale = ({ held }: CacheEntry<T>) => held !== undefined && mayBeStale(held.value);

  const makeRoom = () => {
    if (entries.size < limits.size) return;
    const first = entries.entries().find(([, entry]) => !canBeStale(entry));
    entries.delete(first?.[0] ?? entries.keys().next().value ?? '');
  };

  /** The key's entry, moved to the end of the map: the map's order is that of last use. */
  const touch = (key: string): CacheEntry<T> => {
    const known = entries.get(key);
    // Nothing has to go soon.
    if (known && entries.size <= limits.size / 2) return known;
    const entry = known ?? {};
    if (!entries.delete(key)) makeRoom();
    entries.set(key, entry);
    return entry;
  };

  const replace = (entry: CacheEntry<T>, held: Held<T>) => {
    // A read that was frozen may end after one that began later.
    if (held.at < (entry.held?.at ?? -Infinity)) return;
    entry.held = held;
    entry.failed = undefined;
  };

  const begin = (key: string, entry: CacheEntry<T>): Flight => {
    const startedAt = now();
    const flight: Flight = {
      startedAt,
      done: withDeadline(
        (signal) => load(key, { signal, held: entry.held?.value }),
        limits.deadline,
      )
        .then(
          (value) => {
            replace(entry, { value, at: startedAt });
            return true;
          },
          (error: unknown) => {
            if (entry.flight !== flight) return false;
            entry.failed = { at: now(), error };
            onFailure(key, error);
            return false;
          },
        )
        .finally(() => {
          if (entry.flight === flight) entry.flight = undefined;
        }),
    };
    return flight;
  };

  const since = (time: number | undefined) => (time === undefined ? Infinity : now() - time);
  const age = ({ held }: CacheEntry<T>) => since(held?.at);
  const isFresh = (entry: CacheEntry<T>) =>
    entry.held !== undefined && age(entry) < freshFor(entry.held.value);

  const canReplaceFailure = (entry: CacheEntry<T>) =>
    canBeStale(entry) && age(entry) < limits.staleIfError;

  const isServedAtOnce = (entry: CacheEntry<T>) => {
    if (!entry.held || !canReplaceFailure(entry)) return false;
    const young = age(entry) < freshFor(entry.held.value) + limits.staleWhileRevalidate;
    return young || since(entry.failed?.at) < limits.outage;
  };

  const refresh = (key: string, entry: CacheEntry<T>): Flight | undefined => {
    if (since(entry.flight?.startedAt) > limits.deadline) entry.flight = undefined;
    if (!entry.flight && since(entry.failed?.at) >= limits.pause) entry.flight = begin(key, entry);
    return entry.flight;
  };

  const toCached = ({ value }: Held<T>, entry: CacheEntry<T>): Cached<T> => {
    const { failed } = entry;
    const cached = { value, age: age(entry), stale: failed !== undefined };
    return failed ? { ...cached, failure: failed.error } : cached;
  };

  const waitFor = async (key: string, entry: CacheEntry<T>, flight: Flight | undefined) => {
    const usable = (await flight?.done) || canReplaceFailure(entry);
    const { held, failed } = entry;
    if (!held || !usable) throw new SourceUnavailable(key, { cause: failed?.error });
    return toCached(held, entry);
  };

  return {
    get(key) {
      const entry = touch(key);
      if (entry.held && isFresh(entry)) return toCached(entry.held, entry);
      const flight = refresh(key, entry);
      if (entry.held && isServedAtOnce(entry)) return toCached(entry.held, entry);
      return waitFor(key, entry, flight);
    },
    async renew(key) {
      const entry = entries.get(key);
      if (!entry?.held) return false;
      const { value } = entry.held;
      // A read that is under way may have begun before the change.
      await entry.flight?.done;
      await refresh(key, entry)?.done;
      return entry.held.value !== value;
    },
    held: (key) => entries.get(key)?.held,
    offer(key, held) {
      // Most often what is there was offered before.
      if (held.at !== entries.get(key)?.held?.at) replace(touch(key), held);
    },
  };
};

/** Ends in time even if the work ignores its signal. */
const withDeadline = <T>(work: (signal: AbortSignal) => Promise<T>, deadline: number): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      reject(new Error(`no answer within ${deadline} ms`));
      abort.abort();
    }, deadline);
    work(abort.signal)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
