import type { ResolveConfig } from '../config/config.ts';
import { errorText } from '../platform/error-text.ts';
import { createLogger, type Logger, type LogLevel } from '../platform/log.ts';
import type { Directory } from '../registries/registry.ts';
import { createAnswers } from './lookup/answers.ts';
import { createCachedDirectory } from './lookup/cached-directory.ts';
import { createFollower, type Follow } from './lookup/follower.ts';
import { createHolds, type HoldSettings, sleep as realSleep, shareOf } from './lookup/holds.ts';
import { createLongPoll } from './lookup/long-poll.ts';
import { createWithholdTarget, withoutWithheld } from './lookup/withhold.ts';
import { answerMetrics, createMetrics, holdMetrics } from './metrics.ts';
import { createPageReader, type PageSources } from './page/page-data.ts';
import { createAccess } from './pipeline/access.ts';
import type { Resources } from './route.ts';

export interface ResolverSettings {
  readonly config: ResolveConfig;
  /** The registry that is read for clients. */
  readonly directory: Directory;
  /** What the page at `/` shows besides; without it, this one directory. */
  readonly page?: PageSources;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** In [0, 1). */
  readonly random?: () => number;
  /** Requests that the process answers at the same time: 1 on Lambda. */
  readonly concurrency?: number;
  /**
   * Let the registry tell of changes that held requests wait for. Not on Lambda, which freezes
   * whatever goes on between two requests.
   */
  readonly followsChanges?: boolean;
  readonly sleep?: HoldSettings['sleep'];
  /** Writes nothing unless given. */
  readonly logger?: Logger;
  /** The level of the line that tells of each answer; `debug` unless given. */
  readonly requestLevel?: LogLevel;
}

/** Bytes of rendered answers that are kept. */
const KEPT = 64 * 1024 * 1024;

export const SILENT = createLogger({ write: () => {} });

/** What is made once for the process. */
export const createResources = ({
  config,
  directory,
  page: sources = {
    owner: '',
    directories: async () => [directory],
    summary: async () => undefined,
  },
  now = Date.now,
  random = Math.random,
  concurrency = 1,
  followsChanges = false,
  sleep = realSleep,
  logger = SILENT,
}: ResolverSettings) => {
  const warn = (message: string, error: unknown) =>
    logger.warn(message, { error: errorText(error) });
  const metrics = createMetrics(now, () => [...holdMetrics(holds), ...answerMetrics(answers)]);
  const withhold = createWithholdTarget(config.addresses ?? {});
  const cachedDirectory = createCachedDirectory({
    directory: withoutWithheld(metrics.counting(directory), withhold),
    ttl: config.ttl,
    now,
    onFailure: (what, error) => warn(`${directory.name}: reading ${what} failed`, error),
  });
  const answers = createAnswers(KEPT);
  const holds = createHolds({
    wait: config.wait,
    slots: shareOf(concurrency, config.held, random),
    now,
    random,
    sleep,
  });
  const follow: Follow = followsChanges
    ? createFollower({
        directory,
        renew: cachedDirectory.renew,
        onChange: () => void holds.wake(),
        now,
        sleep,
      })
    : () => () => {};
  const resources: Resources = {
    access: createAccess({
      config,
      now,
      onFailure: (error) => warn('the token could not be read again', error),
      onTokenInQuery: (client) =>
        logger.warn(
          'a token came in a query (?token=), which logs of proxies keep: send it as X-Consul-Token',
          { client },
        ),
    }),
    answers,
    holds,
    longPoll: createLongPoll({ directory: cachedDirectory, answers, holds, follow, now }),
    readPageData: createPageReader({
      sources,
      own: { name: directory.name, cached: cachedDirectory },
      ttl: config.ttl,
      now,
      onFailure: (what, error) => warn(`the page: reading ${what} failed`, error),
    }),
    withhold,
    metrics,
    untilReady: untilFirst(async () => void (await cachedDirectory.catalogue())),
    random,
    now,
  };
  return { resources, cachedDirectory };
};

/** Does it until it has succeeded once. */
const untilFirst = (act: () => Promise<void>) => {
  let isDone = false;
  return async () => {
    if (!isDone) await act();
    isDone = true;
  };
};
