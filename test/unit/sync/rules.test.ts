import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Change } from '../../../shared/model/plan.ts';
import type { Task } from '../../../shared/model/task.ts';
import type { Registry } from '../../../shared/registries/registry.ts';
import type { Source } from '../../../shared/source/source.ts';
import { handleBatch } from '../../../shared/sync/handle-events.ts';
import { reconcile } from '../../../shared/sync/reconcile.ts';
import { heldLimits } from '../../support/held-limits.ts';
import { container, definition, running } from '../derive/builders.ts';
import {
  CLUSTER,
  eventOf,
  type FakeRegistry,
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

/**
 * Rules that every path keeps, each by what is seen from outside: what registries, ECS and the
 * queue are asked, and in which order. None of these tests knows how the paths are built.
 */

const stopOf = (task: Task): Task => ({
  ...task,
  version: task.version + 1,
  desiredStatus: 'STOPPED',
});

const lookAt = (task: Task, more: object = {}) =>
  JSON.stringify({
    rollcall: 1,
    kind: 'look',
    cluster: CLUSTER,
    tasks: [task.arn],
    look: 0,
    ...more,
  });

let sent = 0;
const delivery = (body: string, receiveCount = 1) => ({
  messageId: `m${sent++}`,
  body,
  receiveCount,
});

/** What ECS says of a task is all in the event: it is written before ECS is asked. */
const completeEvent = (task: Task): string => {
  const { detail, ...event } = JSON.parse(eventOf(task));
  const containers = [{ name: 'app', networkInterfaces: [{ privateIpv4Address: '10.0.1.163' }] }];
  return JSON.stringify({ ...event, detail: { ...detail, containers } });
};

type Run = (world: World, task: Task) => Promise<unknown>;

/** The two ways by which the same write comes about. */
const PATHS: readonly (readonly [string, Run])[] = [
  [
    'an event',
    (world, task) => handleBatch([delivery(completeEvent(task))], worldOf(world).context, live()),
  ],
  ['a round', (world) => reconcile(worldOf(world).context, NOW + 55_000, live())],
];

/** Whatever can go on without time passing has done so. */
const rest = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
};

/**
 * A registry that tells when each of its writes begins and ends; a write takes as long as `work`.
 */
const told = (name: 'consul' | 'eureka', story: string[], work = rest): FakeRegistry => {
  const plain = fakeRegistry();
  const apply: Registry['apply'] = async (changes, signal) => {
    story.push(`${name} begins`);
    await work();
    story.push(`${name} ends`);
    return plain.apply(changes, signal);
  };
  return { ...plain, name, apply };
};

/** ECS gives these answers to DescribeTasks in turn, the last one for good. */
const answering = (tasks: readonly Task[], more: Partial<Source> = {}) => {
  let asked = 0;
  const checked = definition({ containers: [container({ hasHealthCheck: true })] });
  return fakeSource(
    { tasks: tasks.slice(0, 1), definitions: [checked] },
    {
      describeTasks: async () => ({
        tasks: tasks.slice(Math.min(asked, tasks.length - 1), ++asked).slice(0, 1),
        missing: [],
      }),
      ...more,
    },
  );
};

afterEach(() => vi.restoreAllMocks());

describe.each(PATHS)('%s', (_, run) => {
  it('is written to every registry at once, so that one that is slow delays no other', async () => {
    const story: string[] = [];
    const registries = [told('consul', story), told('eureka', story)];
    const task = taskOf('a');
    await run({ registries, source: fakeSource({ tasks: [task] }) }, task);
    expect(story.slice(0, 2).toSorted()).toEqual(['consul begins', 'eureka begins']);
    expect(registries.map(servicesOf)).toEqual([['web a'], ['web a']]);
  });
});

