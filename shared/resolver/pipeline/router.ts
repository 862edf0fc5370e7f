import { memoize } from '../../platform/memoize.ts';
import type { RequestTarget, ResolverRequest } from '../http/message.ts';
import { Problem } from '../http/problem.ts';
import type { RequestContext, Route } from '../route.ts';

export type RouteMatch = Pick<RequestContext, 'route' | 'params'>;

/**
 * Finds a request's route, the first in order where several match. Where none does, the match is a
 * route that answers with the problem (400, 404 or 405), and needs the token as others do.
 */
export const createRouter = (routes: readonly Route[]) => {
  const candidates = byFirstPart(routes.map(compile));
  const paths = [...new Set(routes.map(({ path }) => path))];

  /** By any method; undefined: it is not a valid path. */
  const matchesOf = memoize(({ path }: RequestTarget) => {
    const parts = splitPath(path);
    if (!parts) return undefined;
    const withoutSlash = dropLastSlash(parts);
    return candidates(parts.decoded[0] ?? '').flatMap(({ route, pattern, methods }) => {
      const params = matchPath(pattern, route.optionalSlash ? withoutSlash : parts);
      return params ? [{ route, methods, params }] : [];
    });
  });

  return ({ method, target }: Pick<ResolverRequest, 'method' | 'target'>): RouteMatch => {
    const matches = matchesOf(target);
    if (!matches) return refuse(new Problem(400, 'path: expected valid percent-encoding of UTF-8'));
    const found = matches.find(
      ({ route, methods }) => route.method === 'ANY' || methods.includes(method),
    );
    if (found) return found;
    if (matches.length === 0)
      return refuse(new Problem(404, `No such path. ${hint(paths, target.path)}`));
    const allow = [...new Set(matches.flatMap(({ methods }) => methods))].join(', ');
    return refuse(new Problem(405, `This path answers ${allow}.`, { allow }));
  };
};

const refuse = (problem: Problem): RouteMatch => ({
  params: {},
  route: {
    method: 'ANY',
    path: '',
    summary: 'A request that no route answers.',
    responses: {},
    handle: () => {
      throw problem;
    },
  },
});

/** `ANY` has more, but a description can name only these. */
const NAMED_METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
] as const;

/** The methods that the route answers. */
export const methodsOf = ({ method }: Route): readonly string[] => {
  if (method === 'ANY') return NAMED_METHODS;
  return method === 'GET' ? ['GET', 'HEAD'] : [method];
};

/** A path template such as `/go/{name}/{path+}`, taken apart once. */
interface PathPattern {
  readonly segments: readonly { readonly kind: 'literal' | 'parameter'; readonly text: string }[];
  /** The parameter that takes the rest of the path. */
  readonly rest: string | undefined;
}

interface CompiledRoute {
  readonly route: Route;
  readonly methods: readonly string[];
  readonly pattern: PathPattern;
}

const compile = (route: Route): CompiledRoute => ({
  route,
  methods: methodsOf(route),
  pattern: compilePath(route.path),
});

/** The routes that a path with this first part can match, in the order of the table. */
const byFirstPart = (all: readonly CompiledRoute[]) => {
  const firstOf = ({ pattern: { segments } }: CompiledRoute) =>
    segments[0]?.kind === 'literal' ? segments[0].text : undefined;
  const startingWith = (first: string | undefined) =>
    all.filter((one) => [first, undefined].includes(firstOf(one)));
  const known = new Map(all.map(firstOf).map((first) => [first, startingWith(first)]));
  const others = startingWith(undefined);
  return (first: string) => known.get(first) ?? others;
};

const compilePath = (path: string): PathPattern => {
  const parts = path.split('/').slice(1);
  const rest = /^\{(\w+)\+\}$/.exec(parts.at(-1) ?? '')?.[1];
  const segments = (rest ? parts.slice(0, -1) : parts).map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    return name
      ? ({ kind: 'parameter', text: name } as const)
      : ({ kind: 'literal', text: part } as const);
  });
  return { segments, rest };
};

interface PathParts {
  readonly raw: readonly string[];
  readonly decoded: readonly string[];
}

/** The only place where a path is decoded: part by part, so that `%2F` separates nothing. */
const splitPath = (path: string): PathParts | undefined => {
  const raw = path.split('/').slice(1);
  if (!path.includes('%')) return { raw, decoded: raw };
  try {
    return { raw, decoded: raw.map(decodeURIComponent) };
  } catch {
    return undefined;
  }
};

const dropLastSlash = ({ raw, decoded }: PathParts): PathParts =>
  raw.at(-1) === '' ? { raw: raw.slice(0, -1), decoded: decoded.slice(0, -1) } : { raw, decoded };

/** The path's parameters; undefined if it does not match. Only the rest may be empty. */
const matchPath = ({ segments, rest }: PathPattern, { raw, decoded }: PathParts) => {
  const { length } = segments;
  if (rest ? raw.length <= length : raw.length !== length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, { kind, text }] of segments.entries()) {
    const part = decoded[at] ?? '';
    if (kind === 'literal' ? part !== text : part === '') return undefined;
    if (kind === 'parameter') params[text] = part;
  }
  if (rest) params[rest] = raw.slice(length).join('/');
  return params;
};

/** Names the paths of the same protocol: its clients mostly ask for what only its server has. */
const hint = (paths: readonly string[], path: string): string => {
  const [first = ''] = splitPath(path)?.decoded ?? [];
  const beside = first === '' ? [] : paths.filter((path) => path.split('/')[1] === first);
  return beside.length > 0
    ? `Under /${first} there are: ${beside.join(', ')}.`
    : 'GET /openapi.json says which there are.';
};
