import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAttributes } from '../../../../local/aws/servicediscovery/attributes.ts';
import { type Instance, KEY } from '../../../../shared/model/registration.ts';
import { refsOf, toServiceName, toSrvName } from '../../../../shared/registries/cloudmap/names.ts';
import {
  fitInstance,
  fromRecord,
  toRecord,
} from '../../../../shared/registries/cloudmap/record.ts';
import type { Service } from '../../../../shared/registries/cloudmap/services.ts';
import { instanceFor } from '../../../contract/instance.ts';

const WHOSE = {
  owner: 'stack:123456789012:eu-west-1',
  cluster: 'arn:aws:ecs:eu-west-1:123456789012:cluster/main',
};
const instance = (over: Partial<Instance> = {}) => instanceFor(WHOSE, over);

const service = (name: string): Service => ({
  id: 'srv-1',
  arn: 'arn:1',
  name,
  records: ['SRV'],
  health: 'custom',
  instances: 0,
});

/** The pattern of the API's model, 2017-03-14. */
const LABEL = '([a-zA-Z0-9_][a-zA-Z0-9-_]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9])';
const NAME = new RegExp(`^(?=.{1,127}$)${LABEL}(\\.${LABEL})*$`);

describe('names', () => {
  it.each([
    ['web', 'web'],
    ['Web_2', 'Web_2'],
    ['stock price', 'stock-price'],
    ['a/b:c', 'a-b-c'],
    ['-edge-', 'edge'],
    ['web.v2', 'web.v2'],
    ['..web..', 'web'],
    ['straße', 'stra-e-787f4770'],
    ['_', undefined],
    ['...', undefined],
    ['', undefined],
  ])('carries %j as %j', (raw, name) => {
    expect(toServiceName(raw)).toBe(name);
  });

  it('gives only names that Cloud Map accepts, and the same again for its own', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.constantFrom('tcp', 'udp'),
        (raw, protocol) => {
          const name = toServiceName(raw);
          const srv = toSrvName(raw, protocol);
          expect(srv === undefined).toBe(name === undefined);
          if (name === undefined) return;
          expect(name).toMatch(NAME);
          expect(srv).toMatch(NAME);
          expect(toServiceName(name)).toBe(name);
        },
      ),
    );
  });

  it('keeps names apart that differ after the 63rd character', () => {
    const [a, b] = ['a', 'b'].map((end) => toServiceName('x'.repeat(63) + end));
    expect(a).not.toBe(b);
    expect(a?.length).toBe(63);
  });

  it('adds a twin for SRV records where both kinds are wanted', () => {
    const { id, cluster } = instance();
    const identity = { id, cluster, service: 'dns', protocol: 'udp' } as const;
    expect(refsOf(identity, 'both').map((ref) => ref.service)).toEqual(['dns', '_dns._udp']);
    expect(refsOf(identity, 'auto').map((ref) => ref.service)).toEqual(['dns']);
  });

  it('registers nothing under a name of which nothing can be carried, and says so', () => {
    const { records, notes } = fitInstance(instance({ service: '***' }), 'auto');
    expect(records).toEqual([]);
    expect(notes.join()).toContain('not registered');
  });
});

