import { describe, expect, test } from 'vitest';
import { hasHealthCheck, needsHost, needsPublicAddress } from '../../../shared/derive/derive.ts';
import type { Binding } from '../../../shared/model/task.ts';
import {
  binding,
  type Case,
  container,
  definition,
  derived,
  host,
  instance,
  labelled,
  port,
  reasons,
  rules,
  running,
  udp,
} from './builders.ts';

/** Where an instance is reached, `address:port | ipv4 | ipv6`. */
const where = (given: Case) => {
  const { address, port, ipv4 = '-', ipv6 = '-' } = instance(given);
  return `${address}:${port} | ${ipv4} | ${ipv6}`;
};

const dual = { id: 'eni-1', ipv4: '10.0.1.163', ipv6: '2001:db8::163' };

test.each([
  [0, true],
  [32_000, false],
])('a restarted container on host port %i is told to need a fixed one: %s', (hostPort, isTold) => {
  const ports = [port(8080, { hostPort })];
  const { instances, notes } = derived({
    containers: [container({ isRestarted: true, ports })],
    networkMode: 'bridge',
    task: { containers: [running({ bindings: [binding(8080, 32_000)] })] },
    more: { host: host() },
  });
  expect(instances).toHaveLength(1);
  expect(notes).toEqual(isTold ? [expect.stringContaining('restartPolicy')] : []);
});

describe('awsvpc', () => {
  test.each<readonly [string, Case, string]>([
    [
      'takes the address of the interface and the container port',
      {},
      '10.0.1.163:8080 | 10.0.1.163 | -',
    ],
    [
      'takes no address of a host beside the right interface',
      { more: { host: host(), publicIpv4: '198.51.100.1' } },
      '10.0.1.163:8080 | 10.0.1.163 | -',
    ],
    [
      'ignores host port and bindings',
      {
        containers: labelled({}, port(8080, { hostPort: 8080 })),
        task: { containers: [running({ bindings: [binding(8080, 32768)] })] },
      },
      '10.0.1.163:8080 | 10.0.1.163 | -',
    ],
    [
      'prefers the interface to what the container says',
      { task: { containers: [running({ ipv4: '10.0.7.7' })] } },
      '10.0.1.163:8080 | 10.0.1.163 | -',
    ],
    [
      "falls back to the container's own address",
      {
        task: {
          eni: { id: 'eni-1' },
          containers: [running({ ipv4: '10.0.7.7', ipv6: '2001:db8::7' })],
        },
      },
      '10.0.7.7:8080 | 10.0.7.7 | 2001:db8::7',
    ],
    [
      'registers a container that the task does not list, by the interface',
      { task: { containers: [] } },
      '10.0.1.163:8080 | 10.0.1.163 | -',
    ],
    [
      'gives IPv6 where it is wanted, and both where both are known',
      { rules: { address: 'ipv6' }, task: { eni: dual } },
      '2001:db8::163:8080 | 10.0.1.163 | 2001:db8::163',
    ],
    [
      'gives IPv6 without being told where the interface has nothing else',
      { task: { eni: { id: 'eni-1', ipv6: '2001:db8::163' } } },
      '2001:db8::163:8080 | - | 2001:db8::163',
    ],
    [
      'gives the public address where it is wanted',
      { rules: { address: 'public' }, more: { publicIpv4: '198.51.100.1', host: host() } },
      '198.51.100.1:8080 | 198.51.100.1 | -',
    ],
    [
      'lets rollcall:address overrule the deployment',
      { rules: { address: 'public' }, tags: { 'rollcall:address': 'ipv6' }, task: { eni: dual } },
      '2001:db8::163:8080 | 10.0.1.163 | 2001:db8::163',
    ],
  ])('%s', (_, given, expected) => expect(where(given)).toBe(expected));

  test.each<readonly [string, Case]>([
    [
      'a public address that is not known',
      { rules: { address: 'public' }, more: { host: host() } },
    ],
    ['an IPv6 address that is not known', { rules: { address: 'ipv6' }, more: { host: host() } }],
    ['an interface without address', { task: { eni: {} }, more: { host: host() } }],
    ['no interface', { task: { eni: {}, containers: [] } }],
  ])('puts nothing in the place of %s', (_, given) =>
    expect(reasons(given)).toEqual(['app 8080 no-address']),
  );

  test('says that rollcall:address is nonsense, and goes by the deployment', () => {
    const given = { tags: { 'rollcall:address': 'ipv4' } };
    expect(where(given)).toBe('10.0.1.163:8080 | 10.0.1.163 | -');
    expect(derived(given).notes).toEqual([
      'tag rollcall:address must be private, public or ipv6, not "ipv4"; it is ignored',
    ]);
  });
});

