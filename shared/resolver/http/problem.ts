import type { ResolverResponse } from './message.ts';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

/** Seconds until it is worth asking again: an answer is cached about that long. */
const RETRY_AFTER = 5;

/** An answer that is an error, thrown from wherever it is found. `detail` is shown to the client. */
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

export const unavailable = (detail: string) =>
  new Problem(503, detail, { 'retry-after': String(RETRY_AFTER) });

/** RFC 9457. `path` is the request's, as it came. */
export const problemResponse = (problem: Problem, path: string): ResolverResponse => ({
  status: problem.status,
  headers: {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    // Not every problem passes by what finishes the answers.
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

/** Text from outside, fit for an error message. */
export const quote = (text: string) => JSON.stringify(shorten(text));

/** Of JSON from outside, which needs no quotes around it. */
export const shorten = (text: string) => (text.length > 100 ? `${text.slice(0, 100)}…` : text);
