import { type Awaitable, andThen, orElse } from '../platform/awaitable.ts';
import type { Logger } from '../platform/log.ts';
import type { Draft, ResolverRequest, ResolverResponse, SentResponse } from './http/message.ts';
import { Problem, problemResponse, unavailable } from './http/problem.ts';
import { SourceUnavailable } from './lookup/cache.ts';
import { RequestReader } from './lookup/request-reader.ts';
import { requireAccess, requireOrigin } from './pipeline/access.ts';
import { addCorsHeaders, answerPreflight } from './pipeline/cors.ts';
import {
  addETag,
  addFreshness,
  dropBodyOfHead,
  encode,
  forbidSniffing,
  varyByEncoding,
} from './pipeline/finalize.ts';
import { createRouter } from './pipeline/router.ts';
import { validateQuery } from './pipeline/validation.ts';
import { createResources, type ResolverSettings, SILENT } from './resources.ts';
import type { BodyDescription, Caller, RequestContext } from './route.ts';
import { ROUTES } from './routes.ts';

export type { ResolverSettings } from './resources.ts';

/** Answers every request, at once where the answer is kept; never rejects. */
export type Resolver = (request: ResolverRequest) => Awaitable<SentResponse>;

/** Answers in place of the handler, throws a Problem, or lets the request pass (undefined). */
type Guard = (context: RequestContext) => Awaitable<ResolverResponse | undefined>;
/** Changes an answer on its way out. */
type Finisher = (draft: Draft, context: RequestContext) => void;

/**
 * The read side for clients: one registry, cached, in every protocol. The way of a request:
 * route → guards → body → handler → finishers, each list in the order that stands here. Most
 * handlers say how an answer is rendered, and it is rendered where none is kept of the same data.
 * Holds no connection and no timer but for requests that are held. Throws at once where access is
 * by token and the configuration has none.
 */
export const createResolver = (settings: ResolverSettings): Resolver => {
  const { config, directory, logger = SILENT, requestLevel = 'debug' } = settings;
  const { resources, cachedDirectory } = createResources(settings);

  const findRoute = createRouter(ROUTES);
  const guards: readonly Guard[] = [
    requireOrigin,
    answerPreflight(config.corsOrigins),
    requireAccess,
    validateQuery(ROUTES),
  ];
  const finishers: readonly Finisher[] = [
    forbidSniffing,
    addCorsHeaders(config.corsOrigins),
    addFreshness,
    varyByEncoding,
    addETag,
    dropBodyOfHead,
  ];

  /** From the first guard on, or a later one. */
  const respond = (context: RequestContext, from = 0): Awaitable<ResolverResponse> => {
    const guard = guards[from];
    if (!guard) return handle(context);
    return andThen(guard(context), (given) => given ?? respond(context, from + 1));
  };

  /** The route and not the path: a client may put anything into that, its token too. */
  const logAnswer = ({ request, route, caller }: RequestContext, { status }: Draft) =>
    logger[requestLevel]('answered', {
      method: request.method,
      route: route.path,
      status,
      client: caller.name,
    });

  const toFailure = ({ target: { path } }: ResolverRequest, error: unknown): ResolverResponse =>
    problemResponse(toProblem(error, { registry: directory.name, logger }), path);

  return (request) => {
    const reader = new RequestReader(cachedDirectory);
    const caller: Caller = { name: undefined };
    const { route, params } = findRoute(request);
    const context: RequestContext = {
      ...resources,
      route,
      params,
      request,
      body: '',
      reader,
      caller,
    };
    const responded = orElse(
      () => respond(context),
      (error) => toFailure(request, error),
    );
    return andThen(responded, (response) => {
      const draft = { ...response, headers: { ...response.headers } };
      for (const finish of finishers) finish(draft, context);
      resources.metrics.answered(context.route.path, draft.status);
      logAnswer(context, draft);
      return encode(draft, context);
    });
  };
};

const handle = (context: RequestContext): Awaitable<ResolverResponse> => {
  const { route, request } = context;
  if (!route.body) return route.handle(context);
  return readBody(request, route.body).then((body) => route.handle({ ...context, body }));
};

interface Failing {
  readonly registry: string;
  readonly logger: Logger;
}

/** Only once the request may be answered, and has a route that takes one. */
const readBody = async (request: ResolverRequest, { most }: BodyDescription): Promise<string> => {
  const body = await request.readBody(most);
  if (body === undefined) throw new Problem(413, `body: expected at most ${most} bytes`);
  return body;
};

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
