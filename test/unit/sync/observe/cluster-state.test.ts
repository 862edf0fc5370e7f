import { describe, expect, it } from 'vitest';
import type { DefinitionArn } from '../../../../shared/model/arn.ts';
import type { Registration } from '../../../../shared/model/registration.ts';
import { KEY } from '../../../../shared/model/registration.ts';
import { observeCluster } from '../../../../shared/sync/observe/cluster-state.ts';
import { recordedTasks } from '../../../../shared/sync/observe/snapshot.ts';
import { removalIn } from '../../../../shared/sync/round/removal.ts';
import { container, definition } from '../../derive/builders.ts';
import {
  answered,
  CLUSTER,
  type Ecs,
  fakeRegistry,
  fakeSource,
  live,
  NOW,
  recordOf,
  taskArn,
  taskOf,
  worldOf,
} from '../fakes.ts';

const registry = fakeRegistry();
const SHOP = { arn: CLUSTER, isGone: false };

/** The tasks of these records, as a round knows them by its list. */
const tasksOf = (...records: readonly Registration[]) => {
  const ours = new Map([[CLUSTER, records]]);
  const snapshot = {
    status: 'listed' as const,
    registry,
    listing: { records },
    ours,
    byKey: new Map(),
  };
  return recordedTasks([snapshot], CLUSTER, NOW);
};

const read = async (ecs: Ecs, recorded: readonly string[] = [], more = {}) => {
  const { context } = worldOf({ source: fakeSource(ecs, more) });
  const records = tasksOf(...recorded.map((id) => recordOf(id)));
  return observeCluster(SHOP, records, context, live());
};

const stopped = { desiredStatus: 'STOPPED' };

describe('what becomes of the record of a task', () => {
  const removalOf = async (ecs: Ecs, record = recordOf('a'), cluster = SHOP) => {
    const { context } = worldOf({ source: fakeSource(ecs) });
    const state = await observeCluster(cluster, tasksOf(record), context, live());
    return removalIn(state, registry)(record);
  };

  it('that is described as stopping: it goes', async () => {
    expect(await removalOf({ tasks: [taskOf('a', stopped)] })).toEqual({
      reason: 'task is stopping',
    });
  });

  it('that ECS does not know, started over an hour ago: it is missing', async () => {
    expect(await removalOf({ tasks: [], missing: [taskArn('a')] })).toEqual({
      limit: 'missing',
      reason: 'ECS does not know the task any more',
    });
  });

  it.each([
    ['started a moment ago', { [KEY.started]: new Date(NOW - 60_000).toISOString() }, undefined],
    ['of which the record does not say when it started', { [KEY.started]: 'once' }, 'missing'],
    [
      'by a clock a little ahead',
      { [KEY.started]: new Date(NOW + 300_000).toISOString() },
      undefined,
    ],
    ['to start in 2099', { [KEY.started]: '2099-01-01T00:00:00.000Z' }, 'missing'],
  ])('that ECS does not know, %s: %#', async (_what, metadata, limit) => {
    const record = recordOf('a', { metadata });
    const removal = await removalOf({ tasks: [], missing: [taskArn('a')] }, record);
    expect(removal?.limit).toBe(limit);
  });

  it.each([
    ['is not listed: it is missing', [], 'missing'],
    ['is listed all the same: it stays', [taskArn('a')], undefined],
  ])('whose ARN ECS refuses, and that %s', async (_what, listed, limit) => {
    const state = await read({ tasks: [] }, ['a'], {
      listTasks: async () => listed,
      describeTasks: async () => ({
        tasks: [],
        missing: [],
        refused: [{ arn: taskArn('a'), fault: 'ECS refuses it' }],
      }),
    });
    expect(removalIn(state, registry)(recordOf('a'))?.limit).toBe(limit);
    expect(state.skips).toEqual([
      { task: taskArn('a'), code: 'unreadable', detail: `"${taskArn('a')}": ECS refuses it` },
    ]);
  });

  it.each(['', 'nonsense', CLUSTER])(
    'that is %j: no task can have that ARN, so it is missing, and told of',
    async (task) => {
      const record = recordOf('a', { metadata: { [KEY.task]: task } });
      expect(await removalOf({ tasks: [] }, record)).toMatchObject({ limit: 'missing' });
      const young = { [KEY.task]: task, [KEY.started]: new Date(NOW - 60_000).toISOString() };
      expect(await removalOf({ tasks: [] }, recordOf('a', { metadata: young }))).toBeUndefined();
      const { context } = worldOf({ source: fakeSource({ tasks: [] }) });
      const { skips, unreadable } = await observeCluster(SHOP, tasksOf(record), context, live());
      expect(skips).toMatchObject([{ task, code: 'unreadable' }]);
      expect(unreadable).toEqual(skips);
    },
  );

  it('that ECS neither describes nor calls missing: it stays', async () => {
    expect(await removalOf({ tasks: [] })).toBeUndefined();
  });

  it('that is on its way up: it stays', async () => {
    expect(await removalOf({ tasks: [taskOf('a', { lastStatus: 'PENDING' })] })).toBeUndefined();
  });

  it('that runs under another name now: it goes', async () => {
    expect(await removalOf({ tasks: [taskOf('a')] })).toEqual({
      limit: 'renamed',
      reason: 'its task is not registered under this name any more',
    });
  });

  it('that runs under this name without an address to be seen: it stays', async () => {
    const state = await read({ tasks: [taskOf('a')] });
    const [identity] = state.running.get(taskArn('a'))?.identities ?? [];
    if (!identity) throw new Error('the task has an identity');
    const { eni: _, ...unseen } = taskOf('a');
    const now = await read({ tasks: [unseen] });
    expect(now.running.get(taskArn('a'))?.instances).toEqual([]);
    const record = recordOf('a', { id: identity.id, service: identity.service });
    expect(removalIn(now, registry)(record)).toBeUndefined();
  });

  it('that runs on a host which EC2 calls down: it goes, whatever ECS says', async () => {
    const arn = 'arn:aws:ecs:eu-west-1:111122223333:container-instance/shop/1';
    const state = await read({ tasks: [taskOf('a', { containerInstanceArn: arn })] }, ['a'], {
      hosts: async () => answered({ [arn]: { containerInstanceArn: arn, instanceId: 'i-1' } }),
      hostStates: async () => answered({ 'i-1': 'shutting-down' }),
    });
    expect(removalIn(state, registry)(recordOf('a'))).toEqual({
      reason: 'its EC2 instance is shutting down or gone',
    });
  });

  it('whose cluster is gone: ECS does not know it, and it has had its hour', async () => {
    const gone = { arn: CLUSTER, isGone: true };
    // Nothing is asked of a cluster that is gone.
    const ecs = { tasks: [taskOf('a')] };
    expect(await removalOf(ecs, recordOf('a'), gone)).toMatchObject({ limit: 'missing' });
    const started = new Date(NOW - 60_000).toISOString();
    const young = recordOf('a', { metadata: { [KEY.started]: started } });
    expect(await removalOf(ecs, young, gone)).toBeUndefined();
  });

  it('by the latest start that its records tell, in whatever order', () => {
    const started = (metadata: Registration['metadata']) => recordOf('a', { metadata });
    const [old, young, none] = [
      started({ [KEY.started]: new Date(NOW - 5_400_000).toISOString() }),
      started({ [KEY.started]: new Date(NOW - 60_000).toISOString() }),
      started({ [KEY.started]: 'once' }),
    ];
    for (const records of [
      [old, young, none],
      [none, young, old],
      [young, old, none],
    ] as const)
      expect(tasksOf(...records).get(taskArn('a'))).toBe(NOW - 60_000);
  });
});

