import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Check } from '../../../shared/model/registration.ts';
import { type Case, derived, instance, labelled, task, udp } from './builders.ts';

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
      'HTTP, to which a missing slash is added',
      { HTTP: 'up' },
      { kind: 'http', target: 'http://10.0.1.163:8080/up', interval: '10s' },
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
      'INITIAL_STATUS beside a check, and no DEREGISTER_AFTER',
      { TCP: '1', INITIAL_STATUS: 'warning', DEREGISTER_AFTER: '5m' },
      {
        kind: 'tcp',
        target: '10.0.1.163:8080',
        interval: '10s',
        initialStatus: 'warning',
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

const notesOf = (said: Record<string, string>, given: Case = {}) => {
  const labels = Object.fromEntries(
    Object.entries(said).map(([key, value]) => [`SERVICE_CHECK_${key}`, value]),
  );
  return derived({ ...given, containers: labelled(labels) }).notes;
};
const PORT = 'container app, port 8080/tcp: ';

test.each(['HTTP', 'HTTPS', 'TCP', 'GRPC'])('%s of a udp port is left out, and told', (kind) => {
  const given = { containers: labelled({ [`SERVICE_CHECK_${kind}`]: '/' }, udp(53)) };
  expect(instance(given).check).toBeUndefined();
  expect(derived(given).notes).toEqual([
    `container app, port 53/udp: SERVICE_CHECK_${kind} is left out: nothing answers it at a udp port`,
  ]);
});

describe('what a check asks', () => {
  test.each([
    ['/up', 'http://10.0.1.163:8080/up'],
    [' /up\n', 'http://10.0.1.163:8080/up'],
    ['?q=1', 'http://10.0.1.163:8080/?q=1'],
    ['@evil.com/', 'http://10.0.1.163:8080/@evil.com/'],
    ['.evil.com/', 'http://10.0.1.163:8080/.evil.com/'],
    ['0/', 'http://10.0.1.163:8080/0/'],
    ['//evil.com/', 'http://10.0.1.163:8080//evil.com/'],
    ['HTTP://evil.com/', 'http://10.0.1.163:8080/HTTP://evil.com/'],
    ['http:/evil.com/', 'http://10.0.1.163:8080/http:/evil.com/'],
    ['http://{ip}/', 'http://10.0.1.163/'],
    ['https://{ip}:{port:8080}/up?a=b#c', 'https://10.0.1.163:8080/up?a=b#c'],
    ['http://10.0.1.163:9000', 'http://10.0.1.163:9000'],
    ['http://{ip}:65535?x', 'http://10.0.1.163:65535?x'],
    ['http://{ip}/{other}', 'http://10.0.1.163/{other}'],
  ])('%j is the task itself: %s', (HTTP, target) => {
    expect(checkOf({ HTTP })?.target).toBe(target);
    expect(notesOf({ HTTP })).toEqual([]);
  });

  test.each([
    'http://evil.com/',
    'https://evil.com/',
    'http://{ip}.evil.com/',
    'http://{ip}@evil.com/',
    'http://{ip}:80@evil.com/',
    'http://{ip}:{port}@evil.com/',
    'http://user@{ip}/',
    'http://user:secret@{ip}/',
    'http://evil.com\\@{ip}/',
    'http://{ip}\\@evil.com/',
    'http://{ip}\\.evil.com/',
    'http://{ip}#@evil.com\\',
    'http://',
    'http:///up',
    'http://{ip}0/',
    'http://{ip}:/',
    'http://{ip}:0/',
    'http://{ip}:080/',
    'http://{ip}:65536/',
    'http://{ip}:8080:8080/',
    'http://{ip}:+80/',
    'http://{ip}%2eevil.com/',
    'http://{ip},evil.com/',
    'http://[{ip}]/',
    'http://[::ffff:10.0.1.163]/',
    'http://0x0a0001a3/',
    'http://167772579/',
    'http://012.0.1.163/',
    'http://10.1.163/',
    'http://10.0.1.163./',
    'http://１０.0.1.163/',
    'http://127.0.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://169.254.170.2/v2/credentials/',
    'http://10.0.1.16/',
    'http://{ip}\t.evil.com/',
    'http://{ip}/ HTTP/1.1\r\nX: y',
    '/up HTTP/1.1\r\nHost: evil.com\r\n\r\n',
    '/a\u0000b',
    '/a\u0085b',
  ])('%j is somebody else, or no URL: there is no check, and why is told', (HTTP) => {
    expect(checkOf({ HTTP })).toBeUndefined();
    expect(notesOf({ HTTP })).toEqual([
      expect.stringMatching(/port 8080\/tcp: SERVICE_CHECK_HTTP is left out: /),
    ]);
  });

  test('tells no password that stands in a URL', () => {
    const [note] = notesOf({ HTTP: 'http://user:hunter2@{ip}/' });
    expect(note).toContain('without a user');
    expect(note).not.toContain('hunter2');
    expect(notesOf({ HTTP: 'http://user:hunter2 @{ip}/' }).join()).not.toContain('hunter2');
  });

  test.each([
    ['http://{ip}:81/', 'http://[2001:db8::1]:81/'],
    ['http://[{ip}]:81/', 'http://[2001:db8::1]:81/'],
    ['http://[2001:DB8::1]/', 'http://[2001:db8::1]/'],
  ])('%j is the task itself at its IPv6 address: %s', (HTTP, target) =>
    expect(checkOf({ HTTP }, V6)?.target).toBe(target),
  );

  test.each(['http://[2001:db8::1%25eth0]/', 'http://2001:db8::1/', 'http://[2001:db8::2]/'])(
    '%j is another IPv6 address, or none',
    (HTTP) => expect(checkOf({ HTTP }, V6)).toBeUndefined(),
  );

  test('is never anybody but the task, whatever the label says', () => {
    const parts = fc.constantFrom(
      ...['http://', 'https://', '{ip}', '{port}', '10.0.1.163', 'evil.com', '[', ']', '@', ':'],
      ...['/', '\\', '#', '?', '.', '%', '80', '0x', '\r\n', '\t', ' ', '。', '//', '{zone}'],
    );
    const values = fc.oneof(
      fc.array(parts).map((list) => list.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(values, (HTTP) => {
        const target = checkOf({ HTTP })?.target;
        if (target === undefined) return;
        const url = new URL(target);
        expect([url.hostname, url.username, url.password]).toEqual(['10.0.1.163', '', '']);
        expect(target).toMatch(/^https?:\/\/10\.0\.1\.163(:\d+)?([/?#]|$)/);
      }),
    );
  });

  test.each([
    ['HTTP', '{port:8081}', '/up?port={port:8081}'],
    ['HTTP', '{port:8081}', 'http://{ip}:{port:8081}/up'],
    ['HTTP', '{zone:b}', '/{zone:b}'],
    ['HTTPS', '{port:http}', 'https://{ip}:{port:http}/'],
    ['HTTP', '{IP}', 'http://{IP}/'],
  ])('has no placeholder left in it: %s is left out for %s', (kind, unknown, value) => {
    expect(checkOf({ [kind]: value })).toBeUndefined();
    expect(notesOf({ [kind]: value })).toEqual([
      `${PORT}SERVICE_CHECK_${kind} is left out: nothing is known for ${unknown}`,
    ]);
  });
});

describe('how a check asks', () => {
  test.each([
    ['GET', 'GET'],
    ['head', 'HEAD'],
    [' Get ', 'GET'],
  ])('%j is %s', (HTTP_METHOD, method) => {
    expect(checkOf({ HTTP: '/', HTTP_METHOD })?.method).toBe(method);
    expect(notesOf({ HTTP: '/', HTTP_METHOD })).toEqual([]);
  });

  test.each(['PUT', 'DELETE', 'POST', 'get /x', 'GET\r\nX: y', 'ĢET'])(
    '%j is told, and GET is used',
    (HTTPS_METHOD) => {
      expect(checkOf({ HTTPS: '/', HTTPS_METHOD })?.method).toBe('GET');
      expect(notesOf({ HTTPS: '/', HTTPS_METHOD })).toEqual([
        `${PORT}SERVICE_CHECK_HTTPS_METHOD must be one of GET, HEAD, not ${JSON.stringify(HTTPS_METHOD)}; GET is used`,
      ]);
    },
  );

  test('takes no record out by itself: DEREGISTER_AFTER is told', () =>
    expect(notesOf({ TCP: '1', DEREGISTER_AFTER: '2m' })).toEqual([
      `${PORT}SERVICE_CHECK_DEREGISTER_AFTER is ignored: a record goes when its task does`,
    ]));
});

test('a check asked for by label is no health check of ECS', () => {
  const { instances } = derived({ containers: labelled({ SERVICE_CHECK_TCP: '1' }), task: task() });
  expect(instances.map(({ health }) => health)).toEqual(['healthy']);
});
