import { describe, expect, it } from 'vitest';
import type { Task } from '../../../shared/model/task.ts';
import { parseMessage } from '../../../shared/source/message.ts';
import { toRange } from '../../../shared/source/task.ts';
import { eventWith } from './events.ts';

const taskOf = (detail: Record<string, unknown>, name = 'task-fargate-running'): Task => {
  const message = parseMessage(eventWith(name, detail));
  if (message.kind !== 'task') throw new Error(`expected a task, got ${message.kind}`);
  return message.task;
};

const bindingsOf = (...networkBindings: readonly object[]) =>
  taskOf({ containers: [{ name: 'app', networkBindings }] }).containers[0]?.bindings;

const eni = (status: string, details: Record<string, string>, type = 'eni') => ({
  type,
  status,
  details: Object.entries(details).map(([name, value]) => ({ name, value })),
});

describe('a task of which an event tells little', () => {
  it('has no version, no address and no container rather than made-up ones', () => {
    const task = taskOf({
      version: undefined,
      attachments: undefined,
      containers: undefined,
      overrides: undefined,
      group: undefined,
      startedBy: undefined,
      launchType: undefined,
      availabilityZone: undefined,
      createdAt: undefined,
      startedAt: undefined,
      healthStatus: undefined,
    });
    expect(task).toEqual({
      arn: task.arn,
      id: '5d0c1f7e92b84a3fb6c8e41d70a95f32',
      clusterArn: task.clusterArn,
      definitionArn: task.definitionArn,
      version: 0,
      desiredStatus: 'RUNNING',
      lastStatus: 'RUNNING',
      containers: [],
      overrides: {},
    });
  });

  it('takes null for a member that is not there', () => {
    expect(
      taskOf({ version: null, group: null, containers: null, attachments: null }),
    ).toMatchObject({
      version: 0,
      containers: [],
    });
  });

  it('whose ARN is of the old form has its id at its end', () => {
    expect(taskOf({ taskArn: 'arn:aws:ecs:eu-central-1:111122223333:task/0af' }).id).toBe('0af');
  });

  it('keeps a health word that is none of ECS’s for "not told"', () => {
    expect(taskOf({ healthStatus: 'GREAT' })).not.toHaveProperty('health');
    expect(taskOf({ healthStatus: 'UNHEALTHY' }).health).toBe('UNHEALTHY');
  });
});

describe('a task’s own address', () => {
  it('is privateIPv4Address in the attachment, privateIpv4Address in a container', () => {
    const containers = [{ name: 'app', networkInterfaces: [{ privateIpv4Address: '10.0.0.2' }] }];
    const attachments = [
      eni('ATTACHED', {
        privateIPv4Address: '10.0.0.1',
        privateIpv4Address: '10.9.9.9',
        networkInterfaceId: 'eni-1',
      }),
    ];
    const task = taskOf({ attachments, containers });
    expect(task.eni).toEqual({ id: 'eni-1', ipv4: '10.0.0.1' });
    expect(task.containers[0]?.ipv4).toBe('10.0.0.2');
  });

  it('is read under both names that AWS gives the attachment', () => {
    const attachments = [
      eni('ATTACHED', { privateIPv4Address: '10.0.0.1' }, 'ElasticNetworkInterface'),
    ];
    expect(taskOf({ attachments }).eni).toEqual({ ipv4: '10.0.0.1' });
  });

  it('is not that of an attachment which is deleted', () => {
    const old = eni('DELETED', { privateIPv4Address: '10.0.0.1' });
    const now = eni('ATTACHED', { privateIPv4Address: '10.0.0.2' });
    expect(taskOf({ attachments: [old] }).eni).toBeUndefined();
    expect(taskOf({ attachments: [old, now] }).eni).toEqual({ ipv4: '10.0.0.2' });
  });

  it('is not that of a load balancer’s attachment', () => {
    expect(
      taskOf({ attachments: [eni('ATTACHED', { privateIPv4Address: '10.0.0.1' }, 'elb')] }).eni,
    ).toBeUndefined();
  });

  it('over IPv6 is found at whichever container has it', () => {
    const containers = [
      { name: 'a', networkInterfaces: [{ privateIpv4Address: '10.0.0.1' }] },
      { name: 'b', networkInterfaces: [{ ipv6Address: '2001:db8::1' }] },
    ];
    expect(taskOf({ containers }).eni?.ipv6).toBe('2001:db8::1');
  });
});

describe('a container’s bindings', () => {
  it('are read as they are, tcp and every address unless told', () => {
    expect(bindingsOf({ containerPort: 80, hostPort: 32768 })).toEqual([
      { bindIp: '0.0.0.0', containerPort: 80, hostPort: 32768, protocol: 'tcp' },
    ]);
    expect(bindingsOf({ bindIP: '::', containerPort: 53, hostPort: 53, protocol: 'udp' })).toEqual([
      { bindIp: '::', containerPort: 53, hostPort: 53, protocol: 'udp' },
    ]);
  });

  it('of a range are one, with its first ports and its last host port', () => {
    const range = {
      containerPortRange: '8000-8999',
      hostPortRange: '32800-33799',
      protocol: 'udp',
    };
    expect(bindingsOf(range)).toEqual([
      {
        bindIp: '0.0.0.0',
        protocol: 'udp',
        containerPort: 8000,
        hostPort: 32800,
        lastHostPort: 33799,
      },
    ]);
  });

  it.each([
    ['half a binding', { containerPort: 80 }],
    ['a range without its host side', { containerPortRange: '8000-8001' }],
    ['nothing', {}],
  ])('of %s are none', (_what, binding) => {
    expect(bindingsOf(binding)).toEqual([]);
  });
});

describe('a port range', () => {
  it.each<[string | undefined, number | undefined]>([
    ['8000-8000', 1],
    ['8000-8100', 101],
    ['1-65535', 65_535],
    ['8002-8000', undefined],
    ['65530-65540', undefined],
    ['0-5', undefined],
    ['8000', undefined],
    ['8000 - 8001', undefined],
    ['-', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s holds %s ports', (text, count) => {
    const range = toRange(text);
    expect(range && range.last - range.first + 1).toBe(count);
  });
});

describe('overrides', () => {
  it('are kept by container, the last of a name winning as in a process’s environment', () => {
    const environment = [
      { name: 'SERVICE_NAME', value: 'a' },
      { name: 'SERVICE_NAME', value: 'b' },
      { name: 'EMPTY', value: null },
    ];
    const overrides = { containerOverrides: [{ name: 'app', environment }, { name: 'plain' }, {}] };
    expect(taskOf({ overrides }).overrides).toEqual({ app: { SERVICE_NAME: 'b', EMPTY: '' } });
  });

  it('named like a part of every object change no object', () => {
    const environment = [{ name: '__proto__', value: 'x' }];
    const { overrides } = taskOf({
      overrides: { containerOverrides: [{ name: '__proto__', environment }] },
    });
    expect(Object.keys(overrides)).toEqual(['__proto__']);
    expect(Object.entries(overrides)[0]?.[1]).toSatisfy((own: object) =>
      Object.hasOwn(own, '__proto__'),
    );
    expect(Object.getPrototypeOf(overrides)).toBe(Object.prototype);
    expect({}).not.toHaveProperty('x');
  });
});
