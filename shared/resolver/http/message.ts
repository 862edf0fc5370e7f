/** One request as the resolver sees it, whether it came through API Gateway or a plain HTTP server. */
export interface ResolverRequest {
  readonly method: string;
  /** Percent-encoded as it came, without query, starting with `/`. */
  readonly path: string;
  /** Percent-encoded as it came, without the `?`; empty if there is none. */
  readonly rawQuery: string;
  /** The same, decoded. */
  readonly query: URLSearchParams;
  /** Names in lower case; a repeated header is one value, joined by commas (`cookie`: by `; `). */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  /** Aborts when nobody waits for the answer any more, or nobody may. */
  readonly signal?: AbortSignal;
}

export interface ResolverResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body is base64 of bytes. */
  readonly base64?: true;
  /** One `Set-Cookie` each. */
  readonly cookies?: readonly string[];
}

export interface RequestParts {
  readonly method: string;
  /** Path and query as they stand in the request line. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export const toRequest = ({ method, target, headers = {}, body, signal }: RequestParts): ResolverRequest => {
  const mark = target.indexOf('?');
  const rawQuery = mark < 0 ? '' : target.slice(mark + 1);
  return {
    method: method.toUpperCase(),
    path: mark < 0 ? target : target.slice(0, mark),
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    ...(body !== undefined && { body }),
    ...(signal && { signal }),
  };
};

/** What clients may keep, and must ask again about before they use it: a catalogue that is seconds old is wrong. */
export const REVALIDATE = 'private, no-cache';

/** A body that is a list or a document: revalidated by its ETag. */
export const json = (value: unknown, headers: Readonly<Record<string, string>> = {}): ResolverResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json', 'cache-control': REVALIDATE, ...headers },
  body: JSON.stringify(value),
});
