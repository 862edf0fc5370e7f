import { describe, expect, test } from 'vitest';
import type { PortMapping } from '../../../shared/model/task.ts';
import {
  binding,
  type Case,
  container,
  derived,
  host,
  instance,
  labelled,
  names,
  port,
  reasons,
  running,
  udp,
} from './builders.ts';

const ROLES = { SERVICE_8081_EUREKA_ROLE: 'management', SERVICE_8443_EUREKA_ROLE: 'secure' };
const spring = (
  labels: Record<string, string> = ROLES,
  ...ports: readonly PortMapping[]
): Case => ({
  containers: labelled(
    labels,
    ...(ports.length > 0 ? ports : [port(8080), port(8081), port(8443)]),
  ),
});
const bridged = (given: Case, ...bound: readonly (readonly [number, number])[]): Case => ({
  ...given,
  networkMode: 'bridge',
  more: { host: host() },
  task: {
    containers: [running({ bindings: bound.map(([inside, outside]) => binding(inside, outside)) })],
  },
});

describe('folding', () => {
  test('makes one record of three ports, under the plain name', () => {
    expect(names(spring())).toEqual(['8080/tcp web']);
    expect(reasons(spring())).toEqual(['app 8081 folded', 'app 8443 folded']);
    expect(derived(spring()).identities).toHaveLength(1);
  });

  test('tells where the folded ports are reached', () => {
    const { eureka, metadata, port } = instance(bridged(spring(), [8080, 1], [8081, 2], [8443, 3]));
    expect(port).toBe(1);
    expect(eureka).toEqual({ managementPort: 2, securePort: 3 });
    expect(metadata['management.port']).toBe('2');
  });

  test('overrules a management port said by hand, which cannot know the host port', () => {
    const given = spring({ ...ROLES, 'SERVICE_EUREKA_METADATA_management.port': '8081' });
    const { metadata } = instance(bridged(given, [8080, 1], [8081, 2], [8443, 3]));
    expect(metadata['management.port']).toBe('2');
  });

  test('leaves a management port said by hand alone where none is folded', () =>
    expect(
      instance({ containers: labelled({ 'SERVICE_EUREKA_METADATA_management.port': '9999' }) })
        .metadata['management.port'],
    ).toBe('9999'));

  test('leaves out a folded port whose host port is not known, with a word', () => {
    const given = bridged(spring(), [8080, 1], [8443, 3]);
    expect(instance(given).eureka).toEqual({ securePort: 3 });
    expect(derived(given).notes).toEqual([
      'container app, port 8081/tcp: no host port is known, it is left out',
    ]);
  });

  test('goes into the first port that has a record', () => {
    const labels = { ...ROLES, SERVICE_8080_IGNORE: '1' };
    const { instances } = derived(
      spring(labels, port(8080), port(8081), port(8443), port(9090), port(9091)),
    );
    expect(instances.map(({ port, eureka }) => [port, eureka])).toEqual([
      [9090, { managementPort: 8081, securePort: 8443 }],
      [9091, {}],
    ]);
  });

  test('stays within the container', () => {
    const containers = [
      container({ name: 'a', ports: [port(1)] }),
      container({
        name: 'b',
        ports: [port(2), port(3)],
        labels: { SERVICE_3_EUREKA_ROLE: 'management' },
      }),
    ];
    expect(derived({ containers }).instances.map(({ port, eureka }) => [port, eureka])).toEqual([
      [1, {}],
      [2, { managementPort: 3 }],
    ]);
  });

  test('works though rollcall:port selects the main port', () =>
    expect(instance({ ...spring(), tags: { 'rollcall:port': '8080' } }).eureka).toEqual({
      managementPort: 8081,
      securePort: 8443,
    }));

  test('leaves an ignored port out of everything', () => {
    const given = spring({ ...ROLES, SERVICE_8081_IGNORE: '1' });
    expect(instance(given).eureka).toEqual({ securePort: 8443 });
    expect(reasons(given)).toEqual(['app 8081 ignored', 'app 8443 folded']);
  });

  test('leaves a container that serves https alone its one record', () => {
    const { port: number, eureka } = instance(spring(ROLES, port(8443)));
    expect(number).toBe(8443);
    expect(eureka).toEqual({ securePort: 8443, portEnabled: false });
  });

  test('makes the secure port the record where only a management port is beside it', () => {
    const found = instance(spring(ROLES, port(8081), port(8443)));
    expect(found.port).toBe(8443);
    expect(found.eureka).toEqual({ securePort: 8443, portEnabled: false, managementPort: 8081 });
  });

  test('loses no port where several play one part', () => {
    const two = { ...ROLES, SERVICE_9443_EUREKA_ROLE: 'secure' };
    const facts = (...ports: readonly PortMapping[]) =>
      derived(spring(two, ...ports)).instances.map(({ port, eureka }) => [port, eureka.securePort]);
    expect(facts(port(8443), port(9443)).sort()).toEqual([
      [8443, 8443],
      [9443, 9443],
    ]);
    expect(facts(port(8443), port(9443), port(8080)).sort()).toEqual([
      [8080, 8443],
      [9443, 9443],
    ]);
  });

  test('never goes into a udp port', () => {
    const { instances } = derived(spring(ROLES, udp(53), port(8081)));
    expect(instances.map(({ protocol, eureka }) => [protocol, eureka]).sort()).toEqual([
      ['tcp', {}],
      ['udp', {}],
    ]);
  });

  test.each([
    [
      'a word that is no role',
      { SERVICE_8081_EUREKA_ROLE: 'admin' },
      port(8081),
      'must be secure or management',
    ],
    ['a role of no port', { SERVICE_EUREKA_ROLE: 'management' }, port(8081), 'it needs a port'],
    [
      'a role of a udp port',
      { SERVICE_8081_EUREKA_ROLE: 'management' },
      udp(8081),
      'only a tcp port',
    ],
  ])('passes over %s, with a word', (_, labels, mapping, text) => {
    const given = spring(labels, port(8080), mapping);
    expect(names(given)).toHaveLength(2);
    expect(derived(given).notes.join()).toContain(text);
  });
});

