import type { Catalogue } from './cached-directory.ts';
import { contentOf, createIndexes, digestOf, isPlausible, secondOf, toSecond } from './change-index.ts';
import { createReader, type Freshness, type Reader } from './request-reader.ts';

/** What a client waits for: that an answer becomes another than the one it has. */
export interface Question {
  /** One for each answer: path, and what of the query counts. */
  readonly key: string;
  /** What the client was told last; 0: it wants the answer now. */
  readonly index: number;
  /** Milliseconds that the client is willing to wait; undefined: as long as it may. */
  readonly wait: number | undefined;
  /** Ends the wait: the client has gone, or the process is to stop. */
  readonly signal: AbortSignal | undefined;
  readonly read: (reader: Reader) => Promise<string>;
}

export interface Watched {
  readonly body: string;
  /** Above 0, never below the client's; the client's own where it has nothing new to learn. */
  readonly index: number;
  readonly freshness: Freshness;
  /** It was not held, since too many are: the client shall pause before it asks again. */
  readonly busy: boolean;
}

export type Watch = (question: Question) => Promise<Watched>;

export interface WatchSettings {
  readonly catalogue: Catalogue;
  /** Seconds that a question is held at most; 0: none is held. */
  readonly wait: number;
  /** Questions held at once. */
  readonly places: number;
  readonly now: () => number;
  /** Milliseconds. Ends early, and never rejects, when the signal aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** Milliseconds between two looks for one who waits. Looks read the cache, so the source is not asked more often than else. */
const TICK = 1_000;
/** Milliseconds that one look serves all who wait for the same answer. Below a tick, so that nobody sees one twice. */
const RECENT = TICK / 2;
const KEYS_HELD = 1_000;

interface Seen {
  readonly body: string;
  readonly content: number;
  readonly freshness: Freshness;
  /** When the oldest part was read from the source. */
  readonly second: number;
}

interface Hold {
  readonly until: number;
  readonly isNews: (seen: Seen) => boolean;
}

/** Long polls over the cached catalogue. Nothing runs but for those who wait; all who wait for one answer share its looks. */
export const createWatch = ({ catalogue, wait, places, now, sleep }: WatchSettings): Watch => {
  const indexes = createIndexes(KEYS_HELD);
  /** The last of each answer, the oldest first, gone when they are no longer recent: answers can be large. */
  const looks = new Map<string, { readonly at: number; readonly seen: Promise<Seen> }>();
  let held = 0;

  const read = async (question: Question): Promise<Seen> => {
    const reader = createReader(catalogue);
    const body = await question.read(reader);
    const freshness = reader.freshness() ?? { age: 0, stale: false };
    return { body, content: digestOf(body), freshness, second: toSecond(now() - freshness.age) };
  };

  const look = (question: Question): Promise<Seen> => {
    const at = now();
    for (const [key, old] of looks) {
      if (at - old.at < RECENT) break;
      looks.delete(key);
    }
    const seen = read(question);
    looks.delete(question.key);
    looks.set(question.key, { at, seen });
    return seen;
  };

  const sharedLook = (question: Question): Promise<Seen> => {
    const last = looks.get(question.key);
    return last && now() - last.at < RECENT ? last.seen : look(question);
  };

  /** Keeps no answer while it waits: thousands may wait for a large one. */
  const hold = async (question: Question, { until, isNews }: Hold): Promise<Seen> => {
    for (;;) {
      const seen = await sharedLook(question);
      if (isNews(seen) || now() >= until || question.signal?.aborted) return seen;
      await sleep(Math.min(TICK, until - now()), question.signal);
    }
  };

  return async (question) => {
    const { key } = question;
    const client = isPlausible(question.index, now()) ? question.index : 0;
    // Once this process has seen what the client has, all else that it reads is newer. Before that, another process may
    // have read later than this one: what is older than what the client has is no news to it.
    let caughtUp = indexes.last(key) === client;
    const isNews = ({ content, second }: Seen) => {
      if (content !== contentOf(client)) return caughtUp || second > secondOf(client);
      caughtUp = true;
      return false;
    };
    // From here, since the first look may have taken seconds.
    const until = now() + Math.min(question.wait ?? Infinity, wait * 1000);
    let seen = await (client > 0 ? sharedLook(question) : look(question));
    const waits = client > 0 && !isNews(seen);
    const busy = waits && (wait === 0 || held >= places);
    if (waits && !busy) {
      held++;
      try {
        seen = await hold(question, { until, isNews });
      } finally {
        held--;
      }
    }
    const { body, freshness, content } = seen;
    if (client === 0 || isNews(seen))
      return { body, index: indexes.next(key, seen, client), freshness, busy };
    if (content === contentOf(client)) indexes.adopt(key, client);
    return { body, index: client, freshness, busy };
  };
};
