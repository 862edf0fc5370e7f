import { describe, expect, test } from 'vitest';
import { fitInstance } from '../../../../shared/registries/consul/record.ts';
import { register, toAgentCheck } from '../../../support/registrator.ts';
import { deriveGiven, FLAGS, type Given, published, toInspected } from './stage.ts';

const given = (said: Record<string, string>): Given => ({
  labels: Object.fromEntries(
    Object.entries(said).map(([key, value]) => [`SERVICE_CHECK_${key}`, value]),
  ),
  ports: [published(80)],
});

const byRegistrator = (said: Record<string, string>) =>
  register(toInspected(given(said)), FLAGS).map(toAgentCheck);
const byRollcall = (said: Record<string, string>) =>
  deriveGiven(given(said)).instances.map(({ check }) => check);

const PLACE = '10.0.9.9:32080';
const TIMED = { INTERVAL: '3s', TIMEOUT: '1s' };

describe('the check that is asked for', () =>
  test.each<readonly [string, Record<string, string>, object | undefined]>([
    [
      'HTTP: the value follows the port',
      { HTTP: '/up' },
      { kind: 'http', target: `http://${PLACE}/up`, interval: '10s' },
    ],
    [
      'HTTPS, with its own method',
      { HTTPS: '/up', HTTPS_METHOD: 'HEAD', HTTP_METHOD: 'GET', ...TIMED },
      {
        kind: 'https',
        target: `https://${PLACE}/up`,
        method: 'HEAD',
        interval: '3s',
        timeout: '1s',
      },
    ],
    [
      'SCRIPT, with address and port put in',
      { SCRIPT: 'nc $SERVICE_IP $SERVICE_PORT' },
      { kind: 'script', target: 'nc 10.0.9.9 32080', interval: '10s' },
    ],
    [
      'CMD, without a timeout',
      { CMD: 'probe', ...TIMED },
      { kind: 'cmd', target: 'probe', interval: '3s' },
    ],
    ['TTL, without an interval', { TTL: '30s', ...TIMED }, { kind: 'ttl', target: '30s' }],
    [
      'TCP, any value',
      { TCP: 'false', ...TIMED },
      { kind: 'tcp', target: PLACE, interval: '3s', timeout: '1s' },
    ],
    [
      'GRPC',
      { GRPC: '1', ...TIMED },
      { kind: 'grpc', target: PLACE, interval: '3s', timeout: '1s' },
    ],
    [
      'the first kind said, in the order HTTP, HTTPS, CMD, SCRIPT, TTL, TCP, GRPC',
      { GRPC: '1', TCP: '1', TTL: '1s', SCRIPT: 'x' },
      { kind: 'script', target: 'x', interval: '10s' },
    ],
    [
      'an empty kind does not count',
      { HTTP: '', TCP: '1' },
      { kind: 'tcp', target: PLACE, interval: '10s' },
    ],
    [
      'INITIAL_STATUS beside a kind',
      { TCP: '1', INITIAL_STATUS: 'warning' },
      {
        kind: 'tcp',
        target: PLACE,
        interval: '10s',
        initialStatus: 'warning',
      },
    ],
    [
      'none without a kind, whatever else is said',
      { INTERVAL: '3s', INITIAL_STATUS: 'passing' },
      undefined,
    ],
  ])('%s', (_, said, expected) => {
    expect(byRegistrator(said)).toEqual([expected]);
    expect(byRollcall(said)).toEqual([expected]);
  }));

describe('the check that is written to Consul', () => {
  const detail = (said: Record<string, string>) =>
    deriveGiven(given(said)).instances.flatMap((one) =>
      fitInstance(one).records.map((record) => record.detail),
    );

  test.each([
    ['HTTP', 'http', `http://${PLACE}/1`],
    ['HTTPS', 'http', `https://${PLACE}/1`],
    ['TCP', 'tcp', PLACE],
  ])('%s is one for consul-esm, since no agent is there to make it', (key, probe, probeTarget) =>
    expect(detail({ [key]: '1' })).toMatchObject([{ check: 'ecs', probe, probeTarget }]),
  );

  test.each(['SCRIPT', 'CMD', 'TTL', 'GRPC'])(
    '%s is none, since nothing makes it: ECS’s own health stands alone',
    (key) => expect(detail({ [key]: '1s' })).toEqual([{ weight: '1', check: 'ecs' }]),
  );
});