describe('reading a cluster', () => {
  it('describes what is listed and what is only recorded, each once', async () => {
    const asked: (readonly string[])[] = [];
    await read({ tasks: [taskOf('a'), taskOf('b')] }, ['b', 'c'], {
      describeTasks: async (_cluster: string, arns: readonly string[]) => {
        asked.push(arns);
        return { tasks: [], missing: [] };
      },
    });
    expect(asked).toEqual([[taskArn('a'), taskArn('b'), taskArn('c')]]);
  });

  it('does not call missing what was listed as running: one of the two reads lags', async () => {
    const listed = { listTasks: async () => [taskArn('a')] };
    const state = await read({ tasks: [], missing: [taskArn('a'), taskArn('b')] }, ['b'], listed);
    expect(state.undescribed).toEqual([taskArn('a')]);
    const states = ['a', 'b'].map((id) => state.tasks.get(taskArn(id))?.state.state);
    expect(states).toEqual(['unknown', 'expired']);
  });

  it('names a task whose definition ECS has forgotten', async () => {
    const state = await read({ tasks: [taskOf('a')], definitions: [] });
    expect(state.skips).toEqual([
      {
        task: taskArn('a'),
        code: 'definition-gone',
        detail: `task definition ${definition().arn} is not known to ECS`,
      },
    ]);
    expect(removalIn(state, registry)(recordOf('a'))).toBeUndefined();
  });

  it('names a task that ECS describes otherwise than tasks are, and the field', async () => {
    const source = fakeSource(
      { tasks: [] },
      {
        listTasks: async () => [taskArn('a')],
        describeTasks: async () => ({
          tasks: [],
          missing: [],
          unreadable: [{ arn: taskArn('a'), fault: 'task.lastStatus: expected string' }],
        }),
      },
    );
    const { skips } = await observeCluster(SHOP, new Map(), worldOf({ source }).context, live());
    expect(skips).toEqual([
      {
        task: taskArn('a'),
        code: 'unreadable',
        detail: 'DescribeTasks: task.lastStatus: expected string',
      },
    ]);
  });

  it('fails only the tasks whose definition cannot be read, and keeps their records', async () => {
    const other = definition({
      arn: 'arn:aws:ecs:eu-west-1:1:task-definition/other:1',
      containers: [container()],
    });
    const tasks = [taskOf('a'), taskOf('b', { definitionArn: other.arn })];
    const state = await read({ tasks }, [], {
      definition: async (arn: DefinitionArn) => {
        if (arn === other.arn) throw new Error('throttled');
        return definition();
      },
    });
    expect([...state.running.keys()]).toEqual([taskArn('a')]);
    expect(removalIn(state, registry)(recordOf('b'))).toBeUndefined();
    expect(state.tasks.get(taskArn('b'))).toMatchObject({
      state: { state: 'unknown' },
      fault: new Error('throttled'),
    });
  });

  it('is complete or fails', async () => {
    const failing = { listTasks: () => Promise.reject(new Error('page 2')) };
    await expect(read({ tasks: [] }, [], failing)).rejects.toThrow('page 2');
  });
});
