import { describe, expect, it } from 'vitest';
import { derive } from '../../../../shared/derive/derive.ts';
import type { ClusterArn, TaskArn } from '../../../../shared/model/arn.ts';
import { type Change, refOf } from '../../../../shared/model/plan.ts';
import { KEY } from '../../../../shared/model/registration.ts';
import type { Task } from '../../../../shared/model/task.ts';
import { recordsOf } from '../../../../shared/sync/apply/apply.ts';
import { correctionsFor } from '../../../../shared/sync/apply/confirm.ts';
import { handleBatch } from '../../../../shared/sync/handle-events.ts';
import type { Observed } from '../../../../shared/sync/observe/observe.ts';
import type { Derivation } from '../../../../shared/sync/observe/task-request.ts';
import { taskState } from '../../../../shared/sync/observe/task-state.ts';
import { reconcile } from '../../../../shared/sync/reconcile.ts';
import { container, definition, nameRules, port, rules, running } from '../../derive/builders.ts';
import {
  CLUSTER,
  type FakeRegistry,
  fakeRegistry,
  fakeSource,
  live,
  NOW,
  recordOf,
  servicesOf,
  taskArn,
  taskOf,
  worldOf,
} from '../fakes.ts';

const checked = definition({ containers: [container({ hasHealthCheck: true })] });
const withHealth = (health: 'HEALTHY' | 'UNHEALTHY', more: Partial<Task> = {}) =>
  taskOf('a', { version: 3, health, containers: [running({ health })], ...more });
const look = JSON.stringify({
  rollcall: 1,
  kind: 'look',
  cluster: CLUSTER,
  tasks: [taskArn('a')],
  look: 0,
});

type World = Parameters<typeof worldOf>[0];

/** Both ways by which the same write may come about. */
const PATHS = [
  [
    'a look',
    async (world: World) =>
      void (await handleBatch(
        [{ messageId: 'm', body: look, receiveCount: 1 }],
        worldOf(world).context,
        live(),
      )),
  ],
  [
    'a reconcile',
    async (world: World) => void (await reconcile(worldOf(world).context, NOW + 55_000, live())),
  ],
] as const;

/**
 * ECS gives these answers to DescribeTasks in turn, the last one for good; `undefined`: it does not
 * know the task.
 */
const answering = (...answers: readonly (Task | undefined)[]) => {
  const known = answers.find((task) => task !== undefined);
  let asked = 0;
  return fakeSource(
    { tasks: known ? [known] : [], definitions: [checked] },
    {
      describeTasks: async (_, arns) => {
        const task = answers[Math.min(asked++, answers.length - 1)];
        return { tasks: task ? [task] : [], missing: task ? [] : arns };
      },
    },
  );
};

const healths = (registry: FakeRegistry) =>
  [...registry.records.values()].map(({ health }) => health);

/** A registry as a healthy task leaves it. */
const prepared = async () => {
  const registry = fakeRegistry();
  const { context } = worldOf({ registries: [registry], source: answering(withHealth('HEALTHY')) });
  await reconcile(context, NOW + 55_000, live());
  expect(healths(registry)).toEqual(['healthy']);
  return registry;
};

describe.each(PATHS)('what is written by %s is read again', (_, run) => {
  it('and a health that changes meanwhile is the one that stays', async () => {
    const registry = await prepared();
    const source = answering(withHealth('UNHEALTHY'), withHealth('HEALTHY'));
    await run({ registries: [registry], source });
    expect(registry.calls.filter((call) => call.startsWith('health'))).toHaveLength(2);
    expect(healths(registry)).toEqual(['healthy']);
  });

  it('and a health that changes while the record is made is set', async () => {
    const registry = fakeRegistry();
    await run({
      registries: [registry],
      source: answering(withHealth('HEALTHY'), withHealth('UNHEALTHY')),
    });
    expect(healths(registry)).toEqual(['unhealthy']);
  });

  it('and a task that stops while its health is written is taken out', async () => {
    const registry = await prepared();
    const stopping = withHealth('UNHEALTHY', { version: 4, desiredStatus: 'STOPPED' });
    await run({ registries: [registry], source: answering(withHealth('UNHEALTHY'), stopping) });
    expect(servicesOf(registry)).toEqual([]);
  });

  it('and a task that ECS has forgotten by then, old as it is, is taken out', async () => {
    const registry = fakeRegistry();
    await run({ registries: [registry], source: answering(withHealth('HEALTHY'), undefined) });
    expect(servicesOf(registry)).toEqual([]);
  });

  it('and an answer older than the one acted on changes nothing', async () => {
    const registry = fakeRegistry();
    const old = withHealth('HEALTHY', { version: 2, desiredStatus: 'STOPPED' });
    await run({ registries: [registry], source: answering(withHealth('HEALTHY'), old) });
    expect(servicesOf(registry)).toEqual(['web a']);
  });
});

