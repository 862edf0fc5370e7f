import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { escapePath, type ResolverRequest, type SentResponse, toRequest } from './http/message.ts';
import { Problem, problemResponse } from './http/problem.ts';
import type { Resolver } from './resolver.ts';

/** The resolver as a Lambda handler of an HTTP API or a function URL, payload format 2.0. */
export const resolveHandler = (resolver: Resolver) => async (event: APIGatewayProxyEventV2) => {
  const request = fromHttpApiEvent(event);
  const result = toHttpApiResult(await resolver(request));
  return fits(result) ? result : toHttpApiResult(problemResponse(TOO_LARGE, request.target.path));
};

/**
 * Lambda's quota for an answer, which cannot be raised, in bytes of JSON: each quotation mark in
 * the body counts twice.
 */
const MAX_RESULT = 6 * 1024 * 1024;
const TOO_LARGE = new Problem(
  500,
  'The answer is larger than the 6 MB that a Lambda function can give. Accept gzip (accept-encoding: gzip), ' +
    'narrow it with filters or to one service, or run the resolver as a process (npm run resolver), which has no such limit.',
);

/** JSON takes at most six bytes for a character, so short bodies need not be measured. */
const fits = (result: APIGatewayProxyStructuredResultV2) =>
  (result.body?.length ?? 0) < MAX_RESULT / 7 ||
  Buffer.byteLength(JSON.stringify(result)) <= MAX_RESULT;

/** Throws on an event of another payload format than 2.0: the integration is set up wrongly. */
export const fromHttpApiEvent = (event: APIGatewayProxyEventV2): ResolverRequest => {
  if (event.version !== '2.0')
    throw new Error(
      `version: expected an HTTP API event of payload format 2.0, got ${event.version}`,
    );
  const { cookies, headers, body } = event;
  return toRequest({
    method: event.requestContext.http.method,
    target: targetOf(event),
    headers: {
      ...lowerCased(headers),
      ...(cookies && { cookie: cookies.join('; ') }),
    },
    ...(body !== undefined && {
      body: event.isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body,
    }),
  });
};

const lowerCased = (headers: APIGatewayProxyEventV2['headers']) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** A body that is compressed is no text: it is carried in base64. */
export const toHttpApiResult = ({
  status,
  headers,
  body,
  cookies,
}: SentResponse): APIGatewayProxyStructuredResultV2 => {
  const isBase64Encoded = headers['content-encoding'] !== undefined;
  return {
    statusCode: status,
    headers: { ...headers },
    body: typeof body === 'string' ? body : body.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
    ...(cookies && { cookies: [...cookies] }),
  };
};

/**
 * An HTTP API's `rawPath` is decoded, in spite of its name, while a function URL's is not, and the
 * query is as it was sent in both (github.com/honojs/hono, issue 2156). So a `%2F` in an HTTP API's
 * path is lost; what may not stand in a path is escaped again.
 */
const targetOf = ({
  rawPath,
  rawQueryString,
  requestContext: { stage },
}: APIGatewayProxyEventV2) => {
  const path = escapePath(withoutStage(rawPath, stage));
  return rawQueryString ? `${path}?${rawQueryString}` : path;
};

/** Every stage but `$default` is the first part of the path. */
const withoutStage = (path: string, stage: string) => {
  if (stage === '$default') return path;
  const prefix = `/${stage}`;
  if (path === prefix) return '/';
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
};
