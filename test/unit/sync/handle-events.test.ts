import { afterEach, describe, expect, it, vi } from 'vitest';
import type { TaskArn } from '../../../shared/model/arn.ts';
import type { Task } from '../../../shared/model/task.ts';
import type { Registry } from '../../../shared/registries/registry.ts';
import type { Source } from '../../../shared/source/source.ts';
import { handleBatch } from '../../../shared/sync/handle-events.ts';
import { heldLimits } from '../../support/held-limits.ts';
import {
  answered,
  CLUSTER,
  type Ecs,
  eventOf,
  fakeRegistry,
  fakeSource,
  live,
  NOW,
  recordOf,
  servicesOf,
  taskArn,
  taskOf,
  type World,
  worldOf,
} from './fakes.ts';

let sent = 0;
const delivery = (body: string) => ({ messageId: `m${sent++}`, body, receiveCount: 1 });

const lookAt = (id: string, look = 0) =>
  JSON.stringify({ rollcall: 1, kind: 'look', cluster: CLUSTER, tasks: [taskArn(id)], look });

const hostEvent = JSON.stringify({
  id: 'event-host',
  source: 'aws.ec2',
  'detail-type': 'EC2 Instance State-change Notification',
  time: new Date(NOW).toISOString(),
  detail: { 'instance-id': 'i-0123456789abcdef0', state: 'shutting-down' },
});

const stopOf = (task: Task): Task => ({
  ...task,
  version: task.version + 1,
  desiredStatus: 'STOPPED',
});

/** One function instance that handles one batch after another; ECS answers as it is told to. */
const instance = (world: World = {}) => {
  const registry = fakeRegistry();
  const ecs: { tasks: readonly Task[]; missing: readonly TaskArn[] } = { tasks: [], missing: [] };
  const source = fakeSource(
    { tasks: [] },
    {
      describeTasks: async (_cluster, arns) => ({
        tasks: ecs.tasks.filter(({ arn }) => arns.includes(arn)),
        missing: ecs.missing.filter((arn) => arns.includes(arn)),
      }),
      tasksOnHosts: async () => [{ cluster: CLUSTER, tasks: ecs.tasks.map(({ arn }) => arn) }],
    },
  );
  const made = worldOf({ registries: [registry], source, ...world });
  const handle = (...bodies: readonly string[]) =>
    handleBatch(bodies.map(delivery), made.context, live());
  return { ...made, registry, ecs, handle };
};

describe('a task that was seen stopping', () => {
  it('is not brought back by a look that meets an older answer of ECS', async () => {
    const { ecs, handle, registry, looks } = instance();
    const task = taskOf('a');
    ecs.tasks = [task];
    await handle(eventOf(stopOf(task)));
    await handle(lookAt('a'));
    expect(servicesOf(registry)).toEqual([]);
    expect(registry.calls.filter((call) => call.startsWith('upsert'))).toEqual([]);
    expect(looks).toMatchObject([
      { tasks: [task.arn], look: 0 },
      { tasks: [task.arn], look: 1 },
    ]);
  });

  it('is not looked at again where ECS agrees, or does not know it, or was not asked to', async () => {
    const task = taskOf('a');
    const answers = [{ tasks: [stopOf(task)] }, { missing: [task.arn] }];
    for (const answer of answers) {
      const { ecs, handle, looks } = instance();
      Object.assign(ecs, answer);
      await handle(eventOf(stopOf(task)));
      expect(looks).toEqual([]);
    }
  });

  it('costs one DescribeTasks a batch, however many stop in it', async () => {
    let asked = 0;
    const tasks = ['a', 'b', 'c'].map((id) => stopOf(taskOf(id)));
    const source = fakeSource(
      { tasks: [] },
      {
        describeTasks: async () => {
          asked++;
          return { tasks, missing: [] };
        },
      },
    );
    const { handle, looks } = instance({ source });
    await handle(...tasks.map((task) => eventOf(task)));
    expect([asked, looks]).toEqual([1, []]);
  });

  it('is taken out at once, though its host goes down in the same batch and ECS lags behind', async () => {
    const { ecs, handle, registry } = instance();
    const task = taskOf('a');
    ecs.tasks = [task];
    await handle(eventOf(task));
    expect(servicesOf(registry)).toEqual(['web a']);
    await handle(hostEvent, eventOf(stopOf(task)));
    expect(servicesOf(registry)).toEqual([]);
  });

  it('is taken out though none of its events says a version', async () => {
    const { ecs, handle, registry } = instance();
    const task = taskOf('a', { version: 0 });
    ecs.tasks = [task];
    await handle(eventOf(task));
    expect(servicesOf(registry)).toEqual(['web a']);
    ecs.tasks = [{ ...task, desiredStatus: 'STOPPED' }];
    await handle(eventOf({ ...task, desiredStatus: 'STOPPED' }));
    expect(servicesOf(registry)).toEqual([]);
  });
});

