import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Task } from '../../../../shared/model/task.ts';
import type { Source } from '../../../../shared/source/source.ts';
import { type Observed, observe } from '../../../../shared/sync/observe/observe.ts';
import { useVirtualTime } from '../../../support/use-virtual-time.ts';
import { binding, definition, host, running } from '../../derive/builders.ts';
import { answered, CLUSTER, fakeSource, live, taskArn, taskOf, worldOf } from '../fakes.ts';

useVirtualTime();

const BRIDGE = `${definition().arn}-bridge` as const;
const OTHER = `${CLUSTER}-other` as const;
const MACHINE = host().containerInstanceArn;
const PUBLIC = { 'rollcall:address': 'public' };

/** A bridge task on a machine, and one of Fargate, which has none. */
const onHost = (id: string, more: Partial<Task> = {}) =>
  taskOf(id, {
    definitionArn: BRIDGE,
    containerInstanceArn: MACHINE,
    containers: [running({ bindings: [binding(8080, 32_768)] })],
    ...more,
  });
const fargate = taskOf('fargate');

const derive = async (tasks: readonly Task[], more: Partial<Source>) => {
  const definitions = [definition(), definition({ arn: BRIDGE, networkMode: 'bridge' })];
  const { context } = worldOf({ source: fakeSource({ tasks, definitions }, more) });
  const requests = tasks.map((task) => {
    const { arn, clusterArn: cluster } = task;
    return { arn, cluster, from: 'event' as const, task };
  });
  const options = { derives: 'described', hostStates: true, path: 'event' } as const;
  const results = [...(await observe(requests, options, context, live())).tasks];
  const keysOf = (is: (one: Observed) => boolean) =>
    results.filter(([, one]) => is(one)).map(([arn]) => arn);
  return {
    derived: new Map(
      results.flatMap(([arn, one]) => (one.status === 'derived' ? [[arn, one.derivation]] : [])),
    ),
    undefinable: results.flatMap(([, one]) => (one.status === 'undefinable' ? [one.skip] : [])),
    failed: keysOf(({ status }) => status === 'unread'),
    unsure: keysOf((one) => one.status === 'derived' && one.hostFault !== undefined),
  };
};