describe('an address that clients must not be given', () => {
  test.each<readonly [string, Case, string]>([
    [
      'link-local',
      { task: { eni: { ipv4: '169.254.170.2' } } },
      '169.254.170.2 is a link-local address',
    ],
    [
      'loopback, of a host',
      { networkMode: 'host', more: { host: { ...host(), privateIpv4: '127.0.0.1' } } },
      '127.0.0.1 is a loopback address',
    ],
    [
      'a service of EC2 within IPv6, beside a good one',
      { task: { eni: { ipv4: '10.0.1.163', ipv6: 'fd00:ec2::254' } } },
      "fd00:ec2::254 is an address of EC2's own services",
    ],
  ])('is not registered: %s', (_, given, why) => {
    expect(derived(given).instances).toEqual([]);
    expect(derived(given).skips).toMatchObject([
      { code: 'withheld-address', detail: `container app, port 8080/tcp: ${why}` },
    ]);
  });

  test('is registered where everything runs on this machine', () => {
    const given: Case = {
      networkMode: 'host',
      rules: { addresses: { loopback: 'allow' } },
      more: { host: { ...host(), privateIpv4: '127.0.0.1' } },
    };
    expect(derived(given).instances).toMatchObject([{ address: '127.0.0.1' }]);
  });
});

describe('host mode', () => {
  const onHost = (given: Case = {}): Case => ({
    networkMode: 'host',
    more: { host: host() },
    ...given,
  });

  test.each<readonly [string, Case, string]>([
    [
      "takes the host's address and the container port",
      onHost(),
      '10.0.9.9:8080 | 10.0.9.9 | 2001:db8::9',
    ],
    [
      'gives IPv6',
      onHost({ rules: { address: 'ipv6' } }),
      '2001:db8::9:8080 | 10.0.9.9 | 2001:db8::9',
    ],
    [
      'gives the public address',
      onHost({ rules: { address: 'public' } }),
      '203.0.113.9:8080 | 203.0.113.9 | 2001:db8::9',
    ],
  ])('%s', (_, given, expected) => expect(where(given)).toBe(expected));

  test('puts nothing in the place of a public address that the host lacks', () => {
    const { publicIpv4: _, ...inside } = host();
    const given = onHost({
      rules: { address: 'public' },
      more: { host: inside, publicIpv4: '198.51.100.1' },
    });
    expect(reasons(given)).toEqual(['app 8080 no-address']);
  });
});

describe('bridge mode', () => {
  const bound = (bindings: readonly Binding[], given: Case = {}): Case => ({
    networkMode: 'bridge',
    more: { host: host() },
    task: { eni: {}, containers: [running({ bindings })] },
    ...given,
  });
  const v4 = binding(8080, 32768);
  const v6 = binding(8080, 32769, { bindIp: '::' });
  const at = (bindIp: string) => binding(8080, 32768, { bindIp });

  test.each<readonly [string, Case, string]>([
    ["takes the host's address and the bound port", bound([v4]), '10.0.9.9:32768 | 10.0.9.9 | -'],
    ['takes an empty bind address for every one', bound([at('')]), '10.0.9.9:32768 | 10.0.9.9 | -'],
    [
      'chooses IPv4 of two families with different ports',
      bound([v6, v4]),
      '10.0.9.9:32768 | 10.0.9.9 | -',
    ],
    [
      'chooses IPv6 where it is wanted',
      bound([v4, v6], { rules: { address: 'ipv6' } }),
      '2001:db8::9:32769 | - | 2001:db8::9',
    ],
    [
      'knows both addresses where both families share the port',
      bound([v4, { ...v6, hostPort: 32768 }]),
      '10.0.9.9:32768 | 10.0.9.9 | 2001:db8::9',
    ],
    ['takes a lone :: for IPv4 too', bound([v6]), '10.0.9.9:32769 | 10.0.9.9 | 2001:db8::9'],
    [
      'takes a lone 0.0.0.0 for IPv6 too, since the ECS agent leaves out its twin',
      bound([v4], { rules: { address: 'ipv6' } }),
      '2001:db8::9:32768 | 10.0.9.9 | 2001:db8::9',
    ],
    [
      'gives the public address',
      bound([v4], { rules: { address: 'public' } }),
      '203.0.113.9:32768 | 203.0.113.9 | -',
    ],
    [
      'takes the lowest of several host ports, whatever their order',
      bound([binding(8080, 32770), v4, binding(8080, 32769)]),
      '10.0.9.9:32768 | 10.0.9.9 | -',
    ],
    [
      'takes the first of several bind addresses in the order of their text',
      bound([at('10.0.9.78'), binding(8080, 40000, { bindIp: '10.0.9.77' })]),
      '10.0.9.77:40000 | 10.0.9.77 | -',
    ],
    [
      'takes a single bind address as it is',
      bound([at('10.0.9.77')]),
      '10.0.9.77:32768 | 10.0.9.77 | -',
    ],
    ['reads IPv4 within IPv6', bound([at('::ffff:10.0.9.77')]), '10.0.9.77:32768 | 10.0.9.77 | -'],
    [
      'passes over a loopback binding beside a reachable one',
      bound([binding(8080, 1, { bindIp: '127.0.0.1' }), v4]),
      '10.0.9.9:32768 | 10.0.9.9 | -',
    ],
    [
      'gives the public address of a port bound to the primary private one',
      bound([at('10.0.9.9')], { rules: { address: 'public' } }),
      '203.0.113.9:32768 | 203.0.113.9 | -',
    ],
    [
      'takes a fixed host port from its binding',
      bound([binding(8080, 80)], { containers: labelled({}, port(8080, { hostPort: 80 })) }),
      '10.0.9.9:80 | 10.0.9.9 | -',
    ],
  ])('%s', (_, given, expected) => expect(where(given)).toBe(expected));

  test.each<readonly [string, Case, string]>([
    ['that has no binding yet', bound([]), 'no-binding'],
    ['whose binding has no port yet', bound([binding(8080, 0)]), 'no-binding'],
    [
      'whose number is bound for the other protocol only',
      bound([binding(8080, 1, { protocol: 'udp' })]),
      'no-binding',
    ],
    [
      'of a container that the task does not list',
      { networkMode: 'bridge', more: { host: host() }, task: { containers: [] } },
      'no-binding',
    ],
    [
      'with a fixed host port that ECS does not report',
      bound([], { containers: labelled({}, port(8080, { hostPort: 80 })) }),
      'no-binding',
    ],
    ['bound to 127.0.0.1', bound([at('127.0.0.1')]), 'loopback'],
    ['bound to another loopback address', bound([at('127.8.8.8')]), 'loopback'],
    ['bound to ::1', bound([at('::1')]), 'loopback'],
    ['bound to loopback within IPv6', bound([at('::ffff:127.0.0.1')]), 'loopback'],
    ['bound to one IPv6 address where IPv4 is wanted', bound([at('2001:db8::77')]), 'no-address'],
    [
      'bound to one IPv4 address where IPv6 is wanted',
      bound([at('10.0.9.77')], { rules: { address: 'ipv6' } }),
      'no-address',
    ],
    [
      'bound to a secondary address where the public one is wanted',
      bound([at('10.0.9.77')], { rules: { address: 'public' } }),
      'no-address',
    ],
  ])('leaves out a port %s', (_, given, code) =>
    expect(reasons(given)).toEqual([`app 8080 ${code}`]),
  );

  test('gives each port its own binding, tcp and udp apart', () => {
    const { instances } = derived(
      bound([binding(53, 1001), binding(53, 1002, { protocol: 'udp' })], {
        containers: labelled({}, port(53), udp(53)),
      }),
    );
    expect(instances.map(({ protocol, port }) => `${protocol} ${port}`).sort()).toEqual([
      'tcp 1001',
      'udp 1002',
    ]);
  });

  test('registers what is bound and gives the reason for the rest', () => {
    const given = bound([v4], { containers: labelled({}, port(8080), port(8081)) });
    expect(where(given)).toBe('10.0.9.9:32768 | 10.0.9.9 | -');
    expect(reasons(given)).toEqual(['app 8081 no-binding']);
  });
});

