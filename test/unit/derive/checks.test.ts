import { describe, expect, test } from 'vitest';
import type { Check } from '../../../shared/model/registration.ts';
import { type Case, derived, instance, labelled, task } from './builders.ts';

const V6: Case = { rules: { address: 'ipv6' }, task: { eni: { ipv6: '2001:db8::1' } } };
const checkOf = (said: Record<string, string>, given: Case = {}) => {
  const labels = Object.fromEntries(
    Object.entries(said).map(([key, value]) => [`SERVICE_CHECK_${key}`, value]),
  );
  return instance({ ...given, containers: labelled(labels) }).check;
};

describe('SERVICE_CHECK_', () => {
  test.each<readonly [string, Record<string, string>, Check]>([
    [
      'HTTP',
      { HTTP: '/up' },
      { kind: 'http', target: 'http://10.0.1.163:8080/up', interval: '10s' },
    ],
    [
      'HTTP, to which no slash is added',
      { HTTP: 'up' },
      { kind: 'http', target: 'http://10.0.1.163:8080up', interval: '10s' },
    ],
    [
      'HTTP with method, interval and timeout',
      { HTTP: '/', HTTP_METHOD: 'HEAD', HTTPS_METHOD: 'GET', INTERVAL: '3s', TIMEOUT: '1s' },
      {
        kind: 'http',
        target: 'http://10.0.1.163:8080/',
        method: 'HEAD',
        interval: '3s',
        timeout: '1s',
      },
    ],
    [
      'HTTPS with its own method',
      { HTTPS: '/', HTTPS_METHOD: 'HEAD' },
      { kind: 'https', target: 'https://10.0.1.163:8080/', method: 'HEAD', interval: '10s' },
    ],
    [
      'CMD, as written',
      { CMD: 'probe $SERVICE_IP', TIMEOUT: '1s' },
      { kind: 'cmd', target: 'probe $SERVICE_IP', interval: '10s' },
    ],
    [
      'SCRIPT, with address and port put in',
      { SCRIPT: 'nc $SERVICE_IP $SERVICE_PORT; # $SERVICE_IP' },
      { kind: 'script', target: 'nc 10.0.1.163 8080; # 10.0.1.163', interval: '10s' },
    ],
    ['TTL, without interval', { TTL: '30s', INTERVAL: '3s' }, { kind: 'ttl', target: '30s' }],
    [
      'TCP',
      { TCP: 'true', TIMEOUT: '1s' },
      { kind: 'tcp', target: '10.0.1.163:8080', interval: '10s', timeout: '1s' },
    ],
    [
      'GRPC',
      { GRPC: '1', TLS_SKIP_VERIFY: '1' },
      { kind: 'grpc', target: '10.0.1.163:8080', interval: '10s' },
    ],
    [
      'GRPC over TLS, any value counting as yes',
      { GRPC: '1', GRPC_USE_TLS: 'false', TLS_SKIP_VERIFY: 'no' },
      {
        kind: 'grpc',
        target: '10.0.1.163:8080',
        interval: '10s',
        useTls: true,
        skipTlsVerify: true,
      },
    ],
    [
      'INITIAL_STATUS and DEREGISTER_AFTER beside a check',
      { TCP: '1', INITIAL_STATUS: 'warning', DEREGISTER_AFTER: '5m' },
      {
        kind: 'tcp',
        target: '10.0.1.163:8080',
        interval: '10s',
        initialStatus: 'warning',
        deregisterAfter: '5m',
      },
    ],
    [
      'HTTP with a full URL, so that another port can be checked',
      { HTTP: 'http://{ip}:{port:8080}/up' },
      { kind: 'http', target: 'http://10.0.1.163:8080/up', interval: '10s' },
    ],
  ])('%s', (_, said, expected) => expect(checkOf(said)).toEqual(expected));

  test.each([
    ['without a kind', { INTERVAL: '3s', INITIAL_STATUS: 'passing', HTTP_METHOD: 'GET' }],
    ['with an empty kind', { HTTP: '' }],
  ])('%s is no check', (_, said) => expect(checkOf(said)).toBeUndefined());

  test('takes the first kind of Registrator’s order', () => {
    const order = ['HTTP', 'HTTPS', 'CMD', 'SCRIPT', 'TTL', 'TCP', 'GRPC'];
    const winners = order.map((_, at) => {
      const said = Object.fromEntries(order.slice(at).map((key) => [key, 'x']));
      return checkOf(said)?.kind.toUpperCase();
    });
    expect(winners).toEqual(order);
  });

  test('passes over an empty kind to the next', () =>
    expect(checkOf({ HTTP: '', TCP: '1' })?.kind).toBe('tcp'));

  test.each([
    [{ HTTP: '/' }, 'http://[2001:db8::1]:8080/'],
    [{ TCP: '1' }, '[2001:db8::1]:8080'],
    [{ SCRIPT: 'nc $SERVICE_IP' }, 'nc 2001:db8::1'],
  ] as const)('puts IPv6 in brackets beside a port: %o', (said, target) =>
    expect(checkOf(said, V6)?.target).toBe(target),
  );
});

test('a check asked for by label is no health check of ECS', () => {
  const { instances } = derived({ containers: labelled({ SERVICE_CHECK_TCP: '1' }), task: task() });
  expect(instances.map(({ health }) => health)).toEqual(['healthy']);
});