it('a health that turns bad while the record is made is looked at until it is good again', async () => {
  const source = answering(withHealth('HEALTHY'), withHealth('UNHEALTHY'));
  const { context, looks } = worldOf({ source });
  await handleBatch([{ messageId: 'm', body: look, receiveCount: 1 }], context, live());
  expect(looks.map(({ tasks, look: at }) => [tasks, at])).toEqual([[[taskArn('a')], 1]]);
});

describe('a record that was there before, and whose task ECS has forgotten when it is read again', () => {
  const rename = (registry: FakeRegistry) => {
    for (const [key, record] of registry.records)
      registry.records.set(key, { ...record, tags: ['old'] });
  };

  it('is left by a reconcile to the next one, which counts it', async () => {
    const registry = await prepared();
    rename(registry);
    const source = answering(withHealth('HEALTHY'), undefined);
    await reconcile(worldOf({ registries: [registry], source }).context, NOW + 55_000, live());
    expect(registry.calls.filter((call) => /^upsert|^remove/.test(call)).slice(1)).toHaveLength(1);
    expect(servicesOf(registry)).toEqual(['web a']);
  });

  it.each([
    [10, 0],
    [11, 11],
  ])('goes by the event path among %i of one batch: %i are left', async (count, left) => {
    const tasks = Array.from({ length: count }, (_, at) => ({
      ...withHealth('HEALTHY'),
      id: `t${at}`,
      arn: taskArn(`t${at}`),
      eni: { ipv4: '10.0.1.163' },
    }));
    const known = { tasks, missing: [] };
    const body = JSON.stringify({ ...JSON.parse(look), tasks: tasks.map(({ arn }) => arn) });
    const registry = fakeRegistry();
    const handle = (forgetsAt: number) => {
      let asked = 0;
      const describeTasks = async (_: ClusterArn, arns: readonly TaskArn[]) =>
        asked++ < forgetsAt ? known : { tasks: [], missing: arns };
      const source = fakeSource({ tasks, definitions: [checked] }, { describeTasks });
      const { context } = worldOf({ registries: [registry], source });
      return handleBatch([{ messageId: 'm', body, receiveCount: 1 }], context, live());
    };
    await handle(2);
    rename(registry);
    await handle(1);
    expect(registry.records.size).toBe(left);
  });
});

describe('what was not there before, and whose tasks ECS has forgotten when it is read again', () => {
  it('is undone by the event path, however much it is: it is its own', async () => {
    const registry = fakeRegistry();
    const tasks = Array.from({ length: 11 }, (_, at) => ({
      ...withHealth('HEALTHY'),
      id: `t${at}`,
      arn: taskArn(`t${at}`),
    }));
    let asked = 0;
    const source = fakeSource(
      { tasks, definitions: [checked] },
      {
        describeTasks: async (_cluster, arns) =>
          asked++ === 0 ? { tasks, missing: [] } : { tasks: [], missing: arns },
      },
    );
    const body = JSON.stringify({ ...JSON.parse(look), tasks: tasks.map(({ arn }) => arn) });
    const { context } = worldOf({ registries: [registry], source });
    await handleBatch([{ messageId: 'm', body, receiveCount: 1 }], context, live());
    expect(registry.calls.filter((call) => call.startsWith('upsert'))).toHaveLength(11);
    expect(registry.records.size).toBe(0);
  });
});

