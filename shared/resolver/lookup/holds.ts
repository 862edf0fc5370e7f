import timers from 'node:timers/promises';
import { slices } from '../../platform/slices.ts';
import { Problem } from '../http/problem.ts';

export interface HoldSettings {
  /** Seconds that a request is held at most; 0: none is held. */
  readonly wait: number;
  /** Requests that are held at the same time. */
  readonly slots: number;
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  /** Milliseconds. Ends early, and never rejects, when the signal aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

export interface HoldRequest {
  /** Milliseconds that the client is willing to wait; undefined: as long as it may. */
  readonly wait: number | undefined;
  /** Ends the wait: the client has gone, or the process is to stop. Asked for only to wait. */
  readonly signal?: (() => AbortSignal) | undefined;
  /** Who waits, where clients have names. */
  readonly client?: string | undefined;
}

export interface Seen<T> {
  readonly value: T;
  /** It ends the wait. */
  readonly isNew: boolean;
}

/** The places for requests that wait. */
export interface Holds {
  /** Whether any request may be held: if not, all are answered at once. */
  readonly isOpen: boolean;
  /** Has all that are held look at once: something may be new. */
  readonly wake: () => Promise<void>;
  readonly count: () => number;
  readonly slots: number;
  /** When the wait of a request ends that came now. */
  readonly deadline: (request: Pick<HoldRequest, 'wait'>) => number;
  /**
   * Looks again and again until something is new, or the wait is over; gives what was seen last.
   * Throws a 429 where all places are taken, and none can be given up.
   */
  readonly hold: <T>(
    request: Pick<HoldRequest, 'signal' | 'client'>,
    until: number,
    look: () => Promise<Seen<T>>,
  ) => Promise<T>;
}

/** Milliseconds between two looks. They read the cache, not the registry. */
const LOOK_INTERVAL = 1_000;
/** Milliseconds after which a request gives up its place to another that comes. */
const GIVES_UP_AFTER = 1_000;
/** By how much of its time a wait may end early, so that clients that came together part. */
const SPREAD = 1 / 16;

interface Held {
  readonly client: string | undefined;
  readonly since: number;
  isOver: boolean;
  /** Aborts to have it look. */
  nap: AbortController;
}

const end = (held: Held) => {
  held.isOver = true;
  held.nap.abort();
};

/**
 * Where all places are taken, the client that has the most of them, the newcomer's own counted,
 * gives one up: its request that was held longest is answered as at the end of its wait. So each
 * client has its share of the places, however many another asks for. And nobody comes back more
 * often than the places allow, and all go on learning of changes. Consul's clients honour no
 * `Retry-After`, but back off from errors, which is what 429 is for: where even the longest has
 * only just come.
 */
export const createHolds = ({ wait, slots, now, random, sleep }: HoldSettings): Holds => {
  /** By client, each in the order in which its requests came. */
  const held = new Map<string | undefined, Set<Held>>();
  let size = 0;

  const heldBy = (client: string | undefined): Set<Held> => {
    const known = held.get(client) ?? new Set();
    held.set(client, known);
    return known;
  };
  const add = (one: Held) => {
    heldBy(one.client).add(one);
    size++;
  };
  const remove = (one: Held) => {
    if (heldBy(one.client).delete(one)) size--;
  };
  const makeRoom = (newcomer: string | undefined) => {
    const own = heldBy(newcomer);
    const largest = held.values().reduce((most, one) => (one.size > most.size ? one : most), own);
    const hasLess = own.size + 1 < largest.size;
    const [longest] = hasLess || own.size === 0 ? largest : own;
    // Who has less than another waits for nobody.
    if (!longest || (!hasLess && now() - longest.since < GIVES_UP_AFTER))
      throw new Problem(429, 'Too many requests are held at the moment.', { 'retry-after': '1' });
    remove(longest);
    end(longest);
  };

  return {
    isOpen: wait > 0 && slots > 0,
    async wake() {
      for (const { nap } of [...held.values()].flatMap((ones) => [...ones])) {
        nap.abort();
        // What follows from it is done before the next is woken.
        await undefined;
        if (slices.isOver()) await slices.next();
      }
    },
    count: () => size,
    slots,
    deadline: (request) =>
      now() + Math.min(request.wait ?? Infinity, wait * 1000) * (1 - random() * SPREAD),
    async hold({ signal, client: name }, until, look) {
      if (size >= slots) makeRoom(name);
      const own: Held = { client: name, since: now(), isOver: false, nap: new AbortController() };
      add(own);
      const client = signal?.();
      const leave = () => end(own);
      if (client?.aborted) leave();
      client?.addEventListener('abort', leave);
      try {
        for (;;) {
          if (own.nap.signal.aborted) own.nap = new AbortController();
          const { value, isNew } = await look();
          if (isNew || now() >= until || own.isOver) return value;
          await sleep(Math.min(LOOK_INTERVAL, until - now()), own.nap.signal);
        }
      } finally {
        remove(own);
        client?.removeEventListener('abort', leave);
      }
    },
  };
};

/**
 * How many of `concurrency` requests may be held at `percent`. A fractional share is rounded up at
 * random, so that the total over all processes is right: on Lambda, half of one request is one in
 * every second process.
 */
export const shareOf = (concurrency: number, percent: number, random: () => number): number => {
  const share = (concurrency * percent) / 100;
  const rest = share % 1;
  return Math.floor(share) + (rest > 0 && random() < rest ? 1 : 0);
};

/** `HoldSettings.sleep` in real time. */
export const sleep: HoldSettings['sleep'] = (milliseconds, signal) =>
  timers.setTimeout(milliseconds, undefined, { signal }).catch(() => {});
