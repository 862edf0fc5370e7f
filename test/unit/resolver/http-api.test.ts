import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import {
  fromHttpApiEvent,
  resolveHandler,
  toHttpApiResult,
} from '../../../shared/resolver/http-api.ts';
import { over, target } from './support.ts';

/**
 * AWS's own example of payload format 2.0 (API Gateway developer guide, HTTP APIs, Lambda
 * integrations), a GET.
 */
const event = (
  overrides: Partial<APIGatewayProxyEventV2> & { method?: string; stage?: string } = {},
) => {
  const { method = 'GET', stage = '$default', ...rest } = overrides;
  const rawPath = rest.rawPath ?? '/my/path';
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: 'parameter1=value1&parameter1=value2&parameter2=value',
    cookies: ['cookie1', 'cookie2'],
    headers: { header1: 'value1', header2: 'value1,value2' },
    queryStringParameters: { parameter1: 'value1,value2', parameter2: 'value' },
    requestContext: {
      accountId: '123456789012',
      apiId: 'api-id',
      domainName: 'id.execute-api.us-east-1.amazonaws.com',
      domainPrefix: 'id',
      http: {
        method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: '192.0.2.1',
        userAgent: 'agent',
      },
      requestId: 'id',
      routeKey: '$default',
      stage,
      time: '12/Mar/2020:19:03:58 +0000',
      timeEpoch: 1583348638390,
    },
    isBase64Encoded: false,
    stageVariables: { stageVariable1: 'value1', stageVariable2: 'value2' },
    ...rest,
  } satisfies APIGatewayProxyEventV2;
};

describe('an HTTP API event', () => {
  it('becomes a request', () => {
    expect(fromHttpApiEvent(event())).toEqual({
      readBody: expect.any(Function),
      method: 'GET',
      target: {
        path: '/my/path',
        rawQuery: 'parameter1=value1&parameter1=value2&parameter2=value',
        query: new URLSearchParams('parameter1=value1&parameter1=value2&parameter2=value'),
      },
      headers: { header1: 'value1', header2: 'value1,value2', cookie: 'cookie1; cookie2' },
    });
  });

  it.each([
    ['prod', '/prod', '/'],
    ['prod', '/prod/services/prod', '/services/prod'],
    ['prod', '/production', '/production'],
    ['prod', '/services', '/services'],
    ['$default', '/$default/x', '/$default/x'],
    ['$default', '/', '/'],
  ])('of stage %s with path %s asks for %s', (stage, rawPath, path) => {
    expect(fromHttpApiEvent(event({ stage, rawPath })).target.path).toBe(path);
  });

  it.each([
    ['/services/a b', '/services/a%20b'],
    ['/services/a?b#c', '/services/a%3Fb%23c'],
    ['/services/é', '/services/%C3%A9'],
    ['/services/100%', '/services/100%25'],
    ['/services/a%20b', '/services/a%20b'],
  ])('with the path %s, decoded on the way or not, asks for %s', (rawPath, path) => {
    expect(fromHttpApiEvent(event({ rawPath })).target.path).toBe(path);
  });

  it('carries its body, decoded where it came as base64, up to what is asked for', async () => {
    const bodyOf = (given: Parameters<typeof event>[0], most = 1_000) =>
      fromHttpApiEvent(event({ method: 'POST', ...given })).readBody(most);
    const body = Buffer.from('{"é":1}').toString('base64');
    expect(await bodyOf({ body, isBase64Encoded: true })).toBe('{"é":1}');
    expect(await bodyOf({ body: 'plain' })).toBe('plain');
    expect(await bodyOf({ body: 'éé' }, 3)).toBeUndefined();
  });

  it('of another payload format is refused', () => {
    expect(() => fromHttpApiEvent(event({ version: '1.0' }))).toThrow('payload format 2.0');
  });
});

describe('an answer', () => {
  it.each([
    ['a text', {}, 'é', 'é', false],
    ['a text that was kept as bytes', {}, Buffer.from('é'), 'é', false],
    ['what is compressed', { 'content-encoding': 'gzip' }, Buffer.from('x'), 'eA==', true],
  ])('becomes a result: %s', (_, headers, sent, body, isBase64Encoded) => {
    const response = { status: 200, headers, body: sent, cookies: ['a=1'] };
    expect(toHttpApiResult(response)).toEqual({
      statusCode: 200,
      headers,
      body,
      isBase64Encoded,
      cookies: ['a=1'],
    });
  });

  it('has the names of its headers in lower case', () => {
    expect(fromHttpApiEvent(event({ headers: { 'X-A': 'B' } })).headers['x-a']).toBe('B');
  });

  it('is what the handler gives for an event', async () => {
    const handler = resolveHandler(over({ web: [target()] }));
    const result = await handler(
      event({ stage: 'dev', rawPath: '/dev/go/web/a b', rawQueryString: 'q=%20' }),
    );
    expect(result).toMatchObject({
      statusCode: 307,
      headers: { location: 'http://10.0.0.1:8080/a%20b?q=%20' },
      body: '',
      isBase64Encoded: false,
    });
  });
});