const DOWN = ['host-down', 'its host is down'] as const;

describe('the whole task is left out', () => {
  test.each<readonly [string, Case, string]>([
    ['while it does not run', { more: { obstacle: ['not-running', 'PENDING'] } }, 'not-running'],
    ['when its host goes down, in awsvpc too', { more: { obstacle: DOWN } }, 'host-down'],
    [
      'when its host goes down and is not known',
      { networkMode: 'bridge', more: { obstacle: DOWN } },
      'host-down',
    ],
    ['when its host is not known', { networkMode: 'bridge' }, 'host-unknown'],
    ['when its host is not known, in host mode', { networkMode: 'host' }, 'host-unknown'],
    ['in network mode none', { networkMode: 'none' }, 'network-mode'],
  ])('%s', (_, given, code) => {
    expect(reasons(given)).toEqual([code]);
    expect(derived(given).instances).toEqual([]);
    expect(derived(given).identities).toHaveLength(code === 'network-mode' ? 0 : 1);
  });
});

describe('what must be read for a task', () => {
  test.each([
    ['awsvpc', false],
    ['bridge', true],
    ['host', true],
    ['none', false],
  ] as const)('its host, in mode %s: %s', (networkMode, expected) =>
    expect(needsHost(definition({ networkMode }))).toBe(expected),
  );

  test.each([
    ['awsvpc', 'public', {}, true],
    ['awsvpc', 'private', {}, false],
    ['awsvpc', 'private', { 'rollcall:address': 'public' }, true],
    ['awsvpc', 'public', { 'rollcall:address': 'private' }, false],
    ['bridge', 'public', {}, false],
  ] as const)(
    "its interface's public address, in %s with %s and %o: %s",
    (networkMode, address, tags, expected) =>
      expect(needsPublicAddress(definition({ networkMode, tags }), rules({ address }))).toBe(
        expected,
      ),
  );

  test('its health, where any container has a check', () => {
    const checked = container({ name: 'b', hasHealthCheck: true });
    expect(hasHealthCheck(definition())).toBe(false);
    expect(hasHealthCheck(definition({ containers: [container(), checked] }))).toBe(true);
  });
});
