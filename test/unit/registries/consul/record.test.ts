import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Instance, KEY } from '../../../../shared/model/registration.ts';
import { toDuration } from '../../../../shared/registries/consul/checks.ts';
import { createRegistry as createConsul } from '../../../../shared/registries/consul/index.ts';
import {
  isAddressable,
  keyOf,
  NODE_KINDS,
  type NodeKind,
  toNodeName,
  toServiceName,
} from '../../../../shared/registries/consul/names.ts';
import { fitInstance, fitMetadata } from '../../../../shared/registries/consul/record.ts';
import { instanceFor } from '../../../contract/instance.ts';

const OWNER = 'rollcall-dev:123456789012:eu-west-1';
const CLUSTER = 'arn:aws:ecs:eu-west-1:123456789012:cluster/prod';

const fitted = (over: Partial<Instance> = {}) => {
  const { records, notes } = fitInstance(instanceFor({ owner: OWNER, cluster: CLUSTER }, over));
  const [record] = records;
  if (!record) throw new Error('no record');
  return { record, notes };
};

describe('a node', () => {
  const nameOf = (owner: string, cluster: string, kind: NodeKind = 'plain') =>
    toNodeName(owner, { cluster, kind });

  test('is named after the cluster and a hash of owner and ARN', () => {
    expect(nameOf(OWNER, CLUSTER)).toMatch(/^rollcall-prod-[a-z2-7]{8}$/);
  });

  // printf 'a\0b' | sha256sum, whose first 40 bits were put into base32 by other means.
  test('has a hash that does not change between releases', () => {
    expect(nameOf('a', 'b')).toBe('rollcall-b-lgzhdlq3');
    expect(nameOf('a', 'b', 'esm')).toBe('rollcall-b-lgzhdlq3-esm');
  });

  test('differs for each owner, each cluster and each kind', () => {
    const names = NODE_KINDS.flatMap((kind) => [
      nameOf(OWNER, CLUSTER, kind),
      nameOf(`${OWNER}2`, CLUSTER, kind),
      nameOf(OWNER, CLUSTER.replace('eu-west-1', 'eu-west-2'), kind),
      nameOf(`${OWNER}\0`, CLUSTER, kind),
    ]);
    expect(new Set(names).size).toBe(names.length);
  });

  test('is DNS-safe for every cluster name', () => {
    const clusters = fc.oneof(fc.string(), fc.string({ minLength: 60 }));
    fc.assert(
      fc.property(fc.string(), clusters, (owner, cluster) => {
        const [plain, esm] = NODE_KINDS.map((kind) => nameOf(owner, cluster, kind));
        expect(plain).toMatch(/^rollcall-([a-z0-9]([a-z0-9-]*[a-z0-9])?-)?[a-z2-7]{8}$/);
        expect(esm).toBe(`${plain}-esm`);
        expect(esm?.length).toBeLessThanOrEqual(62);
      }),
    );
  });

  test('cannot be made for an owner that Consul would have to cut', () => {
    const create = (owner: string) =>
      createConsul({ addresses: ['http://localhost:8500'] }, { owner });
    expect(() => create('ö'.repeat(256))).not.toThrow();
    expect(() => create('ö'.repeat(257))).toThrow('ROLLCALL_OWNER: expected at most 512 bytes');
  });
});

describe('a service name', () => {
  test.each(['web', 'Web.v2', 'a/b', 'two words', 'straße', 'a/', '...', '%2F'])(
    '%j stays as it is',
    (name) => {
      expect(toServiceName(name)).toBe(name);
    },
  );

  test.each([
    ['', 'unnamed'],
    ['..', '--'],
    ['.', '-'],
    ['../admin', '..-admin'],
    ['/web', '-web'],
    ['a//b', 'a--b'],
    ['a/./b', 'a-.-b'],
    ['/', '-'],
    ['tab\there', 'tab-here'],
  ])('%j is written as %s, since Consul could not be asked for it', (name, written) => {
    expect(toServiceName(name)).toBe(written);
    expect(fitted({ service: name }).notes).toContain(
      `name ${JSON.stringify(name)} is written as ${written}`,
    );
  });

  test('can always be asked for, and is mapped once', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('.', '/', 'a', '\n', '\ud800', 'é') }),
        (name) => {
          const written = toServiceName(name);
          expect(isAddressable(written)).toBe(true);
          expect(toServiceName(written)).toBe(written);
        },
      ),
    );
  });

  test('is no part of what makes a record one', () => {
    const ref = { service: 'web', id: 'Task-1', cluster: CLUSTER };
    expect(keyOf({ ...ref, ...{ service: 'renamed' } })).toBe(keyOf(ref));
    expect(keyOf({ ...ref, id: 'task-1' })).toBe(keyOf(ref));
    expect(keyOf({ ...ref, cluster: `${CLUSTER}2` })).not.toBe(keyOf(ref));
  });
});