describe('a stop of which an instance was told', () => {
  const task = taskOf('a');

  /** Whether what is told of the task after the stop is old news, when the event's time is over. */
  const isOldNews = async (
    answer: () => Promise<readonly Task[]>,
    more: Partial<Source> = {},
    stop = stopOf(task),
  ) => {
    const source = fakeSource(
      { tasks: [task] },
      { describeTasks: async () => ({ tasks: await answer(), missing: [] }), ...more },
    );
    const { handle, context } = instance({ source });
    await handle(eventOf(stop));
    return context.handled.has({ ...task, version: task.version + 5 }, NOW + 10_001);
  };

  it.each([
    ['that it runs', [{ ...task, version: task.version + 1 }], false],
    ['an older state, in which it runs', [task], false],
    ['that it stops', [stopOf(task)], true],
    ['nothing of it', [], true],
  ])('is believed or not, where ECS answers %s', async (_, answer, isBelieved) => {
    expect(await isOldNews(async () => answer)).toBe(isBelieved);
  });

  it('is not believed where ECS says that it runs, and no version tells which is the newer', async () => {
    expect(await isOldNews(async () => [task], {}, { ...stopOf(task), version: 0 })).toBe(false);
  });

  it('is not believed where ECS says that it runs, though it cannot be derived then', async () => {
    let isAsked = false;
    const answer = async () => {
      isAsked = true;
      return [{ ...task, version: task.version + 1 }];
    };
    const definition = fakeSource({ tasks: [] }).definition;
    const more: Partial<Source> = {
      definition: (...asked) =>
        isAsked ? Promise.reject(new Error('ThrottlingException')) : definition(...asked),
    };
    expect(await isOldNews(answer, more)).toBe(false);
  });

  it('is believed where ECS could not be asked', async () => {
    const answer = () => Promise.reject(new Error('ThrottlingException'));
    expect(await isOldNews(answer)).toBe(true);
  });
});

describe('a task that ECS does not know when its event was written', () => {
  const task = taskOf('a', { startedAt: NOW });

  /** With the address, so that it is written before ECS is asked. */
  const event = () => {
    const { detail, ...envelope } = JSON.parse(eventOf(task));
    const details = [{ name: 'privateIPv4Address', value: '10.0.1.163' }];
    return JSON.stringify({
      ...envelope,
      detail: { ...detail, attachments: [{ type: 'eni', status: 'ATTACHED', details }] },
    });
  };

  /** Its event, then so many looks, each as it was queued; `answer` says what ECS knows at each. */
  const followed = async (answer: (look: number) => Partial<Ecs>, world: World = {}) => {
    const made = instance(world);
    const tell = (look: number) =>
      Object.assign(made.ecs, { tasks: [], missing: [], ...answer(look) });
    tell(-1);
    await made.handle(event());
    for (let look = 0; look < 5; look++) {
      tell(look);
      const { delaySeconds: _, ...next } = made.looks.shift() ?? { delaySeconds: 0 };
      if ('cluster' in next)
        await made.handle(JSON.stringify({ rollcall: 1, kind: 'look', ...next }));
    }
    return made;
  };
  const unknown = { missing: [task.arn] };

  it('is taken out by the last of five looks that do not know it either', async () => {
    const { registry, looks, lines } = await followed(() => unknown);
    expect(servicesOf(registry)).toEqual([]);
    expect(looks).toEqual([]);
    expect(lines.slice(-1)).toEqual(['consul remove done']);
  });

  it('stays until then', async () => {
    const { registry } = await followed((look) => (look < 4 ? unknown : {}));
    expect(servicesOf(registry)).toEqual(['web a']);
  });

  it.each([
    ['in which ECS says nothing, as when it throttles', {}],
    [
      'in which ECS describes it as it was before the event',
      { tasks: [{ ...task, version: task.version - 1 }] },
    ],
  ])('stays after a look %s', async (_what, answer) => {
    const { registry, lines } = await followed((look) => (look === 2 ? answer : unknown));
    expect(servicesOf(registry)).toEqual(['web a']);
    expect(lines.slice(-1)).toEqual(['note left to the reconciler after five looks']);
  });

  it('stays where one of its looks met it and wrote it, though ECS did not know it a moment later', async () => {
    let fails = true;
    const registry = fakeRegistry();
    const late: Registry = {
      ...registry,
      apply: async (changes, signal) => {
        if (!fails) return registry.apply(changes, signal);
        fails = false;
        return changes.map((change) => ({ change, status: 'retry', reason: '500' }));
      },
    };
    const reads: string[] = [];
    const known = fakeSource({ tasks: [task] });
    const missing = fakeSource({ tasks: [], ...unknown });
    const source: Source = {
      ...known,
      describeTasks: (...asked) => {
        reads.push('read');
        // The first read is the confirmation of the event, the second that of the first look.
        return (reads.length === 2 ? known : missing).describeTasks(...asked);
      },
    };
    await followed(() => ({}), { registries: [late], source });
    expect(reads).toHaveLength(7);
    expect(servicesOf(registry)).toEqual(['web a']);
  });

  it('stays where nothing was written for it: the reconciler may have', async () => {
    const registry = fakeRegistry([recordOf('a')]);
    await followed(() => unknown, { registries: [registry], config: { policy: 'create-only' } });
    expect(servicesOf(registry)).toEqual(['web a']);
  });
});

