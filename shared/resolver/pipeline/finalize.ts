import type { ResolverRequest, ResolverResponse } from '../http/message.ts';
import { REVALIDATE } from '../http/message.ts';
import type { Freshness } from '../lookup/request-reader.ts';
import { corsHeaders } from './cors.ts';

const crypto = process.getBuiltinModule('node:crypto');

export interface Finishing {
  readonly request: ResolverRequest;
  readonly freshness: Freshness | undefined;
  readonly corsOrigins: readonly string[];
}

/** What every answer has in common, whatever dialect it speaks: protection, freshness, ETag, no body for HEAD. */
export const finish = (
  response: ResolverResponse,
  { request, freshness, corsOrigins }: Finishing,
): ResolverResponse => {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const tag = reads ? etagOf(response) : undefined;
  const known = tag !== undefined && matchesTag(request.headers['if-none-match'], tag);
  const vary = [response.headers['vary'], corsOrigins.length > 0 ? 'origin' : undefined].filter(Boolean);
  const { base64, ...plain } = response;
  return {
    ...(known || request.method === 'HEAD' ? { ...plain, body: '' } : response),
    status: known ? 304 : response.status,
    headers: {
      ...response.headers,
      ...corsHeaders(request, corsOrigins),
      ...freshnessHeaders(freshness),
      ...(tag && { etag: tag }),
      ...(vary.length > 0 && { vary: vary.join(', ') }),
      'x-content-type-options': 'nosniff',
    },
  };
};

/** A registry that is down shows here, since the status is that of the last good answer. */
export const freshnessHeaders = (freshness: Freshness | undefined): Readonly<Record<string, string>> =>
  freshness
    ? {
        age: String(Math.floor(Math.max(freshness.age, 0) / 1000)),
        ...(freshness.stale && { warning: '111 - "Revalidation Failed"', 'x-rollcall-stale': 'true' }),
      }
    : {};

/** Weak, since the bytes may be compressed on the way. Only for what clients may keep. */
const etagOf = ({ status, headers, body }: ResolverResponse) =>
  status === 200 && headers['cache-control'] === REVALIDATE
    ? (headers['etag'] ?? `W/"${crypto.createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`)
    : undefined;

const matchesTag = (ifNoneMatch: string | undefined, tag: string) => {
  const opaque = (text: string) => text.trim().replace(/^W\//, '');
  return (
    ifNoneMatch?.split(',').some((given) => given.trim() === '*' || opaque(given) === opaque(tag)) ?? false
  );
};
