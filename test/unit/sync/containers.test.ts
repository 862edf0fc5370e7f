import { describe, expect, it } from 'vitest';
import type { Task } from '../../../shared/model/task.ts';
import { handleBatch } from '../../../shared/sync/handle-events.ts';
import { reconcile } from '../../../shared/sync/reconcile.ts';
import { container, definition, port } from '../derive/builders.ts';
import {
  CLUSTER,
  eventOf,
  type FakeRegistry,
  fakeRegistry,
  fakeSource,
  live,
  NOW,
  taskArn,
  taskOf,
  type World,
  worldOf,
} from './fakes.ts';

const two = definition({
  containers: [
    container({ labels: { SERVICE_NAME: 'web' } }),
    container({
      name: 'side',
      ports: [port(9090)],
      labels: { SERVICE_NAME: 'admin' },
      isEssential: false,
    }),
  ],
});

/** A running task whose second container has come so far; undefined: ECS does not say. */
const withSide = (lastStatus: string | undefined, more: Partial<Task> = {}) =>
  taskOf('a', {
    containers: [
      { name: 'app', bindings: [], lastStatus: 'RUNNING' },
      { name: 'side', bindings: [], ...(lastStatus && { lastStatus }) },
    ],
    ...more,
  });
const STARTED = NOW - 5_400_000;
const RUNS = withSide('RUNNING', { version: 3 });
const STOPPED = withSide('STOPPED', { version: 4 });

const lookAt = JSON.stringify({
  rollcall: 1,
  kind: 'look',
  cluster: CLUSTER,
  tasks: [taskArn('a')],
  look: 0,
});

/** An event with its containers; `young`: it is believed before ECS is asked. */
const eventWith = (task: Task, { young = false } = {}) => {
  const { detail, ...envelope } = JSON.parse(eventOf(task));
  const details = [
    { name: 'networkInterfaceId', value: task.eni?.id },
    { name: 'privateIPv4Address', value: task.eni?.ipv4 },
  ];
  const told = {
    availabilityZone: task.zone,
    containers: task.containers.map(({ name, lastStatus }) => ({ name, lastStatus })),
    startedAt: new Date(young ? NOW : (task.startedAt ?? NOW)).toISOString(),
    attachments: [{ type: 'eni', status: 'ATTACHED', details }],
  };
  return JSON.stringify({ ...envelope, detail: { ...detail, ...told } });
};

/** ECS gives these answers in turn, the last one for good; `missing` and errors too. */
const answering = (...answers: readonly (Task | 'missing' | Error)[]) => {
  let asked = 0;
  return fakeSource(
    { tasks: [RUNS], definitions: [two] },
    {
      describeTasks: async (_, arns) => {
        const answer = answers[Math.min(asked++, answers.length - 1)] ?? 'missing';
        if (answer instanceof Error) throw answer;
        return answer === 'missing'
          ? { tasks: [], missing: arns }
          : { tasks: [answer], missing: [] };
      },
    },
  );
};

let sent = 0;
const handle = (context: ReturnType<typeof worldOf>['context'], ...bodies: readonly string[]) =>
  handleBatch(
    bodies.map((body) => ({ messageId: `m${sent++}`, body, receiveCount: 1 })),
    context,
    live(),
  );

const names = ({ records }: FakeRegistry) =>
  [...records.values()].map(({ service }) => service).sort();

/** Both containers registered, and what a function instance does that has not seen them. */
const prepared = async (world: World = {}) => {
  const registry = fakeRegistry();
  const before = worldOf({ registries: [registry], source: answering(RUNS) });
  await reconcile(before.context, NOW + 55_000, live());
  expect(names(registry)).toEqual(['admin', 'web']);
  registry.calls.length = 0;
  return { registry, ...worldOf({ registries: [registry], ...world }) };
};