describe('SERVICE_EUREKA_', () => {
  const facts = (labels: Record<string, string>) =>
    instance({ containers: labelled(labels) }).eureka;

  test('facts reach Eureka under its own terms', () =>
    expect(
      facts({
        SERVICE_EUREKA_STATUS: 'out_of_service',
        SERVICE_EUREKA_VIP: 'v',
        SERVICE_EUREKA_SECUREVIP: 's',
        SERVICE_EUREKA_IPADDR: '198.51.100.7',
        SERVICE_EUREKA_HOSTNAME: 'web.example',
        SERVICE_EUREKA_DATACENTERINFO_NAME: 'amazon',
        SERVICE_EUREKA_HOMEPAGEURL: 'http://{ip}:{port}/',
        SERVICE_EUREKA_STATUSPAGEURL: 'http://{ip}:{port:8080}/info',
        SERVICE_EUREKA_HEALTHCHECKURL: 'http://{ip}:{port}/health',
        SERVICE_8080_EUREKA_SECUREHEALTHCHECKURL: 'https://{ip}:{port}/health',
      }),
    ).toEqual({
      status: 'OUT_OF_SERVICE',
      vip: 'v',
      secureVip: 's',
      ipAddr: '198.51.100.7',
      hostName: 'web.example',
      dataCenter: 'Amazon',
      homePageUrl: 'http://10.0.1.163:8080/',
      statusPageUrl: 'http://10.0.1.163:8080/info',
      healthCheckUrl: 'http://10.0.1.163:8080/health',
      secureHealthCheckUrl: 'https://10.0.1.163:8080/health',
    }));

  test.each(['HOMEPAGEURL', 'STATUSPAGEURL', 'HEALTHCHECKURL', 'SECUREHEALTHCHECKURL', 'IPADDR'])(
    '%s is left out where a placeholder in it cannot be filled, with a word',
    (key) => {
      const labels = { [`SERVICE_EUREKA_${key}`]: 'http://{ip}:{port:9999}/' };
      expect(facts(labels)).toEqual({});
      expect(derived({ containers: labelled(labels) }).notes).toEqual([
        `container app, port 8080/tcp: EUREKA_${key} is left out: nothing is known for {port:9999}`,
      ]);
    },
  );

  test('without a value says nothing', () => expect(facts({ SERVICE_EUREKA_VIP: '' })).toEqual({}));

  test.each([
    [
      'STATUS',
      'BROKEN',
      'EUREKA_STATUS must be one of UP, DOWN, STARTING, OUT_OF_SERVICE, UNKNOWN; it is ignored',
    ],
    [
      'DATACENTERINFO_NAME',
      'x',
      'EUREKA_DATACENTERINFO_NAME must be one of MyOwn, Amazon; it is ignored',
    ],
    [
      'LEASEINFO_DURATIONINSECS',
      '90',
      'SERVICE_EUREKA_LEASEINFO_DURATIONINSECS is ignored: leases are 180 s, renewed twice a minute',
    ],
    ['COLOUR', 'x', 'SERVICE_EUREKA_COLOUR is ignored: it is not known'],
  ])('%s=%s is passed over, with a word', (key, value, text) => {
    const labels = { [`SERVICE_EUREKA_${key}`]: value };
    expect(facts(labels)).toEqual({});
    expect(derived({ containers: labelled(labels) }).notes).toEqual([
      `container app, port 8080/tcp: ${text}`,
    ]);
  });
});