describe('a reconcile', () => {
  it('reads a task again by who has which names, as its plan did, and brings its health up', async () => {
    const saying = { ...checked, tags: { 'rollcall:name': 'pay' } };
    const older = taskOf('p', { group: 'service:pay-roll' });
    const metadata = { [KEY.serviceName]: 'pay-roll' };
    const registry = fakeRegistry([recordOf('p', { service: 'pay', metadata })]);
    let asked = 0;
    const source = fakeSource(
      { tasks: [older, withHealth('HEALTHY')], definitions: [saying] },
      {
        describeTasks: async (_, arns) => {
          const tasks = [older, withHealth(asked++ === 0 ? 'HEALTHY' : 'UNHEALTHY')];
          return { tasks: tasks.filter(({ arn }) => arns.includes(arn)), missing: [] };
        },
        services: async () => ({
          found: new Map([[CLUSTER, new Set(['pay-roll', 'web'])]]),
          unread: new Map(),
        }),
        serviceFacts: async () =>
          new Map([
            ['pay-roll', { createdAt: 1 }],
            ['web', { createdAt: 2 }],
          ]),
      },
    );
    const config = { rules: rules({ names: nameRules({ shared: 'refuse' }) }) };
    const { context } = worldOf({ registries: [registry], source, config });
    await reconcile(context, NOW + 55_000, live());
    const web = [...registry.records.values()].filter(({ service }) => service === 'web');
    expect(web.map(({ health }) => health)).toEqual(['unhealthy']);
  });

  it('reads its corrections again too, and ends though the task never rests', async () => {
    const registry = await prepared();
    registry.calls.length = 0;
    const answers = Array.from({ length: 20 }, (_, at) =>
      withHealth(at % 2 ? 'HEALTHY' : 'UNHEALTHY'),
    );
    const { context } = worldOf({ registries: [registry], source: answering(...answers) });
    await reconcile(context, NOW + 55_000, live());
    expect(registry.calls.filter((call) => call.startsWith('health')).length).toBe(4);
  });

  it('confirms what failed, since it may have landed', async () => {
    const registry = await prepared();
    const record = [...registry.records.values()];
    registry.records.clear();
    const base = registry.apply;
    const stopped = withHealth('HEALTHY', { version: 4, desiredStatus: 'STOPPED' });
    const ambiguous = fakeRegistry([], {
      apply: async (changes, signal) => {
        const outcomes = await base(changes, signal);
        return outcomes.map((one) => ({ ...one, status: 'retry', reason: 'no answer' }));
      },
      list: async () => ({ records: [] }),
    });
    const source = answering(withHealth('HEALTHY'), stopped);
    await reconcile(worldOf({ registries: [ambiguous], source }).context, NOW + 55_000, live());
    expect(record).toHaveLength(1);
    expect(servicesOf(registry)).toEqual([]);
  });

  it('makes no renaming that was withheld, where it corrects what was written under the old name', async () => {
    const tasksWith = (health: 'HEALTHY' | 'UNHEALTHY') =>
      Array.from({ length: 12 }, (_, at) => ({
        ...withHealth(health),
        id: `t${at}`,
        arn: taskArn(`t${at}`),
        eni: { ipv4: '10.0.1.163' },
      }));
    const answers = [tasksWith('HEALTHY'), tasksWith('UNHEALTHY')];
    const sourceOf = (tasks: readonly (readonly Task[])[]) => {
      const left = [...tasks];
      const describeTasks = async () => ({
        tasks: left.length > 1 ? (left.shift() ?? []) : (left[0] ?? []),
        missing: [],
      });
      return fakeSource({ tasks: tasks[0] ?? [], definitions: [checked] }, { describeTasks });
    };
    // As in Consul, where a renaming is one write.
    const registry = fakeRegistry([], { key: ({ cluster, id }) => `${cluster} ${id}` });
    await reconcile(
      worldOf({ registries: [registry], source: sourceOf(answers.slice(0, 1)) }).context,
      NOW + 55_000,
      live(),
    );
    const old = [...registry.records.values()].map((record) => ({
      ...record,
      service: 'old',
      tags: ['old'],
    }));
    registry.records.clear();
    for (const record of old) registry.records.set(`old/${record.id}`, record);
    await reconcile(
      worldOf({ registries: [registry], source: sourceOf(answers) }).context,
      NOW + 55_000,
      live(),
    );
    const now = [...registry.records.values()];
    expect(new Set(now.map(({ service }) => service))).toEqual(new Set(['old']));
    expect(now.map(({ tags, health }) => `${tags.length} ${health}`)).toEqual(
      now.map(() => '0 unhealthy'),
    );
  });
});