describe('the records of a container that has stopped go, by its event', () => {
  it.each([
    ['that is written blind', { young: true }, 'upsert'],
    ['that is read first, since its task is old', { young: false }, 'get'],
  ])('%s', async (_what, age, other) => {
    const task = { ...STOPPED, startedAt: age.young ? NOW : STARTED };
    const { registry, context, looks } = await prepared({ source: answering(task) });
    await handle(context, eventWith(STOPPED, age));
    expect(names(registry)).toEqual(['web']);
    const calls = registry.calls.map((call) => call.replace(/\/.*/, ''));
    expect(calls.toSorted()).toEqual([`${other} web`, 'remove admin'].toSorted());
    expect(looks).toEqual([]);
  });

  it.each([
    ['cannot be asked', new Error('throttled')],
    ['answers from before', RUNS],
    ['answers from before, whatever version it says', withSide('RUNNING', { version: 9 })],
    ['does not know the task', 'missing' as const],
  ])('though ECS %s; the rest is looked at again', async (_what, answer) => {
    const young = { ...STOPPED, startedAt: NOW - 600_000 };
    const { registry, context, looks } = await prepared({ source: answering(answer) });
    await handle(context, eventWith(young));
    expect(names(registry)).toEqual(['web']);
    expect(registry.calls).toEqual([expect.stringMatching(/^remove admin/)]);
    expect(looks).toMatchObject([{ tasks: [taskArn('a')], look: 0 }]);
  });

  it('though the registry’s records cannot be read', async () => {
    const { registry, context, looks } = await prepared({ source: answering(STOPPED) });
    const unread = { ...registry, get: () => Promise.reject(new Error('500')) };
    await handle({ ...context, registries: [unread] }, eventWith(STOPPED));
    expect(names(registry)).toEqual(['web']);
    expect(looks).toHaveLength(1);
  });

  it('though an earlier write of the task is still on its way', async () => {
    const { registry, context, looks } = await prepared({ source: answering(STOPPED) });
    const follow = async (operations: readonly string[]) =>
      operations.map((operation) => ({ operation, status: 'pending' as const }));
    const look = JSON.stringify({ ...JSON.parse(lookAt), operations: ['op'] });
    const slow = { ...registry, follow };
    await handle({ ...context, registries: [slow] }, look, eventWith(STOPPED));
    expect(names(registry)).toEqual(['web']);
    expect(looks).toMatchObject([{ operations: ['op'] }]);
  });

  it('unless the policy removes nothing', async () => {
    const config = { policy: 'upsert-only' } as const;
    const { registry, context, lines } = await prepared({ source: answering(STOPPED), config });
    await handle(context, eventWith(STOPPED, { young: true }));
    expect(names(registry)).toEqual(['admin', 'web']);
    expect(lines).toContain('note not made under upsert-only: remove, its container has stopped');
  });
});

describe('a container that has stopped is not brought back', () => {
  it.each([
    ['by an event of the same batch from before', [STOPPED, RUNS]],
    ['by an event of the same batch that came first', [RUNS, STOPPED]],
    [
      'by an event without a version',
      [{ ...STOPPED, version: 0 }, withSide('RUNNING', { version: 0 })],
    ],
    [
      'by an event without a version that came first',
      [withSide('RUNNING', { version: 0 }), { ...STOPPED, version: 0 }],
    ],
  ])('%s', async (_what, tasks) => {
    const { registry, context } = await prepared({ source: answering(new Error('throttled')) });
    await handle(context, ...tasks.map((task) => eventWith(task, { young: true })));
    expect(names(registry)).toEqual(['web']);
  });

  it.each([
    ['by a later batch with an event from before', eventWith(RUNS, { young: true })],
    ['by one without a version', eventWith(withSide('RUNNING', { version: 0 }), { young: true })],
  ])('%s, while warm', async (_what, event) => {
    const { registry, context } = await prepared({ source: answering(STOPPED) });
    await handle(context, eventWith(STOPPED, { young: true }));
    await handle(context, event);
    expect(names(registry)).toEqual(['web']);
    expect(registry.calls.filter((call) => call.startsWith('upsert admin'))).toEqual([]);
  });

  it('by a look that meets an older answer of ECS, while warm', async () => {
    const source = answering(STOPPED, withSide('RUNNING', { version: 4 }));
    const { registry, context, looks } = await prepared({ source });
    await handle(context, eventWith(STOPPED, { young: true }));
    await handle(context, lookAt);
    expect(names(registry)).toEqual(['web']);
    expect(looks.at(-1)).toMatchObject({ tasks: [taskArn('a')], look: 1 });
  });
});