describe('deriving tasks', () => {
  it('derives what has no host even while hosts cannot be read', async () => {
    const { derived, failed } = await derive([onHost('a'), fargate], {
      hosts: async () => answered({}, { [MACHINE]: 'ec2: RequestLimitExceeded' }),
    });
    expect([...derived.keys()]).toEqual([fargate.arn]);
    expect(failed).toEqual([taskArn('a')]);
  });

  it('fails the tasks of a cluster whose hosts cannot be read, and no other cluster’s', async () => {
    const { derived, failed } = await derive([onHost('a'), onHost('b', { clusterArn: OTHER })], {
      hosts: async (cluster) => {
        return cluster === OTHER
          ? answered({}, { [MACHINE]: 'ClusterNotFoundException' })
          : answered({ [MACHINE]: host() });
      },
    });
    expect([...derived.keys()]).toEqual([taskArn('a')]);
    expect(failed).toEqual([taskArn('b')]);
  });

  it('reads the hosts of several clusters side by side', async () => {
    const both = Promise.withResolvers<void>();
    let asked = 0;
    const { derived } = await derive([onHost('a'), onHost('b', { clusterArn: OTHER })], {
      hosts: async () => {
        if (++asked === 2) both.resolve();
        await both.promise;
        return answered({ [MACHINE]: host() });
      },
    });
    expect(derived.size).toBe(2);
  });

  it('reads hosts, public addresses and the names of services side by side', async () => {
    const all = Promise.withResolvers<void>();
    const asked: string[] = [];
    const answer = async <T>(what: string, value: T): Promise<T> => {
      asked.push(what);
      if (asked.length === 3) all.resolve();
      await all.promise;
      return value;
    };
    const outside = definition({ arn: `${definition().arn}-public`, tags: PUBLIC });
    const named = taskOf('named', {
      definitionArn: outside.arn,
      group: 'family:job',
      overrides: { app: { SERVICE_NAME: 'job' } },
    });
    const { derived } = await derive([onHost('a'), named], {
      definition: async (arn) =>
        arn === BRIDGE ? definition({ arn, networkMode: 'bridge' }) : outside,
      hosts: () => answer('hosts', answered({ [MACHINE]: host() })),
      publicAddresses: () => answer('addresses', new Map([['eni-1', '203.0.113.7']])),
      services: () => answer('names', { found: new Map(), unread: new Map() }),
      serviceFacts: async () => new Map(),
    });
    expect(asked.sort()).toEqual(['addresses', 'hosts', 'names']);
    expect([...derived.keys()]).toEqual([taskArn('a'), named.arn]);
  });

  it.each([
    ['event', 1_000],
    ['reconcile', 10_000],
    ['inspect', 10_000],
  ] as const)('waits for whose names are as long as its path allows: %s', async (path, most) => {
    const named = taskOf('named', {
      group: 'family:job',
      overrides: { app: { SERVICE_NAME: 'job' } },
    });
    const services = async (_: unknown, signal: AbortSignal) => {
      await once(signal, 'abort');
      throw signal.reason;
    };
    const source = fakeSource({ tasks: [named], definitions: [definition()] }, { services });
    const request = { arn: named.arn, cluster: CLUSTER, from: 'event', task: named } as const;
    const began = Date.now();
    // Confirmations derive what runs, as rounds do, and keep a batch waiting as events do.
    const options = { derives: 'running', hostStates: false, path } as const;
    const { tasks } = await observe([request], options, worldOf({ source }).context, live());
    expect(Date.now() - began).toBe(most);
    expect(tasks.get(named.arn)?.status).toBe('unread');
  });

  it('derives what has its own address, and says that its host’s state is not known, while EC2 fails', async () => {
    const own = taskOf('own', { containerInstanceArn: MACHINE });
    const { derived, failed, unsure } = await derive([onHost('a'), own], {
      hosts: async () => answered({}, { [MACHINE]: 'ec2: RequestLimitExceeded' }),
    });
    expect(derived.get(own.arn)?.instances).toHaveLength(1);
    expect([failed, unsure]).toEqual([[taskArn('a')], [own.arn]]);
  });

  it('derives what runs on a host whose address is known while its state is not', async () => {
    const { derived, failed, unsure } = await derive([onHost('a')], {
      hosts: async () => answered({ [MACHINE]: host() }),
      hostStates: async () => answered({}, { [host().instanceId]: 'ec2: RequestLimitExceeded' }),
    });
    expect(derived.get(taskArn('a'))?.instances).toHaveLength(1);
    expect([failed.length, unsure]).toEqual([0, [taskArn('a')]]);
  });

  it('takes a host for down that EC2 called so before it could not be asked any more', async () => {
    const { derived, failed, unsure } = await derive([onHost('a')], {
      hosts: async () => answered({ [MACHINE]: host() }, { [MACHINE]: 'ec2: Unavailable' }),
      hostStates: async () =>
        answered(
          { [host().instanceId]: 'terminated' },
          { [host().instanceId]: 'ec2: Unavailable' },
        ),
    });
    expect(derived.get(taskArn('a'))).toMatchObject({
      instances: [],
      skips: [{ code: 'host-down' }],
    });
    expect([failed.length, unsure.length]).toEqual([0, 0]);
  });

  it('fails the tasks of ECS Anywhere’s machines, and no others, where Systems Manager fails', async () => {
    const anywhere = `${MACHINE}-anywhere` as const;
    const { derived, failed } = await derive(
      [onHost('a'), onHost('b', { containerInstanceArn: anywhere, launchType: 'EXTERNAL' })],
      {
        hosts: async () =>
          answered({ [MACHINE]: host() }, { [anywhere]: 'ssm: ThrottlingException' }),
      },
    );
    expect([...derived.keys()]).toEqual([taskArn('a')]);
    expect(failed).toEqual([taskArn('b')]);
  });

  it('asks ECS for no definition of a kind that it would not describe, and says so of its tasks', async () => {
    const arn = definition().arn.replace('task-definition', 'daemon-task-definition');
    const asked: string[] = [];
    const { derived, failed, undefinable } = await derive(
      [taskOf('d', { definitionArn: arn }), fargate],
      {
        definition: async (wanted) => {
          asked.push(wanted);
          return definition();
        },
      },
    );
    expect([[...derived.keys()], failed.length, asked]).toEqual([
      [fargate.arn],
      0,
      [definition().arn],
    ]);
    expect(undefinable).toEqual([
      {
        task: taskArn('d'),
        code: 'unknown-kind',
        detail: `task definition ${arn} is of a kind whose tasks are not registered`,
      },
    ]);
  });
});
