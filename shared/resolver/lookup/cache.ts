/** All in milliseconds. */
export interface Limits {
  /** Past its freshness an answer is served at once for so long, while it is read again. */
  readonly staleWhileRevalidate: number;
  /** So old an answer may be while the source cannot be read. */
  readonly staleIfError: number;
  /** After a failure nobody asks the source for so long. */
  readonly pause: number;
  /** So long after a failure nobody waits for the next try who can be given something old. */
  readonly outage: number;
  /** One read takes no longer. */
  readonly deadline: number;
  /** Keys held. */
  readonly size: number;
}

export interface CacheSettings<T> {
  readonly load: (key: string, signal: AbortSignal) => Promise<T>;
  readonly freshFor: (value: T) => number;
  /** Whether the value may be served once it is no longer fresh. Those that may not go first when space runs out. */
  readonly lasting: (value: T) => boolean;
  readonly limits: Limits;
  readonly now: () => number;
  readonly onFailure: (key: string, error: unknown) => void;
}

export interface Answer<T> {
  readonly value: T;
  /** Milliseconds since the read began that brought it. */
  readonly age: number;
  /** The source has failed since. */
  readonly stale: boolean;
}

/** The source cannot be read, and nothing is held that could be served instead. */
export class SourceUnavailable extends Error {
  override readonly name = 'SourceUnavailable';
}

interface Flight {
  readonly startedAt: number;
  /** Whether it brought a value. Never rejects. */
  readonly done: Promise<boolean>;
}

interface Entry<T> {
  held?: { readonly value: T; readonly at: number };
  failedAt?: number | undefined;
  flight?: Flight | undefined;
}

/**
 * Answers from memory: one read of the source per key at a time, stale while it is read again, stale while it fails.
 *
 * On Lambda "while it is read again" needs care: the function is frozen once it has answered, and a read begun
 * behind that answer goes on when the next request thaws it. So the time in which something old is served at once is short
 * (under traffic the read ends within it, without traffic the next request waits for a read), the age counts from the
 * read's beginning, and a read older than its deadline was frozen: its connections are dead, nobody waits for it.
 */
export const createCache = <T>({ load, freshFor, lasting, limits, now, onFailure }: CacheSettings<T>) => {
  const entries = new Map<string, Entry<T>>();
  const lasts = ({ held }: Entry<T>) => held !== undefined && lasting(held.value);

  const makeRoom = () => {
    if (entries.size < limits.size) return;
    const oldest = entries.keys().next().value ?? '';
    entries.delete([...entries].find(([, entry]) => !lasts(entry))?.[0] ?? oldest);
  };

  /** Moves the entry to the young end of the map, whose order is that of last use. */
  const touch = (key: string): Entry<T> => {
    const entry = entries.get(key) ?? {};
    if (!entries.delete(key)) makeRoom();
    entries.set(key, entry);
    return entry;
  };

  const begin = (key: string, entry: Entry<T>): Flight => {
    const startedAt = now();
    const flight: Flight = {
      startedAt,
      done: withDeadline((signal) => load(key, signal), limits.deadline)
        .then(
          (value) => {
            // A thawed read may end after a younger one.
            if (startedAt < (entry.held?.at ?? -Infinity)) return true;
            entry.held = { value, at: startedAt };
            entry.failedAt = undefined;
            return true;
          },
          (error: unknown) => {
            if (entry.flight !== flight) return false;
            entry.failedAt = now();
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
  const age = ({ held }: Entry<T>) => since(held?.at);
  const isFresh = (entry: Entry<T>) => entry.held !== undefined && age(entry) < freshFor(entry.held.value);

  const mayStandIn = (entry: Entry<T>) => lasts(entry) && age(entry) < limits.staleIfError;

  const servedAtOnce = (entry: Entry<T>) => {
    if (!entry.held || !mayStandIn(entry)) return false;
    const young = age(entry) < freshFor(entry.held.value) + limits.staleWhileRevalidate;
    return young || since(entry.failedAt) < limits.outage;
  };

  const refresh = (key: string, entry: Entry<T>): Flight | undefined => {
    if (since(entry.flight?.startedAt) > limits.deadline) entry.flight = undefined;
    if (!entry.flight && since(entry.failedAt) >= limits.pause) entry.flight = begin(key, entry);
    return entry.flight;
  };

  /** The value, or SourceUnavailable. */
  return async (key: string): Promise<Answer<T>> => {
    const entry = touch(key);
    let usable = isFresh(entry);
    if (!usable) {
      const flight = refresh(key, entry);
      usable = servedAtOnce(entry) || (await flight?.done) || mayStandIn(entry);
    }
    if (!entry.held || !usable) throw new SourceUnavailable(key);
    return { value: entry.held.value, age: age(entry), stale: entry.failedAt !== undefined };
  };
};

/** Ends in time even where the work does not listen to its signal. */
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
