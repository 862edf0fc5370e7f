import { REVALIDATE, type ResolverRequest, type ResolverResponse } from '../http/message.ts';
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
export const keptList = async (
  { request, reader, answers }: Pick<RequestContext, 'request' | 'reader' | 'answers'>,
  render: Render,
  { type = 'application/json', headers = {} }: ListOptions = {},
): Promise<ResolverResponse> => ({
  status: 200,
  headers: { 'content-type': type, 'cache-control': REVALIDATE, ...headers },
  body: await answers.get(`${type} ${answerKey(request, isUnread)}`, reader, render),
});

/** Keys that begin with `_` only keep caches from answering. */
const isUnread = (key: string) => key.startsWith('_');

/** Requests with one key get the same answer: the path, and what is read of the query, in order. */
export const answerKey = (
  { path, rawQuery, query }: ResolverRequest,
  isIgnored: (key: string) => boolean,
): string => {
  const counted = rawQuery === '' ? [] : [...query].filter(([key]) => !isIgnored(key));
  if (counted.length === 0) return path;
  return `${path}?${new URLSearchParams(counted.sort(([a], [b]) => (a < b ? -1 : 1)))}`;
};
