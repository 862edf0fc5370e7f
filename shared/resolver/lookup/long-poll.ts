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
import { type Freshness, RequestReader } from './request-reader.ts';

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
  /** What it was read with. */
  readonly reader: RequestReader;
  /** When its oldest part was read from the registry. */
  readonly second: number;
}

/** A request, and what is known of its client. */
interface Poll {
  readonly request: LongPollRequest;
  /** The index of the client's answer; 0: it has none, or not one of ours. */
  readonly client: number;
  /**
   * Another process may have read later than this one. So until this process has seen the client's
   * answer, only what was read later than that is new to the client; from then on all else is.
   */
  caughtUp: boolean;
  /** Set before the first read, which may take seconds. */
  readonly until: number;
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
    const reader = new RequestReader(directory);
    return andThen(answers.get(key, reader, render), (body) => {
      const freshness = reader.freshness() ?? { age: 0, stale: false };
      const second = toSecond(now() - freshness.age);
      return { body, digest: toDigest(body.digest), freshness, reader, second };
    });
  };

  const isNew = (poll: Poll, { digest, second }: Version) => {
    if (digest !== digestIn(poll.client)) return poll.caughtUp || second > secondIn(poll.client);
    poll.caughtUp = true;
    return false;
  };

  const hold = (poll: Poll, { reader }: Version): Promise<Version> => {
    const unfollow = reader.reads().map(({ service }) => follow(service));
    return holds
      .hold(poll.request, poll.until, async () => {
        const value = await read(poll.request);
        return { value, isNew: isNew(poll, value) };
      })
      .finally(() => unfollow.map((end) => end()));
  };

  const toAnswer = (poll: Poll, version: Version, busy: boolean): LongPollAnswer => {
    const { body, freshness, digest } = version;
    const { client } = poll;
    const { key } = poll.request;
    if (client === 0 || isNew(poll, version))
      return { body, index: indexes.next(key, version, client), freshness, busy };
    if (digest === digestIn(client)) indexes.adopt(key, client);
    return { body, index: client, freshness, busy };
  };

  return (request) => {
    const client = isPlausible(request.index, now()) ? request.index : 0;
    const caughtUp = indexes.last(request.key) === client;
    const poll: Poll = { request, client, caughtUp, until: holds.deadline(request) };
    return andThen(read(request), (version) => {
      const waits = client > 0 && !isNew(poll, version);
      if (!waits || !holds.isOpen) return toAnswer(poll, version, waits);
      return hold(poll, version).then((seen) => toAnswer(poll, seen, false));
    });
  };
};
