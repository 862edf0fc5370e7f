import fc from 'fast-check';
import { expect, test } from 'vitest';
import { derive } from '../../../shared/derive/derive.ts';
import type { DeriveInput } from '../../../shared/derive/derived.ts';
import { isReserved } from '../../../shared/derive/reserved.ts';
import { KEY } from '../../../shared/model/registration.ts';
import type { Binding, ContainerDefinition, Task } from '../../../shared/model/task.ts';
import { definition, host, rules, running, task } from './builders.ts';

const NAMES = ['app', 'App', 'a_b', 'constructor', '__proto__'];
const PORTS = [80, 443, 8081, 65535];
const WORDS = [
  ...[
    'NAME',
    'TAGS',
    'IGNORE',
    'ID',
    'WEIGHT',
    'CHECK_HTTP',
    'CHECK_TTL',
    'CHECK_SCRIPT',
    'REGION',
    '__proto__',
  ],
  ...[
    'EUREKA_ROLE',
    'EUREKA_STATUS',
    'EUREKA_METADATA_',
    'EUREKA_METADATA_A__B',
    'ROLLCALL_OWNER',
    'aws.x',
    '',
  ],
];
const VALUES = [
  '',
  'shop',
  'secure',
  'management',
  'a\\,b,,c',
  '{ip}:{port:80}{zone}',
  '\0',
  '$&',
  '\ud800',
  '###',
];

const value = fc.oneof(fc.constantFrom(...VALUES), fc.string({ unit: 'binary', maxLength: 80 }));
const key = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('', '80_', '443_', '8081_', '080_', '-1_'),
      fc.constantFrom(...WORDS),
      fc.boolean(),
    )
    .map(([port, word, lower]) => `SERVICE_${port}${lower ? word.toLowerCase() : word}`),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => `SERVICE_${text}`),
  fc.constantFrom('__proto__', 'constructor', 'service_name', 'SERVICE_'),
);
const said = fc
  .array(fc.tuple(key, value), { maxLength: 8 })
  .map((entries) => Object.fromEntries(entries));
const mapping = fc.record({
  containerPort: fc.constantFrom(...PORTS),
  hostPort: fc.constantFrom(0, 80),
  protocol: fc.constantFrom('tcp', 'udp'),
});

const containerDefinition: fc.Arbitrary<ContainerDefinition> = fc.record({
  name: fc.constantFrom(...NAMES),
  image: fc.oneof(fc.constant('reg:5000/a/api:v1'), value),
  ports: fc.array(mapping, { maxLength: 5 }),
  labels: said,
  environment: said,
  hasHealthCheck: fc.boolean(),
  isEssential: fc.boolean(),
});

const binding: fc.Arbitrary<Binding> = fc.record({
  bindIp: fc.constantFrom(
    '0.0.0.0',
    '::',
    '127.0.0.1',
    '::1',
    '10.0.9.77',
    '2001:db8::77',
    'nonsense',
  ),
  containerPort: fc.constantFrom(...PORTS),
  hostPort: fc.nat({ max: 3 }),
  protocol: fc.constantFrom('tcp', 'udp'),
});

const containers = fc.uniqueArray(containerDefinition, {
  selector: ({ name }) => name,
  maxLength: 4,
});

const input: fc.Arbitrary<DeriveInput> = fc
  .record({
    containers,
    networkMode: fc.constantFrom('awsvpc', 'bridge', 'host', 'none'),
    tags: fc.dictionary(
      fc.constantFrom(
        'rollcall:name',
        'rollcall:port',
        'rollcall:tags',
        'rollcall:ignore',
        'rollcall:address',
      ),
      fc.oneof(fc.constantFrom('80', 'public', 'ipv6', 'shop'), value),
      { maxKeys: 2 },
    ),
    overrides: said,
    bindings: fc.array(binding, { maxLength: 8 }),
    id: fc.oneof(fc.constant('0123456789abcdef0123456789abcdef'), fc.string({ maxLength: 70 })),
    group: fc.constantFrom('service:web', 'family:f', 'service:'),
    startedBy: fc.constantFrom('ecs-svc/1', 'ecs-svc/1', 'me'),
    health: fc.constantFrom('HEALTHY', 'UNHEALTHY', 'UNKNOWN'),
    withHost: fc.boolean(),
  })
  .map(({ containers, networkMode, tags, overrides, bindings, withHost, ...told }) => ({
    definition: definition({ containers, networkMode, tags }),
    task: task({
      ...told,
      containers: containers.map(({ name }) => running({ name, bindings, health: told.health })),
      overrides: Object.fromEntries(containers.slice(0, 1).map(({ name }) => [name, overrides])),
    }),
    ...(withHost && { host: host() }),
    publicIpv4: '198.51.100.1',
  }));

const anyRules = fc
  .record({
    profile: fc.constantFrom('ecs', 'registrator'),
    tasks: fc.constantFrom('services', 'all'),
    mode: fc.constantFrom('opt-out', 'opt-in'),
    address: fc.constantFrom('private', 'public', 'ipv6'),
  })
  .map(rules);

const RUNS = { numRuns: 500 };
const holds = (property: Parameters<typeof fc.assert>[0]) => fc.assert(property, RUNS);

/**
 * What is left of a task in a STOPPED event: no interface, no binding, no health, no host. Its zone
 * is: names may hold it.
 */