describe('a look', () => {
  it('believes no answer of ECS from before an event that was handled here', async () => {
    const { ecs, handle, registry, looks } = instance();
    ecs.tasks = [taskOf('a', { version: 2 })];
    await handle(eventOf(taskOf('a', { version: 3 })));
    await handle(lookAt('a'));
    expect(registry.calls).toEqual([]);
    expect(looks.map(({ look }) => look)).toEqual([0, 1]);
  });

  it('that meets a task on its way up goes on: it was queued for one that runs, so ECS lags behind', async () => {
    const { ecs, handle, looks } = instance();
    ecs.tasks = [taskOf('a', { lastStatus: 'PENDING' })];
    await handle(lookAt('a', 1));
    expect(looks).toMatchObject([{ tasks: [taskArn('a')], look: 2 }]);
  });

  it('undoes at a registry that has looks left what could not be undone there at once', async () => {
    const unseen = [{ task: taskArn('a'), id: 'a-8080-x', service: 'web', protocol: 'tcp' }];
    const failing = fakeRegistry([], {
      name: 'cloudmap',
      apply: async (changes) =>
        changes.map((change) => ({ change, status: 'retry', reason: '500' })),
    });
    const { context, looks } = worldOf({
      registries: [fakeRegistry(), failing],
      source: fakeSource({ tasks: [], missing: [taskArn('a')] }),
    });
    const look = { rollcall: 1, kind: 'look', cluster: CLUSTER, tasks: [taskArn('a')], unseen };
    const bodies = [
      { ...look, registry: 'consul', look: 4 },
      { ...look, registry: 'cloudmap', look: 2 },
    ];
    const deliveries = bodies.map((body, at) => ({
      messageId: `m${at}`,
      body: JSON.stringify(body),
      receiveCount: 1,
    }));
    await handleBatch(deliveries, context, live());
    expect(looks).toMatchObject([{ registry: 'cloudmap', look: 3, unseen }]);
  });

  const HOST = 'arn:aws:ecs:container-instance/1';
  it('brings no task back while EC2 cannot say whether its host is up, and goes on', async () => {
    const { handle, registry, looks } = instance({
      source: fakeSource(
        { tasks: [taskOf('a', { containerInstanceArn: HOST })] },
        { hosts: async () => answered({}, { [HOST]: 'RequestLimitExceeded' }) },
      ),
    });
    await handle(lookAt('a'));
    expect(registry.calls).toEqual([]);
    expect(looks).toMatchObject([{ tasks: [taskArn('a')], look: 1 }]);
  });
});

