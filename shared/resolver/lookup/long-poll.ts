import { type Awaitable, andThen } from '../../platform/awaitable.ts';
import type { Body } from '../http/body.ts';
import type { KeptAnswers, Render } from './answers.ts';
import type { CachedDirectory } from './cached-directory.ts';
import {
  createChangeIndexes,
  digestIn,
  isPlausible,
  secondIn,
  toDigest,
  toSecond,
} from './change-index.ts';
import type { Follow } from './follower.ts';
import type { HoldRequest, Holds } from './holds.ts';
import { createRequestReader, type Freshness, type Read } from './request-reader.ts';

/** A client that wants an answer only when it is another than the one it has. */
export interface LongPollRequest extends HoldRequest {
  /** One for each answer: the path, and the part of the query that the answer depends on. */
  readonly key: string;
  /** The index of the client's answer; 0: it wants an answer now. */
  readonly index: number;
  readonly render: Render;
}

export interface LongPollAnswer {
  readonly body: Body;
  /** Above 0, and never below the client's; the client's own where nothing is new to it. */
  readonly index: number;
  readonly freshness: Freshness;
  /** It was not held, since none may be: the client is asked to pause. */
  readonly busy: boolean;
}

/** At once, where the answer is kept and the client has not got it. */
export type LongPoll = (request: LongPollRequest) => Awaitable<LongPollAnswer>;

export interface LongPollSettings {
  readonly directory: CachedDirectory;
  readonly answers: KeptAnswers;
  readonly holds: Holds;
  readonly follow: Follow;
  readonly now: () => number;
}

const KEYS_HELD = 1_000;

/** An answer as it was read at one moment. */
interface Version {
  readonly body: Body;
  readonly digest: number;
  readonly freshness: Freshness;
  readonly reads: () => readonly Read[];
  /** When its oldest part was read from the registry. */
  readonly second: number;
}

/** Long polls over the cached directory. Those that wait for the same answer share it. */
export const createLongPoll = ({
  directory,
  answers,
  holds,
  follow,
  now,
}: LongPollSettings): LongPoll => {
  const indexes = createChangeIndexes(KEYS_HELD);

  const read = ({ key, render }: LongPollRequest): Awaitable<Version> => {
    const reader = createRequestReader(directory);
    return andThen(answers.get(key, reader, render), (body) => {
      const freshness = reader.freshness() ?? { age: 0, stale: false };
      return {
        body,
        digest: toDigest(body.digest),
        freshness,
        reads: reader.reads,
        second: toSecond(now() - freshness.age),
      };
    });
  };

  return (request) => {
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
    const until = holds.deadline(request);
    const hold = (version: Version): Promise<Version> => {
      const unfollow = version.reads().map(({ service }) => follow(service));
      return holds
        .hold(request, until, async () => {
          const value = await read(request);
          return { value, isNew: isNew(value) };
        })
        .finally(() => unfollow.map((end) => end()));
    };
    const toAnswer = (version: Version, busy: boolean): LongPollAnswer => {
      const { body, freshness, digest } = version;
      if (client === 0 || isNew(version))
        return { body, index: indexes.next(key, version, client), freshness, busy };
      if (digest === digestIn(client)) indexes.adopt(key, client);
      return { body, index: client, freshness, busy };
    };
    return andThen(read(request), (version) => {
      const waits = client > 0 && !isNew(version);
      if (!waits || !holds.isOpen) return toAnswer(version, waits);
      return hold(version).then((seen) => toAnswer(seen, false));
    });
  };
};
