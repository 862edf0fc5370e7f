import type { ResolverRequest, ResolverResponse } from '../http/message.ts';

const zlib = process.getBuiltinModule('node:zlib');

/** Characters below which compression gains nothing worth its time. */
const SMALLEST = 1_400;

/** `gzip` or `*`, with any weight but 0. */
const GZIP = /(?:^|,)\s*(?:gzip|x-gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)/i;

/** The answer as gzip for whoever accepts that. API Gateway's HTTP APIs compress nothing themselves. */
export const compress = async (
  response: ResolverResponse,
  { headers }: ResolverRequest,
): Promise<ResolverResponse> => {
  if (response.base64 || response.body.length < SMALLEST) return response;
  const vary = [response.headers['vary'], 'accept-encoding'].filter(Boolean).join(', ');
  if (!GZIP.test(headers['accept-encoding'] ?? ''))
    return { ...response, headers: { ...response.headers, vary } };
  return {
    ...response,
    headers: { ...response.headers, vary, 'content-encoding': 'gzip' },
    body: await gzip(response.body),
    base64: true,
  };
};

const running = new Map<string, Promise<string>>();

/** In base64. One and the same answer goes to all who waited for it, and is compressed once. */
const gzip = (text: string): Promise<string> => {
  const shared = running.get(text);
  if (shared) return shared;
  const begun = new Promise<string>((resolve, reject) => {
    zlib.gzip(text, (error, bytes) => (error ? reject(error) : resolve(bytes.toString('base64'))));
  }).finally(() => running.delete(text));
  running.set(text, begun);
  return begun;
};