describe('metadata', () => {
  test('keeps what Consul carries, without a word', () => {
    const given = { 'a-b_C9': 'Wert ü', empty: '', ['k'.repeat(128)]: 'v'.repeat(512) };
    expect(fitMetadata(given)).toEqual({ metadata: given, notes: [] });
  });

  test('writes other characters of a key as _, and says so', () => {
    const { metadata, notes } = fitMetadata({ 'management.port': '9001', 'consul-x': '1' });
    expect(metadata).toEqual({ management_port: '9001', consul_x: '1' });
    expect(notes).toEqual([
      'metadata key "consul-x" is written as consul_x',
      'metadata key "management.port" is written as management_port',
    ]);
  });

  test('keeps the first of keys that become equal', () => {
    const { metadata, notes } = fitMetadata({ a_b: '3', 'a.b': '2', 'a-b': '1' });
    expect(metadata).toEqual({ 'a-b': '1', a_b: '2' });
    expect(notes).toContain('metadata "a_b" is left out: another key is written as a_b');
  });

  test.each(['ROLLCALL.OWNER', 'rollcall.owner', 'Rollcall:Protocol', 'ROLLCALL TASK'])(
    'lets %j forge no key of ours by being mapped to it',
    (key) => {
      const { metadata, notes } = fitMetadata({ [key]: 'forged', [KEY.owner]: OWNER });
      expect(metadata).toEqual({ [KEY.owner]: OWNER });
      expect(notes).toEqual([`metadata ${JSON.stringify(key)} is left out: the key is reserved`]);
    },
  );

  test('leaves out the user’s pairs beyond 64, never ours', () => {
    const many = Object.fromEntries(
      Array.from({ length: 80 }, (_, at) => [`A${String(at).padStart(2, '0')}`, 'x']),
    );
    const { metadata, notes } = fitMetadata({ ...many, [KEY.task]: 't', [KEY.owner]: 'o' });
    expect(Object.keys(metadata)).toHaveLength(64);
    expect(metadata).toMatchObject({ [KEY.task]: 't', [KEY.owner]: 'o', A00: 'x', A61: 'x' });
    expect(notes).toHaveLength(18);
  });

  test('cuts a value to 512 bytes and splits no character', () => {
    const { metadata, notes } = fitMetadata({ text: `a${'é'.repeat(400)}`, lone: '\ud800' });
    expect(metadata).toEqual({ text: `a${'é'.repeat(255)}`, lone: '\ufffd' });
    expect(notes).toHaveLength(2);
  });

  test('fits Consul’s limits whatever comes, says whatever it changed, and is stable', () => {
    const keys = fc.oneof(
      fc.string(),
      fc.constantFrom(...Object.values(KEY)),
      fc.string({ minLength: 129 }),
    );
    fc.assert(
      fc.property(fc.dictionary(keys, fc.string({ maxLength: 600 }), { maxKeys: 80 }), (given) => {
        const { metadata, notes } = fitMetadata(given);
        expect(Object.keys(metadata).length).toBeLessThanOrEqual(64);
        for (const [key, value] of Object.entries(metadata)) {
          expect(key).toMatch(/^(?!consul-)[A-Za-z0-9_-]{1,128}$/);
          expect(Buffer.byteLength(value)).toBeLessThanOrEqual(512);
        }
        const lost = Object.entries(given).some(([key, value]) => metadata[key] !== value);
        expect(notes.length > 0).toBe(lost);
        expect(fitMetadata(metadata)).toEqual({ metadata, notes: [] });
      }),
    );
  });
});

