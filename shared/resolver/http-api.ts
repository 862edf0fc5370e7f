import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type ResolverRequest, type ResolverResponse, toRequest } from './http/message.ts';
import { Problem, problemResponse } from './http/problem.ts';
import { escapePath } from './lookup/target.ts';
import type { Resolver } from './resolver.ts';

/** The handler of an HTTP API or a function URL, payload format 2.0, over a resolver. */
export const resolveHandler = (resolver: Resolver) => async (event: APIGatewayProxyEventV2) => {
  const request = fromHttpApiEvent(event);
  const result = toHttpApiResult(await resolver(request));
  return fits(result) ? result : toHttpApiResult(problemResponse(TOO_LARGE, request.path));
};

/** Bytes of an answer as JSON, in which every quotation mark of a body counts twice: a quota of Lambda's that nothing can raise. */
const LARGEST_ANSWER = 6 * 1024 * 1024;
const TOO_LARGE = new Problem(
  500,
  'The answer is larger than the 6 MB that a Lambda function can give. Accept gzip (accept-encoding: gzip), ' +
    'narrow it with filters or to one service, or run the resolver as a process (npm run resolver), which has no such limit.',
);

/** Nothing below a sixth of the limit can pass it, whatever its characters: JSON writes none with more than six bytes. */
const fits = (result: APIGatewayProxyStructuredResultV2) =>
  (result.body?.length ?? 0) < LARGEST_ANSWER / 7 ||
  Buffer.byteLength(JSON.stringify(result)) <= LARGEST_ANSWER;

/** Throws where the event is none of payload format 2.0: the integration is set up wrongly. */
export const fromHttpApiEvent = (event: APIGatewayProxyEventV2): ResolverRequest => {
  if (event.version !== '2.0')
    throw new Error(`version: expected an HTTP API event of payload format 2.0, got ${event.version}`);
  const { cookies, headers, body } = event;
  return toRequest({
    method: event.requestContext.http.method,
    target: targetOf(event),
    headers: cookies ? { ...headers, cookie: cookies.join('; ') } : headers,
    ...(body !== undefined && {
      body: event.isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body,
    }),
  });
};

export const toHttpApiResult = (response: ResolverResponse): APIGatewayProxyStructuredResultV2 => ({
  statusCode: response.status,
  headers: { ...response.headers },
  body: response.body,
  isBase64Encoded: response.base64 ?? false,
  ...(response.cookies && { cookies: [...response.cookies] }),
});

/**
 * Against its name an HTTP API's `rawPath` comes decoded (a function URL's does not), while the query stays as it was sent:
 * github.com/honojs/hono, issue 2156. What a `%2F` was is lost there; what cannot stand in a path is escaped again.
 */
const targetOf = ({ rawPath, rawQueryString, requestContext: { stage } }: APIGatewayProxyEventV2) => {
  const path = escapePath(withoutStage(rawPath, stage));
  return rawQueryString ? `${path}?${rawQueryString}` : path;
};

/** Every stage but `$default` stands first in the path. */
const withoutStage = (path: string, stage: string) => {
  if (stage === '$default') return path;
  const prefix = `/${stage}`;
  if (path === prefix) return '/';
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
};
