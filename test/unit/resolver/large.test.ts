import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { resolveHandler } from '../../../shared/resolver/http-api.ts';
import { httpApiEvent } from '../../support/http-api-event.ts';
import { ask, over, target } from './support.ts';

const INSTANCES = 10_000;
const SERVICES = 100;

/** As large as a record of ours commonly is. */
const record = (service: string, at: number) => {
  const digest = createHash('sha256').update(String(at)).digest('hex');
  const task = digest.slice(0, 32);
  return target({
    id: `${task}-8080-${digest.slice(32, 52)}`,
    service,
    address: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
    tags: ['blue', 'v1'],
    metadata: {
      AVAILABILITY_ZONE: 'eu-central-1a',
      ECS_CLUSTER_NAME: 'production',
      ECS_SERVICE_NAME: service,
      ECS_TASK_DEFINITION_FAMILY: service,
      REGION: 'eu-central-1',
      ROLLCALL_CLUSTER: 'arn:aws:ecs:eu-central-1:111122223333:cluster/production',
      ROLLCALL_OWNER: 'rollcall-prod:111122223333:eu-central-1',
      ROLLCALL_STARTED: '2026-11-21T10:00:00.000Z',
      ROLLCALL_TASK: `arn:aws:ecs:eu-central-1:111122223333:task/production/${task}`,
    },
  });
};

const names = Array.from({ length: SERVICES }, (_, at) => `service-${at}`);
const each = INSTANCES / SERVICES;
const spread = over(
  Object.fromEntries(
    names.map((name, of) => [
      name,
      Array.from({ length: each }, (_, at) => record(name, of * each + at)),
    ]),
  ),
);
/** The same, all in one service: what the paths for one service are asked at most. */
const gathered = over({ web: Array.from({ length: INSTANCES }, (_, at) => record('web', at)) });

const EDS = { body: JSON.stringify({ resource_names: ['web'] }) };
const JSON_TYPE = { accept: 'application/json' };

const CASES = [
  ['Rollcall', gathered, 'GET', '/services/web', {}, {}],
  ['Prometheus', spread, 'GET', '/prometheus/sd', {}, {}],
  ['Consul', gathered, 'GET', '/v1/health/service/web', {}, {}],
  ['Consul’s catalog', gathered, 'GET', '/v1/catalog/service/web', {}, {}],
  ['Eureka, JSON', spread, 'GET', '/eureka/apps', JSON_TYPE, {}],
  ['Eureka, XML', spread, 'GET', '/eureka/apps', {}, {}],
] as const;

const LIMIT = 6 * 1024 * 1024;
const sizeOf = (result: unknown) => Buffer.byteLength(JSON.stringify(result));

describe('10,000 instances', () => {
  it.each([...CASES, ['Envoy', gathered, 'POST', '/v3/discovery:endpoints', {}, EDS] as const])(
    'are answered to %s, compressed',
    async (_, resolver, method, path, headers, rest) => {
      const asked = httpApiEvent(method, path, {
        ...rest,
        headers: { ...headers, 'accept-encoding': 'gzip' },
      });
      const result = await resolveHandler(resolver)(asked);
      expect(result).toMatchObject({ statusCode: 200, isBase64Encoded: true });
      expect(result.headers).toMatchObject({ 'content-encoding': 'gzip' });
      expect(sizeOf(result)).toBeLessThan(LIMIT / 4);
      const text = gunzipSync(Buffer.from(result.body ?? '', 'base64')).toString();
      expect(text.match(/10\.0\.39\.15/g)?.length).toBeGreaterThan(0);
    },
  );

  it.each(CASES)(
    'are a clear error to %s where they would pass Lambda’s limit',
    async (_, resolver, method, path, headers, rest) => {
      const result = await resolveHandler(resolver)(
        httpApiEvent(method, path, { ...rest, headers }),
      );
      expect(result.statusCode).toBe(500);
      expect(result.headers).toMatchObject({
        'content-type': 'application/problem+json',
        'x-content-type-options': 'nosniff',
      });
      const { detail } = JSON.parse(result.body ?? '');
      for (const way of ['gzip', 'filters', 'npm run resolver']) expect(detail).toContain(way);
    },
  );

  it('are answered whole by a process, which has no such limit', async () => {
    const { status, body } = await ask(spread, 'GET /prometheus/sd');
    expect([status, JSON.parse(body).length]).toEqual([200, INSTANCES]);
  });
});

describe('an answer on Lambda', () => {
  // A quotation mark counts twice, since the answer is carried as a text in JSON.
  it.each([
    ['as large as may be', LIMIT - 400, 200],
    ['a little larger', LIMIT, 500],
  ])('that is %s is %s', async (_, size, status) => {
    const quotes = '"'.repeat(size / 2);
    const handler = resolveHandler(async () => ({ status: 200, headers: {}, body: quotes }));
    const result = await handler(httpApiEvent('GET', '/'));
    expect(result.statusCode).toBe(status);
    expect(sizeOf(result)).toBeLessThanOrEqual(LIMIT);
  });
});