describe('attributes', () => {
  const fitted = (over: Partial<Instance>) => {
    const { records, notes } = fitInstance(instance(over), 'auto');
    const [record] = records;
    if (!record) throw new Error('fit gave no record');
    return { record, notes, attributes: fromRecord(record) };
  };

  it('stand for address, port, tags and protocol beside the metadata', () => {
    const { attributes } = fitted({
      ipv6: '2001:db8::1',
      protocol: 'udp',
      port: 53,
      tags: ['a,b', 'c'],
      metadata: { 'management.port': '9001' },
      networkMode: 'bridge',
    });
    expect(attributes).toMatchObject({
      AWS_INSTANCE_IPV4: '10.0.1.17',
      AWS_INSTANCE_IPV6: '2001:db8::1',
      AWS_INSTANCE_PORT: '53',
      ROLLCALL_TAGS: 'a\\,b,c',
      ROLLCALL_PROTOCOL: 'udp',
      ROLLCALL_NETWORK_MODE: 'bridge',
      ROLLCALL_OWNER: WHOSE.owner,
      'management.port': '9001',
    });
  });

  it.each([
    ['private', { address: '10.0.0.1', ipv4: '10.0.0.1', ipv6: '2001:db8::1' }, '10.0.0.1'],
    ['ipv6', { address: '2001:db8::1', ipv4: '10.0.0.1', ipv6: '2001:db8::1' }, '2001:db8::1'],
    ['public', { address: '198.51.100.7', ipv4: '10.0.0.1' }, '198.51.100.7'],
  ])('keep which address clients shall use (%s)', (_, addresses, expected) => {
    const { record, attributes } = fitted(addresses);
    expect(record.address).toBe(expected);
    expect(toRecord({ service: service('web'), id: record.id, attributes }).address).toBe(expected);
  });

  it('keep our own keys where a task brings more than Cloud Map takes, and name what was left out', () => {
    const metadata = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [`k${at}`, 'v'.repeat(300)]),
    );
    const { attributes, notes } = fitted({ metadata, tags: ['blue'] });
    for (const key of [KEY.owner, KEY.cluster, KEY.task, KEY.started, KEY.tags])
      expect(attributes).toHaveProperty(key);
    const left = Object.keys(metadata).filter((key) => !(key in attributes));
    expect(left.length).toBeGreaterThan(0);
    for (const key of left) expect(notes.join('\n')).toContain(`"${key}" was left out`);
  });

  it.each([
    'AWS_INSTANCE_IPV4',
    'aws_init_health_status',
    'ROLLCALL_NETWORK_MODE',
    'Rollcall_Address',
  ])('do not take %s from a task', (key) => {
    const { attributes, notes } = fitted({ metadata: { [key]: 'forged' } });
    expect(Object.values(attributes)).not.toContain('forged');
    expect(notes.join()).toContain('reserved');
  });

  const anything = fc.record({
    address: fc.constantFrom('10.0.0.9', '2001:db8::9'),
    port: fc.integer({ min: 1, max: 65_535 }),
    protocol: fc.constantFrom('tcp' as const, 'udp' as const),
    networkMode: fc.constantFrom('awsvpc' as const, 'bridge' as const, 'host' as const),
    tags: fc.array(
      fc.oneof(
        fc.string(),
        fc.string({ unit: 'binary' }),
        fc.constantFrom('a,b', 'c\\', '\\,', ' d'),
      ),
    ),
    metadata: fc.dictionary(
      fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: 'binary' })),
      fc.oneof(fc.string({ maxLength: 1_500 }), fc.string({ unit: 'binary' })),
      { maxKeys: 60 },
    ),
  });

  it('are always such as Cloud Map accepts, and read back equal to what fit gave', () => {
    const simulated = {
      records: [{ Type: 'SRV', TTL: 10 }],
      healthCheck: 'custom',
    } as const;
    fc.assert(
      fc.property(anything, (over) => {
        const { record, attributes } = fitted(over);
        const sent = { ...attributes, AWS_INIT_HEALTH_STATUS: 'UNHEALTHY' };
        expect(() => checkAttributes(simulated, sent)).not.toThrow();
        const read = toRecord({
          service: service(record.service),
          id: record.id,
          attributes: sent,
        });
        expect({ ...read, health: record.health }).toStrictEqual(record);
      }),
    );
  });
});

describe('a record that is full', () => {
  const full = (count: number) => {
    const one = instance();
    const free = Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 'x']));
    const later = { [KEY.deployment]: 'ecs-svc/1', [KEY.revision]: '7' };
    const all = { ...one.metadata, ...free };
    const fitted = (given: Instance['metadata']) =>
      fitInstance({ ...one, metadata: given }, 'auto').records[0]?.metadata;
    return { before: fitted(all), now: fitted({ ...all, ...later }) };
  };

  it('loses nothing of the user’s to what a later version says besides', () => {
    const { before, now } = full(40);
    expect(now).toEqual(before);
  });

  it('says it where there is room', () => {
    expect(full(1).now).toMatchObject({ [KEY.deployment]: 'ecs-svc/1', [KEY.revision]: '7' });
  });
});
