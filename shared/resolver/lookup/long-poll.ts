import { digestOf } from '../http/body.ts';
import type { Answers, Render } from './answers.ts';
import type { CachedDirectory } from './cached-directory.ts';
import {
  createChangeIndexes,
  digestIn,
  isPlausible,
  secondIn,
  toDigest,
  toSecond,
} from './change-index.ts';
import { createRequestReader, type Freshness } from './request-reader.ts';

const timers = process.getBuiltinModule('node:timers/promises');

/** A client that wants an answer only when it is another than the one it has. */
export interface LongPollRequest {
  /** One for each answer: the path, and the part of the query that the answer depends on. */
  readonly key: string;
  /** The index of the client's answer; 0: it wants an answer now. */
  readonly index: number;
  /** Milliseconds that the client is willing to wait; undefined: as long as it may. */
  readonly wait: number | undefined;
  /** Ends the wait: the client has gone, or the process is to stop. Asked for only to wait. */
  readonly signal: (() => AbortSignal) | undefined;
  readonly render: Render;
}

export interface LongPollAnswer {
  readonly body: Buffer;
  /** Above 0, and never below the client's; the client's own where nothing is new to it. */
  readonly index: number;
  readonly freshness: Freshness;
  /** It was not held, since too many are: the client is asked to pause. */
  readonly busy: boolean;
}

export type LongPoll = (request: LongPollRequest) => Promise<LongPollAnswer>;

export interface LongPollSettings {
  readonly directory: CachedDirectory;
  readonly answers: Answers;
  /** Seconds that a request is held at most; 0: none is held. */
  readonly wait: number;
  /** Requests that are held at the same time. */
  readonly slots: number;
  readonly now: () => number;
  /** Milliseconds. Ends early, and never rejects, when the signal aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** Milliseconds between two reads for a held request. They read the cache, not the registry. */
const POLL_INTERVAL = 1_000;
const KEYS_HELD = 1_000;

/** An answer as it was read at one moment. */
interface Version {
  readonly body: Buffer;
  readonly digest: number;
  readonly freshness: Freshness;
  /** When its oldest part was read from the registry. */
  readonly second: number;
}

interface HoldOptions {
  readonly until: number;
  readonly isNew: (version: Version) => boolean;
}

/** Long polls over the cached directory. Those that wait for the same answer share it. */
export const createLongPoll = ({
  directory,
  answers,
  wait,
  slots,
  now,
  sleep,
}: LongPollSettings): LongPoll => {
  const indexes = createChangeIndexes(KEYS_HELD);
  let held = 0;

  const read = async ({ key, render }: LongPollRequest): Promise<Version> => {
    const reader = createRequestReader(directory);
    const body = await answers(key, reader, render);
    const freshness = reader.freshness() ?? { age: 0, stale: false };
    return {
      body,
      digest: toDigest(digestOf(body)),
      freshness,
      second: toSecond(now() - freshness.age),
    };
  };

  /** Keeps no answer while it waits: thousands of requests may wait for a large one. */
  const hold = async (
    request: LongPollRequest,
    { until, isNew }: HoldOptions,
  ): Promise<Version> => {
    const signal = request.signal?.();
    for (;;) {
      const version = await read(request);
      if (isNew(version) || now() >= until || signal?.aborted) return version;
      await sleep(Math.min(POLL_INTERVAL, until - now()), signal);
    }
  };

  return async (request) => {
    const { key } = request;
    const client = isPlausible(request.index, now()) ? request.index : 0;
    // Another process may have read later than this one. So until this process has seen the
    // client's answer, only what was read later than that is new to the client; from then on all
    // else is.
    let caughtUp = indexes.last(key) === client;
    const isNew = ({ digest, second }: Version) => {
      if (digest !== digestIn(client)) return caughtUp || second > secondIn(client);
      caughtUp = true;
      return false;
    };
    // Set before the first read, which may take seconds.
    const until = now() + Math.min(request.wait ?? Infinity, wait * 1000);
    let version = await read(request);
    const waits = client > 0 && !isNew(version);
    const busy = waits && (wait === 0 || held >= slots);
    if (waits && !busy) {
      held++;
      try {
        version = await hold(request, { until, isNew });
      } finally {
        held--;
      }
    }
    const { body, freshness, digest } = version;
    if (client === 0 || isNew(version))
      return { body, index: indexes.next(key, version, client), freshness, busy };
    if (digest === digestIn(client)) indexes.adopt(key, client);
    return { body, index: client, freshness, busy };
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

/** `LongPollSettings.sleep` in real time. */
export const sleep: LongPollSettings['sleep'] = (milliseconds, signal) =>
  timers.setTimeout(milliseconds, undefined, { signal }).catch(() => {});
