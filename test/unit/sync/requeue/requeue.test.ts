import { describe, expect, it } from 'vitest';
import type { RegistryName } from '../../../../shared/model/registration.ts';
import { requeue, toLooks } from '../../../../shared/sync/requeue/requeue.ts';
import type { TaskTrigger, Unsettled } from '../../../../shared/sync/trigger/task-trigger.ts';
import { CLUSTER, fakeRegistry, live, taskArn, worldOf } from '../fakes.ts';

const OTHER = `${CLUSTER}-other` as const;

const trigger = (id: string, look = -1, more: Partial<TaskTrigger> = {}): TaskTrigger => {
  const target = { look, operations: [] };
  return {
    arn: taskArn(id),
    cluster: CLUSTER,
    messageIds: [`message of ${id}`],
    targets: new Map([
      ['cloudmap', target],
      ['consul', target],
    ]),
    ...more,
  };
};

const open = (
  of: TaskTrigger,
  registry: RegistryName,
  operations: readonly string[] = [],
): Unsettled => ({
  trigger: of,
  registry,
  operations,
});

const both = (of: TaskTrigger) => [open(of, 'cloudmap'), open(of, 'consul')];
const many = (count: number) =>
  Array.from({ length: count }, (_, at) => `t${String(at).padStart(3, '0')}`);

describe('a look', () => {
  it.each([
    [-1, 0, 5],
    [0, 1, 10],
    [1, 2, 20],
    [2, 3, 40],
    [3, 4, 60],
  ])('after look %i is look %i, in %i seconds', (last, look, delaySeconds) => {
    expect(toLooks([open(trigger('t', last), 'consul')], 2)).toEqual([
      {
        cluster: CLUSTER,
        tasks: [taskArn('t')],
        look,
        operations: [],
        delaySeconds,
        registry: 'consul',
      },
    ]);
  });

  it('names no registry where a task waits for all of them alike', () => {
    expect(toLooks(both(trigger('t')), 2)).toEqual([
      { cluster: CLUSTER, tasks: [taskArn('t')], look: 0, operations: [], delaySeconds: 5 },
    ]);
  });

  it('names each registry where one has operations under way', () => {
    const task = trigger('t');
    const looks = toLooks([open(task, 'cloudmap', ['op-1']), open(task, 'consul')], 2);
    expect(looks.map(({ registry, operations }) => [registry, operations])).toEqual([
      ['cloudmap', ['op-1']],
      ['consul', []],
    ]);
  });

  it('names each registry where one is further on than the other', () => {
    const task = trigger('t', -1, {
      targets: new Map([
        ['cloudmap', { look: 2, operations: [] }],
        ['consul', { look: 0, operations: [] }],
      ]),
    });
    expect(toLooks(both(task), 2).map(({ registry, look }) => [registry, look])).toEqual([
      ['cloudmap', 3],
      ['consul', 1],
    ]);
  });

  it('takes a hundred tasks, and what is more into another', () => {
    const looks = toLooks(
      many(201).map((arn) => open(trigger(arn), 'consul')),
      2,
    );
    expect(looks.map(({ tasks }) => tasks.length)).toEqual([100, 100, 1]);
    expect(looks.flatMap(({ tasks }) => tasks)).toEqual(many(201).map(taskArn));
  });

  it('is one cluster’s, since ECS describes one at a time', () => {
    const elsewhere = trigger('b', -1, { cluster: OTHER });
    const looks = toLooks([open(trigger('a'), 'consul'), open(elsewhere, 'consul')], 2);
    expect(looks.map(({ cluster, tasks }) => [cluster, tasks])).toEqual([
      [CLUSTER, [taskArn('a')]],
      [OTHER, [taskArn('b')]],
    ]);
  });

  it('names each operation once, however many tasks wait for it', () => {
    const operations = many(100).map((id) => `op-${id}`);
    const [look] = toLooks(
      many(100).map((arn) => open(trigger(arn), 'cloudmap', operations)),
      2,
    );
    expect(look?.operations).toEqual(operations);
  });
});

describe('a look at tasks that ECS has not described so far', () => {
  const identity = (id: string) => ({
    id,
    service: 'web',
    protocol: 'tcp' as const,
    cluster: CLUSTER,
  });
  const unseen = (arn: string, ports: number, look = -1) =>
    trigger(arn, look, { unseen: many(ports).map((port) => identity(`${arn}-${port}`)) });

  it('tells what was written for them, from look to look, beside those that were described', () => {
    const [look, ...others] = toLooks([...both(unseen('a', 2, 1)), ...both(trigger('b', 1))], 2);
    expect(others).toEqual([]);
    expect(look).toMatchObject({
      tasks: [taskArn('a'), taskArn('b')],
      look: 2,
      unseen: [
        { task: taskArn('a'), id: 'a-t000', service: 'web', protocol: 'tcp' },
        { task: taskArn('a'), id: 'a-t001', service: 'web', protocol: 'tcp' },
      ],
    });
  });

  it('takes a hundred identities, and what is more into another', () => {
    const looks = toLooks(
      many(11).map((arn) => open(unseen(arn, 20), 'consul')),
      2,
    );
    expect(looks.map(({ tasks, unseen = [] }) => [tasks.length, unseen.length])).toEqual([
      [5, 100],
      [5, 100],
      [1, 20],
    ]);
  });

  it('tells nothing of one with more than twenty, which is left to the reconciler', () => {
    const [look] = toLooks([open(unseen('a', 21), 'consul')], 2);
    expect(look?.tasks).toEqual([taskArn('a')]);
    expect(look).not.toHaveProperty('unseen');
  });
});

describe('looking again', () => {
  const registries = [fakeRegistry([], { name: 'cloudmap' }), fakeRegistry([], { name: 'consul' })];

  it('ends after five looks: the rest is the reconciler’s, and is said', async () => {
    const { context, looks, lines } = worldOf({ registries });
    expect(await requeue(both(trigger('t', 4)), context, live())).toEqual([]);
    expect(looks).toEqual([]);
    expect(lines).toEqual(Array(2).fill('note left to the reconciler after five looks'));
  });

  it('counts per registry: one that had its five keeps no other from its own', async () => {
    const { context, looks } = worldOf({ registries });
    const task = trigger('t', -1, {
      targets: new Map([
        ['cloudmap', { look: 4, operations: [] }],
        ['consul', { look: 0, operations: [] }],
      ]),
    });
    await requeue(both(task), context, live());
    expect(looks).toMatchObject([{ registry: 'consul', look: 1 }]);
  });

  it('hands its works back where the look cannot be queued, so that their messages come again', async () => {
    const send = async () => {
      throw new Error('no queue');
    };
    const { context, lines } = worldOf({
      registries,
      queue: {
        send,
      },
    });
    const task = trigger('t');
    const done = trigger('u', 4);
    expect(await requeue([open(task, 'consul'), open(done, 'consul')], context, live())).toEqual([
      task,
    ]);
    expect(lines).toContain('fault looks cannot be queued: Error: no queue');
  });

  it('asks the queue nothing where everything is at rest', async () => {
    const send = async () => {
      throw new Error('not to be asked');
    };
    const { context } = worldOf({
      registries,
      queue: {
        send,
      },
    });
    expect(await requeue([], context, live())).toEqual([]);
  });
});
