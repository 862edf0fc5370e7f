import type { ResolveConfig } from '../config/config.ts';
import { errorText } from '../platform/error-text.ts';
import { createLogger, type Logger } from '../platform/log.ts';
import type { Directory } from '../registries/registry.ts';
import type { ResolverRequest, ResolverResponse } from './http/message.ts';
import { Problem, problemResponse, unavailable } from './http/problem.ts';
import { createAnswers } from './lookup/answers.ts';
import { SourceUnavailable } from './lookup/cache.ts';
import { createCachedDirectory } from './lookup/cached-directory.ts';
import { createFollower, type Follow } from './lookup/follower.ts';
import { createHolds, type HoldSettings, sleep as realSleep, shareOf } from './lookup/holds.ts';
import { createLongPoll } from './lookup/long-poll.ts';
import { createRequestReader } from './lookup/request-reader.ts';
import { answerMetrics, createMetrics, holdMetrics } from './metrics.ts';
import { createPageReader, type PageSources } from './page/page-data.ts';
import { createAccess, requireAccess } from './pipeline/access.ts';
import { addCorsHeaders, answerPreflight } from './pipeline/cors.ts';
import {
  addETag,
  addFreshness,
  compress,
  dropBodyOfHead,
  forbidSniffing,
} from './pipeline/finalize.ts';
import { createRouter } from './pipeline/router.ts';
import { validateQuery } from './pipeline/validation.ts';
import type { RequestContext, Resources } from './route.ts';
import { ROUTES } from './routes.ts';

/** Bytes of rendered answers that are kept. */
const KEPT = 64 * 1024 * 1024;

/** Answers every request; never rejects. */
export type Resolver = (request: ResolverRequest) => Promise<ResolverResponse>;

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
}

/** Answers in place of the handler, throws a Problem, or lets the request pass (undefined). */
type Guard = (
  context: RequestContext,
) => ResolverResponse | undefined | Promise<ResolverResponse | undefined>;
/** Changes an answer on its way out. */
type Finisher = (
  response: ResolverResponse,
  context: RequestContext,
) => ResolverResponse | Promise<ResolverResponse>;

/**
 * The read side for clients: one registry, cached, in every protocol. The way of a request:
 * route → guards → handler → finishers, each list in the order that stands here. Most handlers say
 * how an answer is rendered, and it is rendered where none is kept of the same data. Holds no
 * connection, and no timer but for requests that are held. Throws at once where access is by token
 * and the configuration has none.
 */
export const createResolver = (settings: ResolverSettings): Resolver => {
  const { config, directory, logger = SILENT } = settings;
  const { resources, cachedDirectory } = createResources(settings);

  const findRoute = createRouter(ROUTES);
  const guards: readonly Guard[] = [
    answerPreflight(config.corsOrigins),
    requireAccess,
    validateQuery(ROUTES),
  ];
  const finishers: readonly Finisher[] = [
    forbidSniffing,
    addCorsHeaders(config.corsOrigins),
    addFreshness,
    addETag,
    dropBodyOfHead,
    compress,
  ];

  const respond = async (context: RequestContext): Promise<ResolverResponse> => {
    for (const guard of guards) {
      const response = await guard(context);
      if (response) return response;
    }
    return context.route.handle(context);
  };

  return async (request) => {
    const reader = createRequestReader(cachedDirectory);
    const context: RequestContext = { ...resources, ...findRoute(request), request, reader };
    let response = await respond(context).catch((error: unknown) =>
      problemResponse(toProblem(error, { registry: directory.name, logger }), request.path),
    );
    for (const finish of finishers) response = await finish(response, context);
    resources.metrics.answered(context.route.path, response.status);
    return response;
  };
};

const SILENT = createLogger({ write: () => {} });

/** What is made once for the process. */
const createResources = ({
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
  const cachedDirectory = createCachedDirectory({
    directory: metrics.counting(directory),
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
        sleep,
      })
    : () => () => {};
  const resources: Resources = {
    access: createAccess({
      config,
      now,
      onFailure: (error) => warn('the token could not be read again', error),
    }),
    answers,
    holds,
    longPoll: createLongPoll({ directory: cachedDirectory, answers, holds, follow, now }),
    readPageData: createPageReader({
      sources,
      ttl: config.ttl,
      now,
      onFailure: (what, error) => warn(`the page: reading ${what} failed`, error),
    }),
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

interface Failing {
  readonly registry: string;
  readonly logger: Logger;
}

/** Whatever else was thrown than a Problem is a fault of our own, or the registry's being down. */
const toProblem = (error: unknown, { registry, logger }: Failing): Problem => {
  if (error instanceof Problem) return error;
  if (error instanceof SourceUnavailable)
    return unavailable(`The registry (${registry}) cannot be read at the moment.`);
  // With the stack: the fault is our own.
  const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  logger.error('the resolver failed', { error: text });
  return new Problem(500, 'The resolver failed; its log says why.');
};