describe('what is corrected of what was written of one task', () => {
  const twoContainers = definition({
    containers: [
      container({ hasHealthCheck: true }),
      container({ name: 'side', ports: [port(9090)], isEssential: false }),
    ],
  });
  const registry = fakeRegistry([], {
    fit: (instance) => ({ ...fakeRegistry().fit(instance), notes: [`mapped ${instance.port}`] }),
  });
  const derivationOf = (task: Task): Derivation => {
    const input = { task, definition: twoContainers };
    return { ...derive(input, rules()), ...input };
  };
  const taskWith = (app: 'HEALTHY' | 'UNHEALTHY', side: 'RUNNING' | 'STOPPED') =>
    withHealth(app, {
      containers: [running({ health: app }), running({ name: 'side', lastStatus: side })],
    });
  const written = derivationOf(taskWith('HEALTHY', 'RUNNING'));
  const records = recordsOf(registry, written.instances);
  const known = written.task;
  const by = (answer: Parameters<typeof taskState>[0]): Observed => ({
    status: 'underived',
    state: taskState(answer, NOW),
  });
  const runs = (task: Task, derivation = derivationOf(task)): Observed => ({
    ...by({ answer: task }),
    status: 'derived',
    derivation,
  });

  const stopping = by({ answer: withHealth('HEALTHY', { desiredStatus: 'STOPPED' }) });
  const expired = by({ answer: 'missing', startedAt: NOW - 5_400_000 });
  const young = by({ answer: 'missing', startedAt: NOW - 1_000 });
  const all = (reason: string) => [`remove 8080: ${reason}`, `remove 9090: ${reason}`];
  const forgotten = all('ECS does not know the task any more');
  const sideStopped = runs(taskWith('HEALTHY', 'STOPPED'));
  const unhealthy = runs(taskWith('UNHEALTHY', 'RUNNING'));
  const both = runs(taskWith('UNHEALTHY', 'STOPPED'));
  const side = 'remove 9090: its container has stopped';
  const app = 'health 8080: unhealthy';

  const told = (change: Change) => {
    const { id } = refOf(change);
    const at = records.find((record) => record.id === id)?.port;
    return `${change.kind} ${at}: ${change.kind === 'health' ? change.health : change.reason}`;
  };

  it.each<[string, Observed | undefined, 'new' | 'old' | 'kept', readonly string[], boolean]>([
    ['it stops', stopping, 'old', all('task is stopping'), false],
    ['it stops, and the expired are kept', stopping, 'kept', all('task is stopping'), false],
    ['ECS has forgotten it', expired, 'old', forgotten, false],
    ['ECS has forgotten it, and the expired are kept', expired, 'kept', [], true],
    ['ECS has forgotten it, and it is new', expired, 'new', forgotten, false],
    ['ECS does not know it yet', young, 'old', [], true],
    ['ECS could not be asked', by({ answer: 'unread' }), 'old', [], true],
    ['nothing was observed', undefined, 'old', [], true],
    ['a container has stopped', sideStopped, 'old', [side], false],
    ['its health has changed', unhealthy, 'old', [app, 'health 9090: unhealthy'], true],
    ['both at once', both, 'old', [side, app], true],
    ['it derives the same anew', runs(known), 'old', [], false],
    ['it is as written', runs(known, written), 'old', [], false],
  ])('%s', (_, observed, kind, changes, isUnsure) => {
    const attempt = { derivation: written, records, isNew: kind === 'new', isUnread: false };
    const found = correctionsFor(attempt, observed, registry, kind !== 'old');
    expect([found.changes.map(told), found.isUnsure]).toEqual([changes, isUnsure]);
  });

  it('what its event alone named goes once ECS names it otherwise; what was read before stays', () => {
    const attempt = { derivation: written, records, isNew: false };
    const none = runs(known, { ...written, identities: [], instances: [] });
    const found = (isUnread: boolean) =>
      correctionsFor({ ...attempt, isUnread }, none, registry, false);
    expect(found(true).changes.map(told)).toEqual(
      all('ECS does not say of the task what its event said'),
    );
    expect(found(true).isUnsure).toBe(true);
    expect(found(false)).toMatchObject({ changes: [], isUnsure: false });
  });

  it('and what was mapped on the way is told, where anything is derived anew', () => {
    const attempt = { derivation: written, records, isNew: false, isUnread: false };
    expect(correctionsFor(attempt, unhealthy, registry, false).notes).toEqual([
      'consul: mapped 8080',
      'consul: mapped 9090',
    ]);
    expect(correctionsFor(attempt, stopping, registry, false).notes).toEqual([]);
  });
});