describe('an event of a task on its way up', () => {
  it('leads to nothing, and says why', async () => {
    const { handle, registry, lines } = instance();
    await handle(eventOf(taskOf('a', { lastStatus: 'PENDING' })));
    expect(registry.calls).toEqual([]);
    expect(lines).toEqual(['note task is PENDING: it is registered once it is RUNNING']);
  });
});

describe('a replayed event', () => {
  const DAY = 86_400_000;
  const replayed = (startedAt: number) => {
    const { detail, ...event } = JSON.parse(eventOf(taskOf('a'), DAY));
    return JSON.stringify({
      ...event,
      detail: { ...detail, startedAt: new Date(startedAt).toISOString() },
    });
  };

  it('of a task that ECS has long forgotten takes its record out, and earns no look', async () => {
    const { ecs, handle, registry, looks } = instance();
    ecs.tasks = [taskOf('a')];
    await handle(eventOf(taskOf('a')));
    expect(servicesOf(registry)).toEqual(['web a']);
    const later = instance({ registries: [registry] });
    later.ecs.missing = [taskArn('a')];
    await later.handle(replayed(NOW - DAY));
    expect(servicesOf(registry)).toEqual([]);
    expect([...looks, ...later.looks]).toEqual([]);
  });

  it('of a task that ECS does not know yet earns a look, and takes nothing out', async () => {
    const { ecs, handle, registry, looks } = instance();
    ecs.missing = [taskArn('a')];
    await handle(replayed(NOW - 60_000));
    expect(registry.calls).toEqual([]);
    expect(looks).toHaveLength(1);
  });
});

describe('a registry that hangs', () => {
  afterEach(() => vi.restoreAllMocks());

  it('while a stopped task is taken back leaves time to queue the look, and fails no message', async () => {
    const deadline = new AbortController();
    const limits = heldLimits();
    const plain = fakeRegistry();
    const hanging = fakeRegistry([], {
      apply: (changes, signal) =>
        changes.every(({ kind }) => kind === 'upsert')
          ? plain.apply(changes, signal)
          : new Promise((resolve) => {
              signal.addEventListener('abort', () =>
                resolve(changes.map((change) => ({ change, status: 'retry', reason: 'aborted' }))),
              );
              for (const { end } of limits) end();
              // Nothing of ours bounds it: Lambda's own end comes.
              if (!signal.aborted) deadline.abort();
            }),
    });
    const task = taskOf('a');
    const source = fakeSource({ tasks: [stopOf(task)] });
    const looks: unknown[] = [];
    const { context } = worldOf({
      registries: [hanging],
      source,
      queue: {
        send: async (some, signal) => {
          signal.throwIfAborted();
          looks.push(...some);
        },
      },
    });
    const { detail, ...event } = JSON.parse(eventOf(task));
    const containers = [{ name: 'app', networkInterfaces: [{ privateIpv4Address: '10.0.1.163' }] }];
    const complete = JSON.stringify({ ...event, detail: { ...detail, containers } });
    const failed = await handleBatch([delivery(complete)], context, deadline.signal);
    expect(failed).toEqual([]);
    expect(looks).toMatchObject([{ tasks: [task.arn], look: 0 }]);
  });
});

describe('events of tasks that ECS does not know, long gone', () => {
  const old = (count: number) => Array.from({ length: count }, (_, at) => taskOf(`t${at}`));
  /** With its start, and so old that ECS is asked first. */
  const replayed = (task: Task) => {
    const event = JSON.parse(eventOf(task, 120_000));
    event.detail.startedAt = new Date(NOW - 5_400_000).toISOString();
    return JSON.stringify(event);
  };

  it.each([
    [10, 0, []],
    [11, 11, ['note ECS does not know the tasks of 11 records: left to the reconciler']],
  ])(
    'take out at most ten records of one batch: of %i they leave %i',
    async (count, left, said) => {
      const { ecs, handle, registry, lines, looks } = instance();
      const tasks = old(count);
      ecs.tasks = tasks;
      await handle(...tasks.map((task) => eventOf(task)));
      expect(registry.records.size).toBe(count);
      ecs.tasks = [];
      ecs.missing = tasks.map(({ arn }) => arn);
      const later = instance({
        registries: [registry],
        source: fakeSource({ tasks: [], missing: ecs.missing }),
      });
      await handleBatch(
        tasks.map((task) => delivery(replayed(task))),
        later.context,
        live(),
      );
      expect(registry.records.size).toBe(left);
      expect(later.lines.filter((line) => line.startsWith('note'))).toEqual(said);
      expect([...lines, ...looks].length).toBeGreaterThan(0);
      expect(later.looks).toEqual([]);
    },
  );
});

