import { type Awaitable, andThen } from '../../platform/awaitable.ts';
import type { Body } from '../http/body.ts';
import { type Pieces, render } from '../http/render.ts';
import type { Freshness, Read, RequestReader } from './request-reader.ts';

/**
 * Makes a body of what it reads, and of nothing else: with the same data, and the same key, it is
 * the same.
 */
export type Render = (reader: RequestReader) => Promise<Pieces>;

/**
 * The body under a key: the one that is kept, if all that it was made from is as it was, or a new
 * one, made once for all who wait for it. What is kept holds nothing of the request that it was
 * made for but what stands in the key: access, origin and encoding are each request's own affair.
 */
export interface KeptAnswers {
  readonly get: (key: string, reader: RequestReader, render: Render) => Awaitable<Body>;
  readonly counts: () => AnswerCounts;
}

export interface AnswerCounts {
  /** Answers that were given again. */
  readonly kept: number;
  readonly rendered: number;
  /** Of memory, now. */
  readonly bytes: number;
}

/** Bytes that an answer takes beside its key and its body. */
const OVERHEAD = 1_000;

interface Answer {
  readonly body: Body;
  readonly reads: readonly KeptRead[];
  readonly freshness: Freshness | undefined;
  /** Bytes for which it counts, as it was when it was last used. */
  size: number;
}

interface KeptRead {
  readonly service: string | undefined;
  /** What it gave; undefined: there is no such service. */
  readonly value: WeakRef<object> | undefined;
}

/**
 * What was read is left to the cache: an answer that nobody asks for any more would else keep all
 * instances as they once were.
 */
const keepRead = ({ service, value }: Read): KeptRead => ({
  service,
  value: value && new WeakRef(value),
});

/**
 * `budget`: bytes of keys, bodies and their compressed forms that are kept, these from their next
 * use on; of more, those go first that were asked for longest ago. The last one stays whatever its
 * size, since many may wait for it.
 */
export const createAnswers = (budget: number): KeptAnswers => {
  /** In the order of last use. */
  const kept = new Map<string, Answer>();
  const running = new Map<string, Promise<Answer>>();
  let size = 0;

  const drop = (key: string) => {
    size -= kept.get(key)?.size ?? 0;
    kept.delete(key);
  };
  const keep = (key: string, answer: Answer) => {
    drop(key);
    answer.size = sizeOf(key, answer);
    size += answer.size;
    kept.set(key, answer);
  };
  /** It goes last, and counts for what it takes by now. */
  const renew = (key: string, answer: Answer) => {
    // Nothing has to go soon.
    if (size <= budget / 2 && answer.size === sizeOf(key, answer)) return;
    keep(key, answer);
  };
  let [given, rendered] = [0, 0];
  const makeRoom = () => {
    for (const key of kept.keys()) {
      if (size <= budget || kept.size === 1) return;
      drop(key);
    }
  };

  const make = async (key: string, reader: RequestReader, read: Render): Promise<Answer> => {
    // What was read to see whether the last answer still holds is no part of this one.
    const before = reader.reads().length;
    const body = await render(await read(reader));
    rendered++;
    const reads = reader.reads().slice(before).map(keepRead);
    const answer = { body, reads, freshness: reader.freshness(), size: 0 };
    keep(key, answer);
    makeRoom();
    return answer;
  };

  const makeForAll: KeptAnswers['get'] = async (key, reader, read) => {
    const shared = running.get(key);
    if (shared) {
      const { body, freshness } = await shared;
      if (freshness) reader.note(freshness);
      given++;
      return body;
    }
    const made = make(key, reader, read).finally(() => running.delete(key));
    running.set(key, made);
    return (await made).body;
  };
  return {
    get(key, reader, read) {
      const known = kept.get(key);
      if (!known) return makeForAll(key, reader, read);
      return andThen(stillHolds(known, reader), (holds) => {
        if (!holds) return makeForAll(key, reader, read);
        renew(key, known);
        given++;
        return known.body;
      });
    },
    counts: () => ({ kept: given, rendered, bytes: size }),
  };
};

const sizeOf = (key: string, { body }: Answer) => key.length + body.size() + OVERHEAD;

/** Reads again what it was made from: from the cache, so that the registry is asked when due. */
const stillHolds = (answer: Answer, reader: RequestReader, from = 0): Awaitable<boolean> => {
  const read = answer.reads[from];
  if (!read) return true;
  const { service, value } = read;
  const found: Awaitable<object | undefined> =
    service === undefined ? reader.catalogue() : reader.instances(service);
  return andThen(found, (now) => {
    // What is no longer there has been replaced.
    if (now !== value?.deref() || (value && !now)) return false;
    return stillHolds(answer, reader, from + 1);
  });
};
