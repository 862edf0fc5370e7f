import { NO_STORE, type ResolverResponse } from './message.ts';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

/** Seconds after which a client may ask again: about as long as an answer is cached. */
const RETRY_AFTER = 5;

/** An error answer. Thrown wherever the error is found; `detail` is shown to the client. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }
}

/** A 503 with `Retry-After`. */
export const unavailable = (detail: string) =>
  new Problem(503, detail, { 'retry-after': String(RETRY_AFTER) });

/** The problem as `application/problem+json` (RFC 9457). `path` is the request's, as it came. */
export const problemResponse = (
  problem: Problem,
  path: string,
): ResolverResponse & { readonly body: string } => ({
  status: problem.status,
  headers: {
    'content-type': 'application/problem+json',
    ...NO_STORE,
    // Also set by the pipeline, but the adapters send problems that have not passed through it.
    'x-content-type-options': 'nosniff',
    ...problem.headers,
  },
  body: JSON.stringify({
    type: 'about:blank',
    title: TITLES[problem.status] ?? 'Error',
    status: problem.status,
    detail: problem.message,
    instance: path,
  }),
});

/** Text from outside for an error message: in quotes, control characters escaped, shortened. */
export const quote = (text: string) => JSON.stringify(shorten(text));

/** The same without quotes, for text that is JSON already. At most 100 characters are kept. */
export const shorten = (text: string) => (text.length > 100 ? `${text.slice(0, 100)}…` : text);
