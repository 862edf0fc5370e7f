import type { ResolverRequest, ResolverResponse } from '../http/message.ts';
import { Problem } from '../http/problem.ts';
import type { Watch } from '../lookup/long-poll.ts';
import type { Reader } from '../lookup/request-reader.ts';
import type { PageSources, ReadPage } from '../page/page-data.ts';
import type { Access } from './access.ts';
import type { Parameter } from './validation.ts';

/** What the page is made from. */
export interface PageDesk {
  readonly sources: PageSources;
  readonly read: ReadPage;
}

/** What a handler is given. */
export interface Call {
  readonly request: ResolverRequest;
  /** `{name}`: one part of the path, decoded. `{path+}`: the rest of the path as it came, percent-encoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly reader: Reader;
  readonly watch: Watch;
  readonly access: Access;
  readonly page: PageDesk;
  /** In [0, 1). */
  readonly random: () => number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** JSON Schema, as OpenAPI 3.1 takes it. */
export type Schema = Readonly<Record<string, unknown>>;

export interface ResponseDoc {
  readonly description: string;
  /** By media type. */
  readonly content?: Readonly<Record<string, Schema>>;
}

export interface BodyDoc {
  readonly description: string;
  readonly required: boolean;
  /** By media type. */
  readonly content: Readonly<Record<string, Schema>>;
}

/** One path of the surface, with all that describes it: the OpenAPI document is made from these. */
export interface Route {
  /** GET answers HEAD too. ANY: every method. */
  readonly method: 'GET' | 'POST' | 'ANY';
  /** `/services/{name}`; `{path+}` at the end takes the rest, which may be empty or hold slashes. */
  readonly path: string;
  /** One `/` more at the end changes nothing. */
  readonly slashed?: true;
  readonly summary: string;
  /** Checked before the handler is called. */
  readonly parameters?: readonly Parameter[];
  /** A query key that is not listed is refused: a filter that is not known would filter nothing. Else it is ignored. */
  readonly exact?: true;
  readonly body?: BodyDoc;
  readonly responses: Readonly<Record<number, ResponseDoc>>;
  /** Answered without a token. */
  readonly free?: true;
  /** The page's cookie opens it too; whoever has neither it nor a token gets this answer, or undefined for the usual 401. */
  readonly signIn?: (call: Call) => Promise<ResolverResponse | undefined>;
  readonly handle: (call: Call) => ResolverResponse | Promise<ResolverResponse>;
}

export interface Matched {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the route, the first in order where several fit. A request that has none gets the problem to answer with: 400, 404 or 405. */
export const matchRoute = (
  routes: readonly Route[],
  request: Pick<ResolverRequest, 'method' | 'path'>,
): Matched | Problem => {
  const parts = splitPath(request.path);
  if (!parts) return new Problem(400, 'path: expected valid percent-encoding of UTF-8');
  const slashless = withoutSlash(parts);
  const fitting = routes.flatMap((route) => {
    const params = matchPath(route.path, route.slashed ? slashless : parts);
    return params ? [{ route, params }] : [];
  });
  const found = fitting.find(({ route }) => accepts(route, request.method));
  if (found) return found;
  if (fitting.length === 0) return new Problem(404, `No such path. ${whatThereIs(routes, parts)}`);
  const allow = [...new Set(fitting.flatMap(({ route }) => methodsOf(route)))].join(', ');
  return new Problem(405, `This path answers ${allow}.`, { allow });
};

interface Parts {
  readonly raw: readonly string[];
  readonly decoded: readonly string[];
}

/** The one place where a path is decoded, part by part, so that an encoded slash never separates. */
const splitPath = (path: string): Parts | undefined => {
  const raw = path.split('/').slice(1);
  try {
    return { raw, decoded: raw.map(decodeURIComponent) };
  } catch {
    return undefined;
  }
};

const withoutSlash = ({ raw, decoded }: Parts): Parts =>
  raw.at(-1) === '' ? { raw: raw.slice(0, -1), decoded: decoded.slice(0, -1) } : { raw, decoded };

/** The paths of the protocol that was meant: its clients mostly ask for what the server has and this one has not. */
const whatThereIs = (routes: readonly Route[], { decoded: [first = ''] }: Parts): string => {
  const beside = routes.map(({ path }) => path).filter((path) => path.split('/')[1] === first);
  return beside.length > 0 && first !== ''
    ? `Under /${first} there are: ${[...new Set(beside)].join(', ')}.`
    : 'GET /openapi.json says which there are.';
};

const matchPath = (pattern: string, parts: Parts): Record<string, string> | undefined => {
  const wanted = pattern.split('/').slice(1);
  const rest = /^\{(\w+)\+\}$/.exec(wanted.at(-1) ?? '')?.[1];
  const fixed = rest ? wanted.slice(0, -1) : wanted;
  if (rest ? parts.raw.length <= fixed.length : parts.raw.length !== fixed.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, want] of fixed.entries()) {
    const part = parts.decoded[at] ?? '';
    const name = /^\{(\w+)\}$/.exec(want)?.[1];
    if (name ? part === '' : part !== want) return undefined;
    if (name) params[name] = part;
  }
  if (rest) params[rest] = parts.raw.slice(fixed.length).join('/');
  return params;
};

const accepts = (route: Route, method: string) => route.method === 'ANY' || methodsOf(route).includes(method);

/** Of `ANY`, those that a description can name. */
const NAMED = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;

/** The methods that the route answers. */
export const methodsOf = ({ method }: Route): readonly string[] => {
  if (method === 'ANY') return NAMED;
  return method === 'GET' ? ['GET', 'HEAD'] : [method];
};
