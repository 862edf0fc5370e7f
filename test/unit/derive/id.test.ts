import { describe, expect, test } from 'vitest';
import { toId } from '../../../shared/derive/id.ts';
import { CLUSTER, derived, instance, labelled, OWNER, port, TASK_ID, udp } from './builders.ts';

const origin = (more: Partial<Parameters<typeof toId>[0]> = {}) => ({
  owner: OWNER,
  task: { id: TASK_ID, clusterArn: CLUSTER },
  container: 'web',
  mapping: port(8080),
  ...more,
});

describe('an id', () => {
  // Computed apart: python3 -c
  // 'base64.b32encode(hashlib.sha256(b"\0".join(...)).digest()).lower()[:20]'
  test('is task, container port and 20 characters of hash', () =>
    expect(toId(origin())).toBe(`${TASK_ID}-8080-of2lthjufieidqfytxq4`));

  test('differs by protocol', () =>
    expect(toId(origin({ mapping: udp(8080) }))).toBe(`${TASK_ID}-8080-txe6qjmusypzowecg5tc`));

  test.each([
    ['owner', { owner: 'other' }],
    ['cluster', { task: { id: TASK_ID, clusterArn: `${CLUSTER}2` as const } }],
    ['container', { container: 'Web' }],
    ['container port', { mapping: port(8081) }],
  ])('differs by %s', (_, more) => expect(toId(origin(more))).not.toBe(toId(origin())));

  test('does not mix up what stands beside each other', () =>
    expect(
      toId(origin({ container: 'web1', mapping: port(1) }))
        .split('-')
        .at(-1),
    ).not.toBe(
      toId(origin({ container: 'web', mapping: port(11) }))
        .split('-')
        .at(-1),
    ));

  test('has room for a UUID and the highest port', () => {
    const id = '01234567-89ab-cdef-0123-456789abcdef';
    const made = toId(origin({ task: { id, clusterArn: CLUSTER }, mapping: port(65535) }));
    expect(made.startsWith(`${id}-65535-`)).toBe(true);
    expect(made).toHaveLength(63);
  });

  test('holds a hash in place of a task id that DNS cannot carry', () =>
    expect(toId(origin({ task: { id: 'UPPER_case/id', clusterArn: CLUSTER } }))).toBe(
      'fpicnoe3jbrjhbcyulwmsvh7s63ia2ux-8080-of2lthjufieidqfytxq4',
    ));

  test('does not depend on name, address or host port', () => {
    const other = instance({
      containers: labelled({ SERVICE_NAME: 'x', SERVICE_ID: 'y' }),
      task: { eni: { ipv4: '10.9.9.9' } },
    });
    expect(other.id).toBe(instance({}).id);
  });
});

test('an instance bears its identity', () => {
  const { identities, instances } = derived({
    containers: labelled({}, port(80), udp(80), port(81)),
  });
  expect(
    instances.map(({ id, service, protocol, cluster }) => ({ id, service, protocol, cluster })),
  ).toEqual(identities);
});
