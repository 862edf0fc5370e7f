import { memoizeTexts } from '../../platform/memoize.ts';
import type { Body } from './body.ts';

/** What stands in a request line, taken apart. Many requests share one, so nothing changes it. */
export interface RequestTarget {
  /** Percent-encoded as it came, without the query; starts with `/`. */
  readonly path: string;
  /** Percent-encoded as it came, without the `?`; empty if there is none. */
  readonly rawQuery: string;
  /** The same query, decoded. */
  readonly query: URLSearchParams;
}

/** One request as the resolver sees it, whether API Gateway or a plain HTTP server brought it. */
export interface ResolverRequest {
  /** In upper case. */
  readonly method: string;
  /** The same object for the same text, mostly: what is made of it alone is kept with it. */
  readonly target: RequestTarget;
  /** Names are in lower case. Repeated headers are joined by commas (`cookie`: by `; `). */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /**
   * The body as a text. It is read when it is asked for, once at most; undefined where it is longer
   * than `most` bytes.
   */
  readonly readBody: (most: number) => Promise<string | undefined>;
  /**
   * Aborts when the client has gone before it was answered, or when the process stops. A function,
   * since only requests that are held need one.
   */
  readonly signal?: (() => AbortSignal) | undefined;
}

type Headers = Readonly<Record<string, string>>;

export interface ResolverResponse {
  readonly status: number;
  /** Names are in lower case. */
  readonly headers: Headers;
  readonly body: string | Body;
  /** The values of `Set-Cookie`. */
  readonly cookies?: readonly string[];
}

/** An answer on its way out, which each step may change. */
export interface Draft {
  status: number;
  readonly headers: Record<string, string>;
  body: string | Body;
  readonly cookies?: readonly string[];
}

/** As it goes to the client: bytes where it was kept, or is compressed. */
export interface SentResponse extends Omit<ResolverResponse, 'body'> {
  readonly body: string | Buffer;
}

export interface RequestParts extends Pick<ResolverRequest, 'signal'> {
  readonly method: string;
  /** Path and query as they stand in the request line. */
  readonly target: string;
  /** Names are in lower case. */
  readonly headers?: ResolverRequest['headers'];
  /** Where it is there already. */
  readonly body?: string;
  /** Where it is not; without either there is none. */
  readonly readBody?: ResolverRequest['readBody'];
}

const bodyAtHand =
  (body: string): ResolverRequest['readBody'] =>
  async (most) =>
    Buffer.byteLength(body) > most ? undefined : body;

/** Clients ask for the same few things again and again: each is taken apart once. */
const toTarget = memoizeTexts(
  (text): RequestTarget => {
    const mark = text.indexOf('?');
    const rawQuery = mark < 0 ? '' : text.slice(mark + 1);
    return {
      path: mark < 0 ? text : text.slice(0, mark),
      rawQuery,
      query: new URLSearchParams(rawQuery),
    };
  },
  { most: 1_000, longest: 512 },
);

export const toRequest = ({
  method,
  target,
  headers = {},
  body = '',
  readBody = bodyAtHand(body),
  signal,
}: RequestParts): ResolverRequest => ({
  method: method.toUpperCase(),
  target: toTarget(target),
  headers,
  readBody,
  signal,
});

/** `cache-control` of lists and documents: kept, but used only after asking again (by ETag). */
export const REVALIDATE = 'private, no-cache';

/** Headers of an answer that must not be kept, such as a random choice. */
export const NO_STORE = { 'cache-control': 'no-store' };

/** A 200 with JSON. Clients may keep it and ask again by its ETag, unless `headers` forbid it. */
export const json = (value: unknown, headers: Headers = {}): ResolverResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json', 'cache-control': REVALIDATE, ...headers },
  body: JSON.stringify(value),
});

/** Puts one more name into `vary`. */
export const addVary = (headers: Draft['headers'], name: string): void => {
  headers['vary'] = headers['vary'] ? `${headers['vary']}, ${name}` : name;
};

/**
 * Escapes what may not stand in a URL's path, and leaves existing escapes alone. API Gateway's HTTP
 * APIs hand over decoded paths, function URLs and plain servers encoded ones: this is right for
 * both.
 */
export const escapePath = (path: string) => escapeQuery(path).replaceAll('?', '%3F');

/** The same for a query: control characters, spaces, non-ASCII, and a `%` that begins no escape. */
export const escapeQuery = (text: string) =>
  text.toWellFormed().replace(/%(?![0-9A-Fa-f]{2})|[^!$-;=?-[\]_a-z~]/gu, encodeURIComponent);