const stopped = ({ task, definition }: DeriveInput): DeriveInput => {
  const { eni: _, health: __, startedAt: ___, ...rest } = task;
  const over: Task = {
    ...rest,
    desiredStatus: 'STOPPED',
    lastStatus: 'STOPPED',
    version: 9,
    containers: [],
  };
  return { definition, task: over, obstacle: ['not-running', 'desiredStatus STOPPED'] };
};

const reversed = <T>(record: Readonly<Record<string, T>>) =>
  Object.fromEntries(Object.entries(record).reverse());

const shuffled = (given: DeriveInput): DeriveInput => ({
  ...given,
  task: {
    ...given.task,
    overrides: reversed(
      Object.fromEntries(
        Object.entries(given.task.overrides).map(([name, set]) => [name, reversed(set)]),
      ),
    ),
    containers: given.task.containers.toReversed().map((container) => ({
      ...container,
      bindings: container.bindings.toReversed(),
    })),
  },
  definition: {
    ...given.definition,
    tags: reversed(given.definition.tags),
    containers: given.definition.containers.map((container) => ({
      ...container,
      labels: reversed(container.labels),
      environment: reversed(container.environment),
    })),
  },
});

test('a stopped task has the identities it had while it ran, and what it would have had', () =>
  holds(
    fc.property(input, anyRules, (given, chosen) => {
      const before = derive(given, chosen);
      const after = derive(stopped(given), chosen);
      expect(after.identities).toEqual(expect.arrayContaining([...before.identities]));
      expect(after.instances).toEqual([]);
    }),
  ));

test('every instance has its identity, and no id is given twice', () =>
  holds(
    fc.property(input, anyRules, (given, chosen) => {
      const { identities, instances } = derive(given, chosen);
      const known = identities.map(({ service, id }) => JSON.stringify([service, id]));
      expect(known).toEqual(
        expect.arrayContaining(instances.map(({ service, id }) => JSON.stringify([service, id]))),
      );
      expect(new Set(identities.map(({ id }) => id)).size).toBe(identities.length);
      expect(new Set(instances.map(({ id }) => id)).size).toBe(instances.length);
    }),
  ));

test('every id is a DNS label', () =>
  holds(
    fc.property(input, anyRules, (given, chosen) => {
      for (const { id } of derive(given, chosen).identities)
        expect(id).toMatch(/^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/);
    }),
  ));

/** Ports that a label names and no mapping has, where mappings change nothing. */
const namedWithoutMapping = ({ task, definition }: DeriveInput): readonly string[] => {
  const { containers, networkMode } = definition;
  if (networkMode === 'bridge') return [];
  const mapped = new Set(containers.flatMap(({ ports }) => ports.map((one) => one.containerPort)));
  const named = containers.flatMap(({ name, labels, environment }) => {
    const own = Object.hasOwn(task.overrides, name) ? task.overrides[name] : {};
    return Object.entries(labels)
      .concat(Object.entries({ ...environment, ...own }))
      .flatMap(([key, value]) => {
        const [, port] = /^SERVICE_([1-9]\d{0,4})_NAME$/i.exec(key) ?? [];
        if (!port || !key.startsWith('SERVICE_') || !value || Number(port) > 65_535) return [];
        return mapped.has(Number(port)) ? [] : [Number(port)];
      });
  });
  // One network: a port is one container's.
  return [...new Set(named)].map((port) => `one of them ${port} tcp`);
};

test('every published port of a task that may run is registered or left out with a reason, once', () =>
  holds(
    fc.property(input, anyRules, (given, chosen) => {
      fc.pre(
        given.definition.networkMode === 'awsvpc' ||
          (given.definition.networkMode !== 'none' && !!given.host),
      );
      const { instances, skips } = derive(given, chosen);
      const published = given.definition.containers.flatMap(({ name, ports }) =>
        ports.map(({ containerPort, protocol }) => `${name} ${containerPort} ${protocol}`),
      );
      const isLeftOut = skips.some(({ code, port }) => code === 'not-of-service' && !port);
      const left = skips.filter(({ code }) => code !== 'no-ports');
      const ports = new Set([...published, ...namedWithoutMapping(given)]);
      expect(instances.length + left.length).toBe(isLeftOut ? 1 : ports.size);
    }),
  ));

test('the order of labels, variables, tags, bindings and of the task’s containers does not matter', () =>
  holds(
    fc.property(input, anyRules, (given, chosen) => {
      expect(JSON.stringify(derive(shuffled(given), chosen))).toBe(
        JSON.stringify(derive(given, chosen)),
      );
    }),
  ));

test('no label, variable or tag sets a key that is ours or AWS’s', () =>
  holds(
    fc.property(input, anyRules, (given, chosen) => {
      const ours = new Set<string>(Object.values(KEY));
      for (const { metadata } of derive(given, chosen).instances) {
        expect(Object.keys(metadata).filter((name) => isReserved(name) && !ours.has(name))).toEqual(
          [],
        );
        expect(metadata[KEY.owner]).toBe(chosen.owner);
        expect(metadata[KEY.task]).toBe(given.task.arn);
        expect(metadata[KEY.region]).toBe('eu-west-1');
      }
    }),
  ));

test('under profile ecs every name is one that DNS and registries carry', () =>
  holds(
    fc.property(input, anyRules, (given, chosen) => {
      for (const { service } of derive(given, { ...chosen, profile: 'ecs' }).identities)
        expect(service).toMatch(
          /^(?=.*[A-Za-z0-9])[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/,
        );
    }),
  ));
