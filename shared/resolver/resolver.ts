import type { ResolveConfig } from '../config/config.ts';
import type { Directory } from '../registries/registry.ts';
import type { ResolverRequest, ResolverResponse } from './http/message.ts';
import { Problem, problemResponse, unavailable } from './http/problem.ts';
import { SourceUnavailable } from './lookup/cache.ts';
import { createCatalogue } from './lookup/cached-directory.ts';
import { createWatch, type WatchSettings } from './lookup/long-poll.ts';
import { createReader, type Reader } from './lookup/request-reader.ts';
import { createReading, type PageSources } from './page/page-data.ts';
import { createAccess } from './pipeline/access.ts';
import { compress } from './pipeline/compress.ts';
import { preflight } from './pipeline/cors.ts';
import { finish } from './pipeline/finalize.ts';
import { type Call, matchRoute, type Route } from './pipeline/router.ts';
import { checkQuery } from './pipeline/validation.ts';
import { ROUTES } from './routes.ts';

export interface ResolverSettings {
  readonly config: ResolveConfig;
  readonly directory: Directory;
  /** What the page at `/` shows besides; without it, this one directory. */
  readonly page?: PageSources;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** In [0, 1). */
  readonly random?: () => number;
  /** Requests that the process answers at once: 1 on Lambda. */
  readonly concurrency?: number;
  readonly sleep?: WatchSettings['sleep'];
  readonly log?: (entry: ResolverLogEntry) => void;
}

/** One line of a log. `error` is text, since an Error becomes `{}` in JSON; with a stack where the fault is our own. */
export interface ResolverLogEntry {
  readonly level: 'warn' | 'error';
  readonly message: string;
  readonly error: string;
}

/** Answers every request; never rejects. */
export type Resolver = (request: ResolverRequest) => Promise<ResolverResponse>;

/**
 * The read side for clients: one registry, cached, in every dialect. Holds no connection, and no timer but for those who wait.
 * Throws at once where access is by token and the configuration has none.
 */
export const createResolver = ({
  config,
  directory,
  page: sources = { owner: '', directories: async () => [directory], summary: async () => undefined },
  now = Date.now,
  random = Math.random,
  concurrency = 1,
  sleep = sleepUntil,
  log = () => {},
}: ResolverSettings): Resolver => {
  const warn = (message: string) => (error: unknown) => log({ level: 'warn', message, error: String(error) });
  const access = createAccess({ config, now, onFailure: warn('the token could not be read again') });
  const catalogue = createCatalogue({
    directory,
    ttl: config.ttl,
    now,
    onFailure: (what, error) => warn(`${directory.name}: reading ${what} failed`)(error),
  });
  const page = {
    sources,
    read: createReading({
      sources,
      ttl: config.ttl,
      now,
      onFailure: (what, error) => warn(`the page: reading ${what} failed`)(error),
    }),
  };

  // Of one place, half is one in every second process: what a function's share comes to over all its environments.
  const share = (concurrency * config.held) / 100;
  const places = Math.floor(share) + (share % 1 > 0 && random() < share % 1 ? 1 : 0);
  const watch = createWatch({ catalogue, wait: config.wait, places, now, sleep });

  const route = async (request: ResolverRequest, reader: Reader): Promise<ResolverResponse> => {
    const asked = preflight(request, config.corsOrigins);
    if (asked) return asked;
    const matched = matchRoute(ROUTES, request);
    // Who may not read does not learn what paths there are.
    if (matched instanceof Problem) {
      await access.check(request, false);
      throw matched;
    }
    const { route, params } = matched;
    const call: Call = { request, params, reader, watch, access, page, random, now };
    const refused = await refusal(call, route);
    if (refused) return refused;
    checkQuery(route, request.query);
    return route.handle(call);
  };

  /** For a person the form instead of the 401. */
  const refusal = async (call: Call, { free, signIn }: Route): Promise<ResolverResponse | undefined> => {
    if (free) return undefined;
    try {
      await access.check(call.request, signIn !== undefined);
      return undefined;
    } catch (error) {
      const form = error instanceof Problem ? await signIn?.(call) : undefined;
      if (form) return form;
      throw error;
    }
  };

  const toProblem = (error: unknown): Problem => {
    if (error instanceof Problem) return error;
    if (error instanceof SourceUnavailable)
      return unavailable(`The registry (${directory.name}) cannot be read at the moment.`);
    const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
    log({ level: 'error', message: 'the resolver failed', error: text });
    return new Problem(500, 'The resolver failed; its log says why.');
  };

  return async (request) => {
    const reader = createReader(catalogue);
    const response = await route(request, reader).catch((error: unknown) =>
      problemResponse(toProblem(error), request.path),
    );
    const { corsOrigins } = config;
    return compress(finish(response, { request, freshness: reader.freshness(), corsOrigins }), request);
  };
};

const sleepUntil: WatchSettings['sleep'] = (milliseconds, signal) =>
  new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener('abort', end);
  });