describe('placeholders', () => {
  const value = (text: string, given: Case = {}) =>
    instance({ ...given, containers: labelled({ SERVICE_X: text }) }).metadata['x'];
  const V6: Case = { rules: { address: 'ipv6' }, task: { eni: { ipv6: '2001:db8::1' } } };

  test.each([
    ['address and port', '{ip} {port}', '10.0.1.163 8080'],
    ['zone', '{zone}', 'eu-west-1a'],
    ['a container port', '{port:8080}', '8080'],
    [
      'no other braces',
      '{IP} {host} {} {{x}} {port:} {"a":{"b":1}}',
      '{IP} {host} {} {{x}} {port:} {"a":{"b":1}}',
    ],
    ['one within other braces', '{{port}}', '{8080}'],
  ])('stand for %s', (_, text, expected) => expect(value(text)).toBe(expected));

  test.each([
    ['{ip}', '2001:db8::1'],
    ['http://{ip}/', 'http://[2001:db8::1]/'],
    ['{ip}:{port}', '[2001:db8::1]:8080'],
    ['{ip}: yes', '2001:db8::1: yes'],
  ])('put IPv6 in brackets where a URL or a port is around it: %s', (text, expected) =>
    expect(value(text, V6)).toBe(expected),
  );

  test('hold in tags too', () =>
    expect(
      instance({ containers: labelled({ SERVICE_TAGS: 'zone-{zone},p{port}' }) }).tags,
    ).toEqual(['p8080', 'zone-eu-west-1a']));

  test('find the host port of another port of the container, then of the task', () => {
    const containers = [
      container({
        name: 'app',
        ports: [port(80), port(81)],
        labels: { SERVICE_80_X: '{port:81} {port:90}' },
      }),
      container({ name: 'aaa', ports: [port(81), port(90)] }),
    ];
    const { instances } = derived({
      containers,
      networkMode: 'bridge',
      more: { host: host() },
      task: {
        containers: [
          running({ bindings: [binding(80, 1000), binding(81, 1001)] }),
          running({ name: 'aaa', bindings: [binding(81, 2001), binding(90, 2002)] }),
        ],
      },
    });
    expect(instances.map(({ metadata }) => metadata['x']).filter(Boolean)).toEqual(['1001 2002']);
  });

  test('take the first container by name where several others have the port', () => {
    const app = container({ ports: [port(80)], labels: { SERVICE_X: '{port:81}' } });
    const [b, c] = [
      container({ name: 'b', ports: [port(81)] }),
      container({ name: 'c', ports: [port(81)] }),
    ];
    const told = [
      running({ bindings: [binding(80, 1000)] }),
      running({ name: 'b', bindings: [binding(81, 2001)] }),
      running({ name: 'c', bindings: [binding(81, 3001)] }),
    ];
    const found = [
      [app, b, c],
      [c, b, app],
    ].map((containers) =>
      derived({
        containers,
        networkMode: 'bridge',
        more: { host: host() },
        task: { containers: told },
      }).instances.flatMap(({ metadata }) => metadata['x'] ?? []),
    );
    expect(found).toEqual([['2001'], ['2001']]);
  });

  test('prefer the same protocol', () => {
    const containers = labelled({ SERVICE_X: '{port:53}' }, udp(53), port(53), port(80));
    const { instances } = derived({
      containers,
      networkMode: 'bridge',
      more: { host: host() },
      task: {
        containers: [
          running({
            bindings: [binding(53, 1, { protocol: 'udp' }), binding(53, 2), binding(80, 3)],
          }),
        ],
      },
    });
    expect(instances.map(({ port, metadata }) => [port, metadata['x']]).sort()).toEqual([
      [1, '1'],
      [2, '2'],
      [3, '2'],
    ]);
  });

  test('stay as they are where nothing is known, with a word', () => {
    expect(value('{port:9999}')).toBe('{port:9999}');
    expect(derived({ containers: labelled({ SERVICE_X: '{port:9999}' }) }).notes).toEqual([
      'container app, port 8080/tcp: nothing is known for {port:9999}; it stays as it is',
    ]);
  });

  test('are not looked for in what was put in', () => {
    const given: Case = {
      containers: labelled({ SERVICE_X: '{zone}' }),
      task: { zone: '{port}$&' },
    };
    expect(instance(given).metadata['x']).toBe('{port}$&');
  });
});

describe('what leads to an address that clients must not be given', () => {
  test.each([
    ['IPADDR', '169.254.169.254', 'a link-local address'],
    ['HOSTNAME', 'localhost', 'a loopback name'],
    ['HOMEPAGEURL', 'http://169.254.169.254/latest/meta-data/', 'a link-local address'],
    ['STATUSPAGEURL', 'http://[::1]:8080/info', 'a loopback address'],
    ['HEALTHCHECKURL', 'http://0x7f.1/', 'a loopback address'],
    ['SECUREHEALTHCHECKURL', 'https://[fd00:ec2::254]/', "an address of EC2's own services"],
  ])('is left out, with a word: %s', (key, text, what) => {
    const given = derived({ containers: labelled({ [`SERVICE_EUREKA_${key}`]: text }) });
    expect(given.instances[0]?.eureka).toEqual({});
    expect(given.notes).toContain(
      `container app, port 8080/tcp: EUREKA_${key} is left out: it leads to ${what}`,
    );
  });
});