describe('a look, or a round, that finds a container stopped takes it out', () => {
  it.each([
    ['a look', (context: ReturnType<typeof worldOf>['context']) => handle(context, lookAt)],
    [
      'a round',
      (context: ReturnType<typeof worldOf>['context']) => reconcile(context, NOW + 55_000, live()),
    ],
  ])('%s', async (_what, run) => {
    const cold = await prepared({ source: answering(STOPPED) });
    await run(cold.context);
    expect(names(cold.registry)).toEqual(['web']);
    // Once more, warm: the same end, and nothing left to do.
    cold.registry.calls.length = 0;
    await run(cold.context);
    expect(names(cold.registry)).toEqual(['web']);
    expect(cold.registry.calls.filter((call) => /^upsert|^health/.test(call))).toEqual([]);
  });

  it.each(['PENDING', undefined])('but not one that is %s', async (status) => {
    const { registry, context } = await prepared({ source: answering(withSide(status)) });
    await handle(context, lookAt);
    await reconcile(context, NOW + 55_000, live());
    expect(names(registry)).toEqual(['admin', 'web']);
  });

  it('nor where its task is not known to run', async () => {
    const pending = withSide('STOPPED', { lastStatus: 'PENDING' });
    const { registry, context } = await prepared({ source: answering(pending) });
    await reconcile(context, NOW + 55_000, live());
    expect(names(registry)).toEqual(['admin', 'web']);
  });

  it('under another name than it is derived by now, and it counts towards no limit', async () => {
    const { registry, context } = await prepared({ source: answering(STOPPED) });
    for (const [key, record] of registry.records)
      if (record.service === 'admin') {
        registry.records.delete(key);
        registry.records.set(`former/${record.id}`, { ...record, service: 'former' });
      }
    const { store } = worldOf();
    const unknown = { ...store, readRemovals: () => Promise.reject(new Error('403')) };
    await reconcile({ ...context, store: unknown }, NOW + 55_000, live());
    expect(names(registry)).toEqual(['web']);
  });

  it('even where another port of its task cannot be written', async () => {
    const { registry, context } = await prepared({ source: answering(STOPPED) });
    for (const [key, record] of registry.records)
      if (record.service === 'web') registry.records.set(key, { ...record, tags: ['old'] });
    const failing = fakeRegistry([], {
      ...registry,
      apply: async (changes, signal) => {
        const removals = changes.filter(({ kind }) => kind === 'remove');
        const others = changes.filter(({ kind }) => kind !== 'remove');
        return [
          ...(await registry.apply(removals, signal)),
          ...others.map((change) => ({ change, status: 'retry' as const, reason: '500' })),
        ];
      },
    });
    await reconcile({ ...context, registries: [failing] }, NOW + 55_000, live());
    expect(names(registry)).toEqual(['web']);
  });
});

describe('a container that stops between a write and its confirmation', () => {
  it.each([
    [
      'of an event',
      (context: ReturnType<typeof worldOf>['context']) =>
        handle(context, eventWith(RUNS, { young: true })),
    ],
    ['of a look', (context: ReturnType<typeof worldOf>['context']) => handle(context, lookAt)],
    [
      'of a round',
      (context: ReturnType<typeof worldOf>['context']) => reconcile(context, NOW + 55_000, live()),
    ],
  ])('%s is taken out, and the rest corrected', async (what, run) => {
    const registry = fakeRegistry();
    // The address has changed besides.
    const moved = { ...STOPPED, eni: { id: 'eni-1', ipv4: '10.0.1.200' } };
    const answers = what === 'of an event' ? [moved] : [RUNS, moved];
    const { context, looks } = worldOf({ registries: [registry], source: answering(...answers) });
    await run(context);
    expect([...registry.records.values()].map((one) => `${one.service} ${one.address}`)).toEqual([
      'web 10.0.1.200',
    ]);
    expect(looks).toEqual([]);
  });
});
