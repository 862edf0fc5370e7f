import { compressed, digestOf } from '../http/body.ts';
import {
  addVary,
  REVALIDATE,
  type ResolverResponse,
  type SentResponse,
  withHeaders,
} from '../http/message.ts';
import type { Freshness } from '../lookup/request-reader.ts';
import type { RequestContext } from '../route.ts';

/** The steps that every answer passes on its way out, errors included. */

export const forbidSniffing = (response: ResolverResponse): ResolverResponse =>
  withHeaders(response, { 'x-content-type-options': 'nosniff' });

/** Says how old the data is that the request has read, and whether the registry is down. */
export const addFreshness = (
  response: ResolverResponse,
  { reader }: Pick<RequestContext, 'reader'>,
): ResolverResponse => {
  const freshness = reader.freshness();
  return freshness ? withHeaders(response, freshnessHeaders(freshness)) : response;
};

/** With the registry down the status is still that of the last good answer: only these tell. */
export const freshnessHeaders = ({ age, stale }: Freshness): Readonly<Record<string, string>> => ({
  age: String(Math.floor(Math.max(age, 0) / 1000)),
  ...(stale && { warning: '111 - "Revalidation Failed"', 'x-rollcall-stale': 'true' }),
});

/** An ETag for answers that clients may keep; a 304 where the client has the answer already. */
export const addETag = (
  response: ResolverResponse,
  { request }: Pick<RequestContext, 'request'>,
): ResolverResponse => {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const mayBeKept = response.status === 200 && response.headers['cache-control'] === REVALIDATE;
  if (!reads || !mayBeKept) return response;
  const etag = response.headers['etag'] ?? weakTagOf(response);
  const tagged = withHeaders(response, { etag });
  const isKnown = matchesTag(request.headers['if-none-match'], etag);
  return isKnown ? withoutBody({ ...tagged, status: 304 }) : tagged;
};

/** Weak, since the same answer may be sent compressed. */
const weakTagOf = ({ body }: ResolverResponse) => {
  const digest = typeof body === 'string' ? digestOf(body) : body.digest;
  return `W/"${digest.toString('base64url').slice(0, 22)}"`;
};

const matchesTag = (ifNoneMatch: string | undefined, tag: string) => {
  const opaque = (text: string) => text.trim().replace(/^W\//, '');
  return (
    ifNoneMatch
      ?.split(',')
      .some((given) => given.trim() === '*' || opaque(given) === opaque(tag)) ?? false
  );
};

/** After the ETag, which a HEAD tells too. */
export const dropBodyOfHead = (
  response: ResolverResponse,
  { request }: Pick<RequestContext, 'request'>,
): ResolverResponse => (request.method === 'HEAD' ? withoutBody(response) : response);

const withoutBody = (response: ResolverResponse): ResolverResponse => ({ ...response, body: '' });

/** Length of a body, in characters or bytes, below which compression is not worth its time. */
const MIN_COMPRESSED = 1_400;

/** `gzip` or `*`, with any weight but 0. */
const ACCEPTS_GZIP =
  /(?:^|,)\s*(?:gzip|x-gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)/i;

/** The body as it is sent: compressed where the client takes gzip. API Gateway does not do it. */
export const encode = async (
  { body, ...response }: ResolverResponse,
  { request }: Pick<RequestContext, 'request'>,
): Promise<SentResponse> => {
  const plain = () => (typeof body === 'string' ? body : body.plain());
  if (body.length < MIN_COMPRESSED) return { ...response, body: await plain() };
  const varied = withHeaders(response, addVary(response, 'accept-encoding'));
  if (!ACCEPTS_GZIP.test(request.headers['accept-encoding'] ?? ''))
    return { ...varied, body: await plain() };
  const bytes = typeof body === 'string' ? await compressed(body) : await body.gzip();
  return { ...withHeaders(varied, { 'content-encoding': 'gzip' }), body: bytes };
};