describe('a running task whose record bears another name, where a renaming is one write', () => {
  const withStart = (task: Task, minutes: number) => {
    const event = JSON.parse(eventOf(task));
    event.detail.startedAt = new Date(NOW - minutes * 60_000).toISOString();
    const details = [{ name: 'privateIPv4Address', value: '10.0.1.163' }];
    event.detail.attachments = [{ type: 'eni', status: 'ATTACHED', details }];
    event.detail.containers = [{ name: 'app' }];
    return JSON.stringify(event);
  };
  /** The record as it is derived, but under its former name. */
  const renamed = async () => {
    const first = fakeRegistry();
    const task = taskOf('a');
    await instance({ registries: [first], source: fakeSource({ tasks: [task] }) }).handle(
      eventOf(task),
    );
    const [record] = first.records.values();
    if (!record) throw new Error('the task has a record');
    const held = fakeRegistry([{ ...record, service: 'former' }], { key: ({ id }) => id });
    const get: typeof held.get = async (refs) =>
      [...held.records.values()].filter(({ id }) => refs.some((ref) => ref.id === id));
    return { task, registry: { ...held, get } };
  };

  it.each([
    ['a look', () => lookAt('a')],
    ['an event, though it is fresh: it has run for a while', (task: Task) => withStart(task, 30)],
  ])('keeps it after %s, for the reconciler to count', async (_what, bodyOf) => {
    const { task, registry } = await renamed();
    const { handle } = instance({ registries: [registry], source: fakeSource({ tasks: [task] }) });
    await handle(bodyOf(task));
    expect(servicesOf(registry)).toEqual(['former a']);
    expect(registry.calls.filter((call) => !call.startsWith('get'))).toEqual([]);
  });

  it('has none yet after its start, so that is written without a look', async () => {
    const registry = fakeRegistry();
    const task = taskOf('a');
    const { handle } = instance({ registries: [registry], source: fakeSource({ tasks: [task] }) });
    await handle(withStart(task, 0.1));
    expect(registry.calls[0]).toMatch(/^upsert web/);
  });
});

describe('a registry that does not answer', () => {
  const silent = () => {
    const consul = fakeRegistry([], { isSilent: () => true, takesLooks: () => false });
    const eureka = fakeRegistry([], { name: 'eureka' });
    const described: string[] = [];
    const made = instance({
      registries: [consul, eureka],
      source: fakeSource(
        { tasks: [taskOf('a')] },
        {
          describeTasks: async (_cluster, arns) => {
            described.push(...arns);
            return { tasks: [taskOf('a')], missing: [] };
          },
        },
      ),
    });
    return { ...made, consul, eureka, described };
  };

  it('is not asked, and its tasks go to a look of its own, while the others are written to', async () => {
    const { handle, consul, eureka, looks } = silent();
    await handle(eventOf(taskOf('a')));
    expect(servicesOf(eureka)).toEqual(['web a']);
    expect(consul.calls).toEqual([]);
    expect(looks).toMatchObject([
      { registry: 'consul', tasks: [taskArn('a')], look: 0, operations: [] },
    ]);
  });

  it('puts its looks off without a word of ECS’s, all to the same moment, and loses none', async () => {
    const { handle, described, looks, consul } = silent();
    const look = JSON.parse(lookAt('a', 1));
    expect(await handle(JSON.stringify({ ...look, registry: 'consul' }))).toEqual([]);
    expect(described).toEqual([]);
    expect(consul.calls).toEqual([]);
    expect(looks).toMatchObject([
      { registry: 'consul', tasks: [taskArn('a')], look: 2, delaySeconds: 20 },
    ]);
  });

  it('leaves to the reconciler what has had its five looks', async () => {
    const { handle, looks, lines } = silent();
    const look = JSON.parse(lookAt('a', 4));
    await handle(JSON.stringify({ ...look, registry: 'consul' }));
    expect(looks).toEqual([]);
    expect(lines).toContain('note left to the reconciler after five looks');
  });
});