describe('weight', () => {
  test.each([
    [1, '1'],
    [0, '1'],
    [2.4, '2'],
    [Number.NaN, '1'],
    [-3, '1'],
    [65_535, '65535'],
    [70_000, '65535'],
  ])('%d is written as %s', (weight, written) => {
    const { record, notes } = fitted({ weight });
    expect(record.detail).toMatchObject({ weight: written });
    expect(notes).toEqual(
      String(weight) === written ? [] : [`weight ${weight} is written as ${written}`],
    );
  });
});

describe('a check', () => {
  test('is ECS’s health, and nothing else unless the user asked for it', () => {
    expect(fitted({ health: 'starting' }).record).toMatchObject({
      health: 'starting',
      detail: { weight: '1', check: 'ecs' },
    });
  });

  test('that consul-esm can make stands beside ECS’s health, on the node that is for it', () => {
    const { record, notes } = fitted({
      health: 'unhealthy',
      check: {
        kind: 'https',
        target: 'https://10.0.1.17:8080/health',
        method: 'HEAD',
        interval: '90s',
        timeout: '1.5s',
        initialStatus: 'critical',
      },
    });
    expect(record.health).toBe('unhealthy');
    expect(record.detail).toEqual({
      weight: '1',
      check: 'ecs',
      node: 'esm',
      probe: 'http',
      probeTarget: 'https://10.0.1.17:8080/health',
      probeMethod: 'HEAD',
      probeInterval: '1m30s',
      probeTimeout: '1.5s',
      probeInitialStatus: 'critical',
    });
    expect(notes).toEqual([]);
  });

  test('with nonsense in it is written with defaults, and a note for each', () => {
    const check = {
      kind: 'tcp',
      target: 'h:1',
      interval: 'often',
      timeout: '-1s',
      initialStatus: 'green',
    } as const;
    const { record, notes } = fitted({ check });
    expect(record.detail).toEqual({
      weight: '1',
      check: 'ecs',
      node: 'esm',
      probe: 'tcp',
      probeTarget: 'h:1',
      probeInterval: '10s',
    });
    expect(notes).toEqual([
      'check: "often" is no duration such as 10s, and is left out',
      'check: "-1s" is no duration such as 10s, and is left out',
      'check: initial status "green" is unknown; passing is written',
    ]);
  });

  test.each([
    ['Critical', { probeInitialStatus: 'critical' }],
    ['WARNING ', { probeInitialStatus: 'warning' }],
    ['Passing', {}],
  ])('begins as %j, whatever the case', (initialStatus, expected) => {
    const { record, notes } = fitted({ check: { kind: 'tcp', target: 'h:1', initialStatus } });
    const { probeInitialStatus } = record.detail;
    expect({ ...(probeInitialStatus && { probeInitialStatus }) }).toEqual(expected);
    expect(notes).toEqual([]);
  });

  test.each([
    ['1ms', '1s'],
    ['999ms', '1s'],
    ['0.5s', '1s'],
    ['1ns', '1s'],
    ['1s', '1s'],
    ['1.5s', '1.5s'],
  ])('is made every %s at the interval %s, never more than once a second', (interval, written) => {
    const { record, notes } = fitted({ check: { kind: 'tcp', target: 'h:1', interval } });
    expect(record.detail).toMatchObject({ probeInterval: written });
    expect(notes).toEqual(
      interval === written
        ? []
        : [`check: interval ${interval} is raised to 1s: there is none shorter`],
    );
  });

  test.each(['ttl', 'script', 'cmd', 'grpc'] as const)(
    'of kind %s is made by nothing, so ECS’s health stands alone',
    (kind) => {
      const { record, notes } = fitted({ check: { kind, target: 'x' } });
      expect(record).toMatchObject({ health: 'healthy', detail: { weight: '1', check: 'ecs' } });
      expect(notes).toEqual([
        `nothing runs the ${kind} check without an agent: ECS's own health stands alone`,
      ]);
    },
  );
});

test.each([
  ['10s', '10s'],
  ['90s', '1m30s'],
  ['60m', '1h0m0s'],
  ['1.5s', '1.5s'],
  ['100ms', '100ms'],
  ['1h1ms', '1h0m0.001s'],
  ['1us', '1ms'],
  ['0s', undefined],
  ['10', undefined],
  ['', undefined],
  ['1d', undefined],
  ['99999999999999999h', undefined],
  [undefined, undefined],
])('the duration %s is %s as Go writes it', (given, written) => {
  expect(toDuration(given)).toBe(written);
});