describe('additions', () => {
  it('go before the removals of the same service, which is never empty in between', async () => {
    const registry = fakeRegistry([recordOf('old')]);
    const least: number[] = [];
    const apply: Registry['apply'] = async (changes, signal) => {
      const outcomes = await registry.apply(changes, signal);
      least.push(registry.records.size);
      return outcomes;
    };
    const tasks = [taskOf('young'), taskOf('old', { desiredStatus: 'STOPPED' })];
    await reconcile(
      worldOf({ registries: [{ ...registry, apply }], source: fakeSource({ tasks }) }).context,
      NOW + 55_000,
      live(),
    );
    expect(servicesOf(registry)).toEqual(['web young']);
    expect(Math.min(...least)).toBe(1);
    expect(registry.calls.map((call) => call.split(' ')[0])).toEqual(['list', 'upsert', 'remove']);
  });
});

describe('a stop', () => {
  const task = taskOf('a');

  it('whose definition cannot be read is not lost: its look takes the record out', async () => {
    const registry = fakeRegistry([recordOf('a')]);
    const names: Change[] = [];
    const plain = fakeSource({ tasks: [stopOf(task)] });
    let throttled = true;
    const source: Source = {
      ...plain,
      async definition(arn, signal) {
        if (throttled) throw new Error('Rate exceeded');
        return plain.definition(arn, signal);
      },
    };
    const apply: Registry['apply'] = async (changes, signal) => {
      names.push(...changes);
      return registry.apply(changes, signal);
    };
    const { context, looks } = worldOf({ registries: [{ ...registry, apply }], source });
    expect(await handleBatch([delivery(eventOf(stopOf(task)))], context, live())).toEqual([]);
    expect(names).toEqual([]);
    expect(looks).toMatchObject([{ tasks: [task.arn], look: 0 }]);
    throttled = false;
    await handleBatch([delivery(lookAt(task))], context, live());
    expect(names.map(({ kind }) => kind)).toEqual(['remove']);
  });

  it('waits for no operation that is still under way', async () => {
    const registry = fakeRegistry([], {
      follow: async (operations) =>
        operations.map((operation) => ({ operation, status: 'pending' })),
    });
    const { context } = worldOf({
      registries: [registry],
      source: fakeSource({ tasks: [stopOf(task)] }),
    });
    const look = lookAt(task, { operations: ['op-1'] });
    await handleBatch([delivery(look), delivery(eventOf(stopOf(task)))], context, live());
    expect(registry.calls.map((call) => call.split(' ')[0])).toEqual(['remove']);
  });
});

describe('what is read after a write', () => {
  const withHealth = (health: 'HEALTHY' | 'UNHEALTHY', more: Partial<Task> = {}) =>
    taskOf('a', { version: 3, health, containers: [running({ health })], ...more });
  const healths = (registry: FakeRegistry) =>
    [...registry.records.values()].map(({ health }) => health);

  it('and is corrected is read again, since the correction may be old by then', async () => {
    const registry = fakeRegistry();
    const source = answering([
      withHealth('HEALTHY'),
      withHealth('UNHEALTHY'),
      withHealth('HEALTHY'),
    ]);
    const { context, looks } = worldOf({ registries: [registry], source });
    await handleBatch([delivery(lookAt(withHealth('HEALTHY')))], context, live());
    expect(healths(registry)).toEqual(['healthy']);
    expect(registry.calls.filter((call) => call.startsWith('health'))).toHaveLength(2);
    expect(looks).toEqual([]);
  });

  it('and differs in each answer is looked at again', async () => {
    const registry = fakeRegistry();
    const answers = Array.from({ length: 10 }, (_, at) =>
      withHealth(at % 2 ? 'UNHEALTHY' : 'HEALTHY'),
    );
    const { context, looks } = worldOf({ registries: [registry], source: answering(answers) });
    await handleBatch([delivery(lookAt(withHealth('HEALTHY')))], context, live());
    expect(looks).toMatchObject([{ tasks: [taskArn('a')], look: 1 }]);
  });

  it.each(['new', 'changed'])(
    'of a record that is %s is read though the time for work ended with the write',
    async (kind) => {
      const plain = fakeRegistry();
      if (kind === 'changed') {
        const source = answering([withHealth('HEALTHY')]);
        await reconcile(worldOf({ registries: [plain], source }).context, NOW + 55_000, live());
        for (const [key, record] of plain.records) plain.records.set(key, { ...record, port: 1 });
      }
      const limits = heldLimits();
      const apply: Registry['apply'] = async (changes, signal) => {
        const outcomes = await plain.apply(changes, signal);
        for (const { end } of limits) end();
        return outcomes;
      };
      const stopped = withHealth('HEALTHY', { version: 4, desiredStatus: 'STOPPED' });
      const answers = answering([withHealth('HEALTHY'), stopped]);
      const source: Source = {
        ...answers,
        async describeTasks(cluster, arns, signal) {
          signal.throwIfAborted();
          return answers.describeTasks(cluster, arns, signal);
        },
      };
      plain.calls.length = 0;
      const { context } = worldOf({ registries: [{ ...plain, apply }], source });
      await reconcile(context, NOW + 55_000, live());
      expect(plain.calls.map((call) => call.split(' ')[0])).toEqual(['list', 'upsert', 'remove']);
      expect(servicesOf(plain)).toEqual([]);
    },
  );
});

