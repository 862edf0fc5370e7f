import { type Awaitable, andThen } from '../../platform/awaitable.ts';
import { memoize } from '../../platform/memoize.ts';
import { REVALIDATE, type RequestTarget, type ResolverResponse } from '../http/message.ts';
import type { Render } from '../lookup/answers.ts';
import type { RequestContext } from '../route.ts';

export interface ListOptions {
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A 200 with a body that is rendered once for all who ask for the same. Clients may keep it, and
 * ask again by its ETag.
 */
export const keptList = (
  { request, reader, answers }: Pick<RequestContext, 'request' | 'reader' | 'answers'>,
  render: Render,
  { type = 'application/json', headers = {} }: ListOptions = {},
): Awaitable<ResolverResponse> =>
  andThen(answers.get(`${type} ${answerKey(request.target)}`, reader, render), (body) => ({
    status: 200,
    headers: { ...headers, 'content-type': type, 'cache-control': REVALIDATE },
    body,
  }));

/**
 * Requests with one key get the same answer: the path, and what is read of the query, in order.
 * `isIgnored`: whether a key of the query is not read.
 */
export const answerKeys = (isIgnored: (key: string) => boolean) =>
  memoize(({ path, query }: RequestTarget): string => {
    const counted = [...query].filter(([key]) => !isIgnored(key));
    if (counted.length === 0) return path;
    return `${path}?${new URLSearchParams(counted.sort(([a], [b]) => (a < b ? -1 : 1)))}`;
  });

/** Keys that begin with `_` only keep caches from answering. */
const answerKey = answerKeys((key) => key.startsWith('_'));
