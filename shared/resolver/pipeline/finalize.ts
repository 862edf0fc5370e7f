import { type Awaitable, andThen } from '../../platform/awaitable.ts';
import { memoize } from '../../platform/memoize.ts';
import { type Body, compressed, digestOf } from '../http/body.ts';
import { addVary, type Draft, REVALIDATE, type SentResponse } from '../http/message.ts';
import type { RequestContext } from '../route.ts';

/** The steps that every answer passes on its way out, errors included. */

export const forbidSniffing = ({ headers }: Draft): void => {
  headers['x-content-type-options'] = 'nosniff';
};

/**
 * Says how old the data is that the request has read, and whether the registry is down. With the
 * registry down the status is still that of the last good answer: only these headers tell.
 */
export const addFreshness = (
  { headers }: Draft,
  { reader }: Pick<RequestContext, 'reader'>,
): void => {
  const freshness = reader.freshness();
  if (!freshness) return;
  headers['age'] = String(Math.floor(freshness.age / 1000));
  if (!freshness.stale) return;
  headers['warning'] = '111 - "Revalidation Failed"';
  headers['x-rollcall-stale'] = 'true';
};

/** Length of a body, in characters or bytes, below which compression is not worth its time. */
const MIN_COMPRESSED = 1_400;

const mayBeCompressed = ({ body }: Draft) => body.length >= MIN_COMPRESSED;

/** Before the body is left out: a 304 and a HEAD vary as the 200 does (RFC 9110, 15.4.5). */
export const varyByEncoding = (draft: Draft): void => {
  if (mayBeCompressed(draft)) addVary(draft.headers, 'accept-encoding');
};

/** An ETag for answers that clients may keep; a 304 where the client has the answer already. */
export const addETag = (draft: Draft, { request }: Pick<RequestContext, 'request'>): void => {
  const { status, headers, body } = draft;
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const mayBeKept = status === 200 && headers['cache-control'] === REVALIDATE;
  if (!reads || !mayBeKept) return;
  headers['etag'] ??= typeof body === 'string' ? toWeakTag(digestOf(body)) : weakTagOf(body);
  if (!matchesTag(request.headers['if-none-match'], headers['etag'])) return;
  draft.status = 304;
  draft.body = '';
};

/** Weak, since the same answer may be sent compressed. */
const toWeakTag = (digest: Buffer) => `W/"${digest.toString('base64url').slice(0, 22)}"`;
const weakTagOf = memoize(({ digest }: Body) => toWeakTag(digest));

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
  draft: Draft,
  { request }: Pick<RequestContext, 'request'>,
): void => {
  if (request.method === 'HEAD') draft.body = '';
};

/** `gzip` or `*`, with any weight but 0. */
const ACCEPTS_GZIP =
  /(?:^|,)\s*(?:gzip|x-gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)/i;

/** The body as it is sent: compressed where the client takes gzip. API Gateway does not do it. */
export const encode = (
  draft: Draft,
  { request }: Pick<RequestContext, 'request'>,
): Awaitable<SentResponse> => {
  const { body, headers } = draft;
  const packs =
    mayBeCompressed(draft) && ACCEPTS_GZIP.test(request.headers['accept-encoding'] ?? '');
  if (packs) headers['content-encoding'] = 'gzip';
  return andThen(packs ? packed(body) : plain(body), (sent) => ({ ...draft, body: sent }));
};

const plain = (body: string | Body) => (typeof body === 'string' ? body : body.plain());
const packed = (body: string | Body) => (typeof body === 'string' ? compressed(body) : body.gzip());
