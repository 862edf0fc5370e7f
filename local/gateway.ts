import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

type Resolve = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

/** An HTTP API in front of a function, payload format 2.0. */
export const createGateway =
  (resolve: Resolve) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const result = await resolve(toEvent(request, await buffer(request)));
      response.writeHead(result.statusCode ?? 200, {
        ...Object.fromEntries(
          Object.entries(result.headers ?? {}).map(([name, value]) => [name, String(value)]),
        ),
        ...(result.cookies && { 'set-cookie': result.cookies }),
      });
      response.end(Buffer.from(result.body ?? '', result.isBase64Encoded ? 'base64' : 'utf8'));
    } catch (error) {
      // What API Gateway makes of a function that threw; its log line has said why.
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: 'Internal Server Error', error: String(error) }));
    }
  };

const toEvent = (request: IncomingMessage, body: Buffer): APIGatewayProxyEventV2 => {
  const { method = 'GET', url = '/', headers } = request;
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const { cookie, ...others } = headers;
  const now = Date.now();
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: decode(path),
    rawQueryString: mark < 0 ? '' : url.slice(mark + 1),
    ...(cookie && { cookies: cookie.split(/; */) }),
    headers: Object.fromEntries(
      Object.entries(others).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(',') : value,
      ]),
    ),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'local',
      domainName: headers.host ?? '127.0.0.1',
      domainPrefix: 'local',
      http: {
        method,
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: String(now),
      routeKey: '$default',
      stage: '$default',
      time: new Date(now).toISOString(),
      timeEpoch: now,
    },
    ...(body.length > 0 && { body: body.toString('base64') }),
    isBase64Encoded: body.length > 0,
  };
};

/** An HTTP API decodes the path, whatever its name says. */
const decode = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};