describe('an event', () => {
  const task = taskOf('a');

  it('whose write failed, and whose look cannot be queued, is handled anew when it comes again', async () => {
    const registry = fakeRegistry();
    let isDown = true;
    const apply: Registry['apply'] = async (changes, signal) =>
      isDown
        ? changes.map((change) => ({ change, status: 'retry', reason: 'down' }))
        : registry.apply(changes, signal);
    const queue = { send: () => Promise.reject(new Error('the queue is down')) };
    const source = fakeSource({ tasks: [task] });
    const { context } = worldOf({ registries: [{ ...registry, apply }], source, queue });
    const event = completeEvent(task);
    expect(await handleBatch([delivery(event)], context, live())).toHaveLength(1);
    isDown = false;
    expect(await handleBatch([delivery(event, 2)], context, live())).toEqual([]);
    expect(servicesOf(registry)).toEqual(['web a']);
  });

  it('that ended the whole batch in an error before its write is handled anew when it comes again', async () => {
    const registry = fakeRegistry();
    let isBroken = true;
    const refs: Registry['refs'] = (identity) => {
      if (isBroken) throw new Error('a fault in our own code');
      return registry.refs(identity);
    };
    const source = fakeSource({ tasks: [task] });
    const { context } = worldOf({ registries: [{ ...registry, refs }], source });
    const event = completeEvent(task);
    await expect(handleBatch([delivery(event)], context, live())).rejects.toThrow(
      'a fault in our own code',
    );
    isBroken = false;
    expect(await handleBatch([delivery(event, 2)], context, live())).toEqual([]);
    expect(servicesOf(registry)).toEqual(['web a']);
  });

  it('has time of its own for its write, however long ECS took to be read', async () => {
    const limits = heldLimits();
    const plain = fakeRegistry();
    const reading: (() => void)[] = [];
    const apply: Registry['apply'] = async (changes, signal) => {
      for (const end of reading) end();
      signal.throwIfAborted();
      return plain.apply(changes, signal);
    };
    const source = fakeSource({ tasks: [task] });
    const { definition: read } = source;
    source.definition = async (arn, signal) => {
      reading.push(...limits.map(({ end }) => end));
      return read(arn, signal);
    };
    const { context } = worldOf({ registries: [{ ...plain, apply }], source });
    await handleBatch([delivery(completeEvent(task))], context, live());
    expect(reading.length).toBeGreaterThan(0);
    expect(servicesOf(plain)).toEqual(['web a']);
  });
});

describe('single reads of a registry whose lists lag', () => {
  it('that hang leave the other registries their round', async () => {
    const limits = heldLimits();
    const lambda = new AbortController();
    const registry = fakeRegistry();
    const hanging = fakeRegistry([], {
      name: 'eureka',
      staleLists: true,
      get: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
          for (const { end } of limits.filter(({ milliseconds }) => milliseconds <= 30_000)) end();
          if (!signal.aborted) lambda.abort(new Error('Lambda’s time is over'));
        }),
    });
    const { context } = worldOf({
      registries: [hanging, registry],
      source: fakeSource({ tasks: [taskOf('a')] }),
    });
    const { failures } = await reconcile(context, NOW + 54_000, lambda.signal);
    expect(servicesOf(registry)).toEqual(['web a']);
    expect(failures).toEqual([expect.stringContaining('due to timeout')]);
  });
});
