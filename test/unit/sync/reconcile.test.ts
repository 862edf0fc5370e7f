import { describe, expect, it } from 'vitest';
import type { ClusterArn } from '../../../shared/model/arn.ts';
import { idOf } from '../../../shared/model/arn.ts';
import { KEY, type Registration } from '../../../shared/model/registration.ts';
import { NO_REMOVALS } from '../../../shared/plan/removals.ts';
import type { Registry } from '../../../shared/registries/registry.ts';
import { ReadShareSpent } from '../../../shared/source/read-share.ts';
import type { Source } from '../../../shared/source/source.ts';
import { reconcile } from '../../../shared/sync/reconcile.ts';
import { container, definition, rules, running } from '../derive/builders.ts';
import {
  CLUSTER,
  type FakeRegistry,
  type FakeStore,
  fakeRegistry,
  fakeSource,
  fakeStore,
  live,
  NOW,
  recordOf,
  servicesOf,
  taskArn,
  taskOf,
  type World,
  worldOf,
} from './fakes.ts';

const FAR = NOW + 55_000;
const OTHER = 'arn:aws:ecs:eu-west-1:111122223333:cluster/zoo';

const run = async (world: World, deadline = FAR) => {
  const made = worldOf(world);
  return { ...made, summary: await reconcile(made.context, deadline, live()) };
};

const missing = (count: number) => Array.from({ length: count }, (_, at) => `m${at}`);
const stale = (count: number) => missing(count).map((id) => recordOf(id));
const ecsWithout = (count: number) =>
  fakeSource({ tasks: [], missing: missing(count).map(taskArn) });

describe('a round', () => {
  it('adds what runs, removes what stopped, and finds nothing to do the next time', async () => {
    const registry = fakeRegistry([recordOf('old')]);
    const source = fakeSource({
      tasks: [taskOf('a'), taskOf('old', { desiredStatus: 'STOPPED' })],
    });
    const { summary, context, lines } = await run({ registries: [registry], source });
    expect(servicesOf(registry)).toEqual(['web a']);
    expect(lines).toEqual(['consul upsert done', 'consul remove done']);
    expect(summary.registries.consul).toMatchObject({
      drift: 2,
      written: 1,
      removed: 1,
      failed: 0,
    });
    const next = await reconcile(context, FAR, live());
    expect(next.registries.consul).toMatchObject({ drift: 0, written: 0, removed: 0 });
  });

  it('reads registries before ECS, so that no task that starts in between is taken for stale', async () => {
    const order: string[] = [];
    const registry = fakeRegistry([], {
      list: async () => {
        order.push('list');
        return { records: [] };
      },
    });
    const plain = fakeSource({ tasks: [] });
    const source = fakeSource(
      { tasks: [] },
      {
        listClusters: (signal) => {
          order.push('ListClusters');
          return plain.listClusters(signal);
        },
        listTasks: async () => {
          order.push('ListTasks');
          return [];
        },
      },
    );
    await run({ registries: [registry], source });
    expect(order).toEqual(['list', 'ListClusters', 'ListTasks']);
  });

  it('leaves a task alone that is listed as running but cannot be described', async () => {
    const registry = fakeRegistry([recordOf('a')]);
    const source = fakeSource(
      { tasks: [], missing: [taskArn('a')] },
      { listTasks: async () => [taskArn('a')] },
    );
    await run({ registries: [registry], source });
    expect(servicesOf(registry)).toEqual(['web a']);
  });

  it('fails where the clusters cannot be listed', async () => {
    const source = fakeSource(
      { tasks: [] },
      { listClusters: () => Promise.reject(new Error('denied')) },
    );
    await expect(run({ source })).rejects.toThrow('denied');
  });

  it('touches nobody else’s record', async () => {
    const foreign = recordOf('gone', { metadata: { [KEY.owner]: 'somebody-else' } });
    const registry = fakeRegistry([foreign]);
    await run({
      registries: [registry],
      source: fakeSource({ tasks: [], missing: [taskArn('gone')] }),
    });
    expect([...registry.records.values()]).toEqual([foreign]);
    expect(registry.calls).toEqual(['list']);
  });

  it('under observe writes nothing, and says what it would', async () => {
    const registry = fakeRegistry();
    const source = fakeSource({ tasks: [taskOf('a')] });
    const { summary, lines } = await run({
      registries: [registry],
      source,
      config: { policy: 'observe' },
    });
    expect(registry.calls).toEqual(['list']);
    expect(summary.registries.consul?.drift).toBe(1);
    expect(lines).toEqual(['note not made under observe: upsert, not registered yet']);
  });
});

describe('clusters', () => {
  it('left unfinished last time come first', async () => {
    const order: string[] = [];
    const clusters = ['a', 'b', 'c', 'd', 'e'].map((name) => `${CLUSTER}-${name}` as const);
    const source = fakeSource(
      { tasks: [], clusters },
      {
        listTasks: async (cluster) => {
          order.push(cluster);
          return [];
        },
      },
    );
    const { summary } = await run({});
    const unfinished = clusters.slice(3);
    const store = fakeStore({ readSummary: async () => ({ ...summary, unfinished }) });
    await run({ source, store });
    expect(order.slice(0, 2)).toEqual([clusters[3], clusters[4]]);
    expect(order.toSorted()).toEqual(clusters);
  });

  it('that the time does not suffice for are not begun, and are left for the next round', async () => {
    const registry = fakeRegistry();
    const source = fakeSource({ tasks: [taskOf('a')] });
    const { summary, store, counts } = await run({ registries: [registry], source }, NOW + 9_999);
    expect(registry.calls).toEqual(['list']);
    expect(summary.unfinished).toEqual([CLUSTER]);
    expect(store.summary?.unfinished).toEqual([CLUSTER]);
    expect(counts.get('Unfinished')).toBe(1);
  });

  it('with just enough time are begun', async () => {
    const source = fakeSource({ tasks: [taskOf('a')] });
    const { summary, counts } = await run({ source }, NOW + 10_000);
    expect(summary.unfinished).toEqual([]);
    expect(counts.get('Unfinished')).toBeUndefined();
  });

  it('that ECS fails to read keep no other from its turn', async () => {
    const registry = fakeRegistry();
    const source = fakeSource({ tasks: [taskOf('a')], clusters: [OTHER, CLUSTER] });
    const failing = {
      ...source,
      listTasks: (cluster: ClusterArn, signal: AbortSignal) =>
        cluster === OTHER
          ? Promise.reject(new Error('throttled'))
          : source.listTasks(cluster, signal),
    };
    const { summary, counts } = await run({ registries: [registry], source: failing });
    expect(servicesOf(registry)).toEqual(['web a']);
    expect(summary.unfinished).toEqual([OTHER]);
    expect(summary.failures).toEqual([`${OTHER}: throttled`]);
    expect(counts.get('Failed')).toBe(1);
    expect(counts.get('Unfinished')).toBeUndefined();
  });

  it('out of scope are neither read nor written', async () => {
    const registry = fakeRegistry([recordOf('gone')]);
    const source = fakeSource({ tasks: [taskOf('a')], missing: [taskArn('gone')] });
    const { summary } = await run({
      registries: [registry],
      source,
      config: { clusters: ['zoo'] },
    });
    expect(servicesOf(registry)).toEqual(['web gone']);
    expect(summary.clusters).toBe(0);
  });

  it.each([
    [10, 0, []],
    [20, 20, [{ cluster: OTHER, removals: 20, why: 'missing' }]],
  ])(
    'that ECS calls INACTIVE have no tasks: of %i records %i stay, under the delete limit',
    async (held, left, withheld) => {
      const registry = fakeRegistry(missing(held).map((id) => recordOf(id, { cluster: OTHER })));
      const source = fakeSource({ tasks: [] }, { goneClusters: async () => new Set([OTHER]) });
      const { summary } = await run({ registries: [registry], source });
      expect(registry.records.size).toBe(left);
      expect(summary.withheld).toMatchObject(withheld);
    },
  );

  it.each([
    ['region', CLUSTER.replace('eu-west-1', 'us-east-1')],
    ['account', CLUSTER.replace('111122223333', '999988887777')],
    ['kind', 'nonsense'],
  ])(
    'of another %s are foreign, though ECS lists no cluster and calls them missing',
    async (_what, cluster) => {
      const asked: string[] = [];
      const registry = fakeRegistry(missing(14).map((id) => recordOf(id, { cluster })));
      const source = fakeSource(
        { tasks: [], clusters: [] },
        {
          goneClusters: async (clusters) => {
            asked.push(...clusters);
            return new Set(clusters);
          },
        },
      );
      const { summary } = await run({ registries: [registry], source });
      expect(registry.records.size).toBe(14);
      expect(summary).toMatchObject({
        clusters: 0,
        withheld: [],
        registries: { consul: { drift: 0 } },
      });
      expect(asked).toEqual([]);
    },
  );

  it('that are not listed, yet not gone either, are read like the others', async () => {
    const registry = fakeRegistry([recordOf('a', { cluster: OTHER })]);
    const { summary } = await run({ registries: [registry], source: fakeSource({ tasks: [] }) });
    expect(servicesOf(registry)).toEqual(['web a']);
    expect(summary.clusters).toBe(2);
  });
});

describe('registries', () => {
  it('that cannot be listed keep no other from being repaired', async () => {
    const down = fakeRegistry([], {
      name: 'eureka',
      list: () => Promise.reject(new Error('no peer answers')),
    });
    const registry = fakeRegistry();
    const source = fakeSource({ tasks: [taskOf('a')] });
    const { summary, counts } = await run({ registries: [down, registry], source });
    expect(servicesOf(registry)).toEqual(['web a']);
    expect(summary.registries.eureka).toMatchObject({ unknown: 'no peer answers', records: 0 });
    expect(summary.failures).toContain('eureka: no peer answers');
    expect(summary.unfinished).toEqual([]);
    expect(counts.get('Failed eureka')).toBe(1);
  });

  it('whose writes fail keep no other from being repaired', async () => {
    const broken = fakeRegistry([], {
      name: 'eureka',
      apply: () => Promise.reject(new Error('bug')),
    });
    const registry = fakeRegistry();
    const source = fakeSource({ tasks: [taskOf('a')] });
    const { summary } = await run({ registries: [broken, registry], source });
    expect(servicesOf(registry)).toEqual(['web a']);
    expect(summary.registries.eureka).toMatchObject({ failed: 1, written: 0 });
    expect(summary.failures).toEqual(['eureka: bug']);
  });

  it('that have just restarted are refilled, and nothing is removed from them', async () => {
    const registry = fakeRegistry([recordOf('old')]);
    const restarted: Registry = {
      ...registry,
      list: async () => ({
        records: [...registry.records.values()],
        unknown: 'it has just restarted',
      }),
    };
    const source = fakeSource({
      tasks: [taskOf('a'), taskOf('old', { desiredStatus: 'STOPPED' })],
    });
    const { summary } = await run({ registries: [restarted], source });
    expect(servicesOf(registry)).toEqual(['web a', 'web old']);
    expect(summary.registries.consul?.unknown).toBe('it has just restarted');
  });

  it.each([
    ['there is something to register', 'sync', [taskOf('a')], 1],
    ['nothing runs, as at an empty Consul before our first node', 'sync', [], undefined],
    ['nothing is written, as at an empty Consul', 'observe', [taskOf('a')], undefined],
  ] as const)(
    'that may hide records are counted where %s',
    async (_where, policy, tasks, count) => {
      const hiding = fakeRegistry([], {
        list: async () => ({ records: [], unknown: 'no node is visible' }),
      });
      const world = { registries: [hiding], source: fakeSource({ tasks }), config: { policy } };
      expect((await run(world)).counts.get('Unknown consul')).toBe(count);
    },
  );

  it('whose lists lag are asked for each difference singly before it counts', async () => {
    const registry = fakeRegistry();
    const source = fakeSource({ tasks: [taskOf('a')] });
    await run({ registries: [registry], source });
    const registered = [...registry.records.values()];
    const lagging = fakeRegistry(registered, {
      staleLists: true,
      list: async () => ({ records: [] }),
    });
    const { summary } = await run({ registries: [lagging], source });
    expect(lagging.calls).toEqual([`get web/${registered[0]?.id}`]);
    expect(summary.registries.consul?.drift).toBe(0);
  });

  it('that refuse a record are quoted once while warm, and counted each time', async () => {
    const apply: Registry['apply'] = async (changes) =>
      changes.map((change) => ({
        change,
        status: 'refused',
        reason: 'cloudmap: the quota is reached',
      }));
    const source = fakeSource({ tasks: [taskOf('a')] });
    const { context, lines, counts } = await run({
      registries: [fakeRegistry([], { apply })],
      source,
    });
    expect((await reconcile(context, FAR, live())).registries.consul?.failed).toBe(1);
    expect(lines).toEqual(['consul upsert refused']);
    // The line that was told counts itself.
    expect(counts.get('Failed consul')).toBe(1);
  });

  it('are named once in a failure that names its registry itself', async () => {
    const listing = () => Promise.reject(new Error('consul: no cluster leader'));
    const { summary } = await run({ registries: [fakeRegistry([], { list: listing })] });
    expect(summary.failures).toEqual(['consul: no cluster leader']);
  });

  it('that answer lists but no single record count as failed, and nothing is written there', async () => {
    const lagging = fakeRegistry([], {
      staleLists: true,
      get: () => Promise.reject(new Error('500')),
    });
    const source = fakeSource({ tasks: [taskOf('a')] });
    const { summary, counts } = await run({ registries: [lagging], source });
    expect(lagging.calls).toEqual(['list']);
    expect(summary.failures).toEqual(['consul: 500']);
    expect(counts.get('Failed consul')).toBe(1);
  });

  it('whose lists lag remove nothing that a second look does not find', async () => {
    const lagging = fakeRegistry([], {
      staleLists: true,
      list: async () => ({ records: [recordOf('old')] }),
    });
    const source = fakeSource({ tasks: [taskOf('old', { desiredStatus: 'STOPPED' })] });
    await run({ registries: [lagging], source });
    expect(lagging.calls).toEqual(['get web/old-record']);
  });
});

describe('a running task that has another name now', () => {
  const old = recordOf('a', { service: 'old-name' });
  const source = fakeSource({ tasks: [taskOf('a')] });

  it('loses its old record after the new one is written', async () => {
    const registry = fakeRegistry([old]);
    await run({ registries: [registry], source });
    const writes = registry.calls
      .filter((call) => call !== 'list')
      .map((call) => call.split('/')[0]);
    expect(writes).toEqual(['upsert web', 'remove old-name']);
    expect(servicesOf(registry)).toEqual(['web a']);
  });

  it.each(['retry', 'refused', 'pending'] as const)(
    'keeps it while the new one ends in %s',
    async (status) => {
      const registry = fakeRegistry([old], {
        apply: async (changes) => changes.map((change) => ({ change, status, reason: 'not now' })),
      });
      const applied: string[] = [];
      const watched: Registry = {
        ...registry,
        apply: (changes, signal) => {
          applied.push(...changes.map(({ kind }) => kind));
          return registry.apply(changes, signal);
        },
      };
      await run({ registries: [watched], source });
      expect(applied).toEqual(['upsert']);
    },
  );

  it('keeps it while somebody else holds the new name', async () => {
    const plain = fakeRegistry();
    await run({ registries: [plain], source });
    const taken = [...plain.records.values()].map((record) => ({ ...record, metadata: {} }));
    const registry = fakeRegistry([old, ...taken]);
    await run({ registries: [registry], source });
    expect(registry.calls).toEqual(['list']);
  });

  it('keeps it while nobody knows what became of the new one', async () => {
    const registry = fakeRegistry([old], {
      apply: async (changes) =>
        changes.map((change) => ({ change, status: 'pending', operation: 'op-1' })),
      follow: async (operations) =>
        operations.map((operation) => ({ operation, status: 'forgotten' })),
    });
    const { lines } = await run({ registries: [registry], source });
    expect(lines).toEqual(['consul upsert pending']);
  });

  it('keeps it while the new one waits for its first healthy answer', async () => {
    const registry = fakeRegistry([old], { waitsForHealth: true });
    const sick = fakeSource({
      tasks: [taskOf('a', { containers: [running({ health: 'UNHEALTHY' })] })],
      definitions: [definition({ containers: [container({ hasHealthCheck: true })] })],
    });
    const { summary } = await run({ registries: [registry], source: sick });
    expect(servicesOf(registry)).toEqual(['old-name a']);
    expect(summary.registries.consul?.waiting).toBe(1);
  });
});

describe('what is written', () => {
  it('is confirmed: a task that stopped since the plan was made is taken out at once', async () => {
    const registry = fakeRegistry();
    let calls = 0;
    const running = fakeSource({ tasks: [taskOf('a')] });
    const stopped = fakeSource({ tasks: [taskOf('a', { desiredStatus: 'STOPPED' })] });
    const source = {
      ...running,
      describeTasks: (...args: Parameters<typeof running.describeTasks>) =>
        (calls++ === 0 ? running : stopped).describeTasks(...args),
    };
    await run({ registries: [registry], source });
    expect(registry.calls.map((call) => call.split(' ')[0])).toEqual(['list', 'upsert', 'remove']);
    expect(servicesOf(registry)).toEqual([]);
  });

  it('is followed to its end where it is accepted before it is in force', async () => {
    let polls = 0;
    const registry = fakeRegistry([], {
      apply: async (changes) =>
        changes.map((change) => ({ change, status: 'pending', operation: 'op-1' })),
      follow: async (operations) =>
        operations.map((operation) => ({ operation, status: ++polls < 3 ? 'pending' : 'done' })),
    });
    const { summary } = await run({
      registries: [registry],
      source: fakeSource({ tasks: [taskOf('a')] }),
    });
    expect(polls).toBe(3);
    expect(summary.registries.consul).toMatchObject({ written: 1, failed: 0 });
  });

  it('counts as failed where its operation fails', async () => {
    const registry = fakeRegistry([], {
      apply: async (changes) =>
        changes.map((change) => ({ change, status: 'pending', operation: 'op-1' })),
      follow: async () => [{ operation: 'op-1', status: 'failed', reason: 'quota' }],
    });
    const { summary } = await run({
      registries: [registry],
      source: fakeSource({ tasks: [taskOf('a')] }),
    });
    expect(summary.registries.consul).toMatchObject({ written: 0, failed: 1 });
    expect(summary.failures).toEqual(['quota']);
  });

  it('is left to the next round where its operation does not end', async () => {
    let polls = 0;
    const registry = fakeRegistry([], {
      apply: async (changes) =>
        changes.map((change) => ({ change, status: 'pending', operation: 'op-1' })),
      follow: async () => {
        polls++;
        return [];
      },
    });
    const { summary } = await run({
      registries: [registry],
      source: fakeSource({ tasks: [taskOf('a')] }),
    });
    expect(polls).toBe(20);
    expect(summary.registries.consul).toMatchObject({ written: 0, failed: 0 });
  });
});

describe('removals above the delete limit', () => {
  it('are withheld, told and counted, with the id that releases them', async () => {
    const registry = fakeRegistry(stale(12));
    const { summary, counts, lines } = await run({
      registries: [registry],
      source: ecsWithout(12),
    });
    expect(registry.records.size).toBe(12);
    expect(summary.withheld).toEqual([
      {
        cluster: CLUSTER,
        plan: expect.stringMatching(/^[0-9a-f]{16}$/),
        removals: 12,
        why: 'missing',
      },
    ]);
    expect(counts.get('Withheld consul')).toBe(12);
    expect(lines).toEqual([
      `note withheld 12 removals (above the delete limit): if they are right: rollcall release ${summary.withheld[0]?.plan}`,
    ]);
  });

  it('are made once released, in every registry', async () => {
    const registries = [fakeRegistry(stale(12)), fakeRegistry(stale(12), { name: 'eureka' })];
    const { summary, context, store } = await run({ registries, source: ecsWithout(12) });
    store.approval = { plan: summary.withheld[0]?.plan ?? '', until: NOW + 1 };
    const next = await reconcile(context, FAR, live());
    expect(registries.map(({ records }) => records.size)).toEqual([0, 0]);
    expect(next.withheld).toEqual([]);
  });

  it.each([
    ['that has run out', (plan: string) => ({ plan, until: NOW })],
    ['of another plan', () => ({ plan: '0123456789abcdef', until: NOW + 1 })],
  ])('are not made by a release %s', async (_what, saveApproval) => {
    const registry = fakeRegistry(stale(12));
    const { summary, context, store } = await run({
      registries: [registry],
      source: ecsWithout(12),
    });
    store.approval = saveApproval(summary.withheld[0]?.plan ?? '');
    await reconcile(context, FAR, live());
    expect(registry.records.size).toBe(12);
  });

  it('are not made where the release cannot be read', async () => {
    const registry = fakeRegistry(stale(12));
    const store = fakeStore({ readApproval: () => Promise.reject(new Error('denied')) });
    const { lines } = await run({ registries: [registry], source: ecsWithout(12), store });
    expect(registry.records.size).toBe(12);
    expect(lines).toContain('fault the release cannot be read: nothing is released: Error: denied');
  });

  it('count for an hour: half of the records, and half of what is left a minute later', async () => {
    let now = NOW;
    const registry = fakeRegistry(stale(24));
    const all = missing(24).map(taskArn);
    const ecs = { gone: 12 };
    const source = fakeSource(
      { tasks: [] },
      {
        // As if ECS knew the others, without saying anything of them that counts.
        describeTasks: async () => ({ tasks: [], missing: all.slice(0, ecs.gone) }),
      },
    );
    const { context, store } = await run({ registries: [registry], source, now: () => now });
    expect(registry.records.size).toBe(12);
    expect(
      Object.values(store.removals.missing).flatMap((places) => Object.values(places)),
    ).toEqual([12]);

    ecs.gone = 18;
    now += 60_000;
    const second = await reconcile(context, now + 55_000, live());
    expect(registry.records.size).toBe(12);
    expect(second.withheld).toMatchObject([{ removals: 6, why: 'missing' }]);

    now += 3_600_000;
    await reconcile(context, now + 55_000, live());
    expect(registry.records.size).toBe(6);
  });

  it('are noted before they are made', async () => {
    const order: string[] = [];
    const base = fakeRegistry(stale(4));
    const registry = fakeRegistry(stale(4), {
      apply: (changes, signal) => {
        order.push('removed');
        return base.apply(changes, signal);
      },
    });
    const store = fakeStore({
      saveRemovals: async () => {
        order.push('noted');
      },
    });
    await run({ registries: [registry], source: ecsWithout(4), store });
    expect(order).toEqual(['noted', 'removed']);
  });

  it.each<[string, Partial<FakeStore>, string]>([
    [
      'what was removed cannot be read',
      { readRemovals: () => Promise.reject(new Error('denied')) },
      'fault what was removed within the last hour cannot be read: the delete limit counts as reached: Error: denied',
    ],
    [
      'what is removed cannot be noted',
      { saveRemovals: () => Promise.reject(new Error('denied')) },
      'fault removals cannot be noted, and are withheld: Error: denied',
    ],
    [
      'it speaks of times far ahead',
      { readRemovals: async () => ({ ...NO_REMOVALS, missing: { 999999999: { ab: 1 } } }) },
      'fault what was removed within the last hour cannot be read: the delete limit counts as reached: Error: expected times that have been, got one far ahead',
    ],
  ])('count as above it where %s, and all else goes on', async (_what, more, said) => {
    const registry = fakeRegistry([...stale(3), recordOf('old')]);
    const source = fakeSource({
      tasks: [taskOf('a'), taskOf('old', { desiredStatus: 'STOPPED' })],
      missing: missing(3).map(taskArn),
    });
    const store = fakeStore(more);
    const { summary, lines, context } = await run({ registries: [registry], source, store });
    expect(servicesOf(registry)).toEqual(['web a', 'web m0', 'web m1', 'web m2']);
    expect(summary.withheld).toMatchObject([{ removals: 3, why: 'missing' }]);
    expect(lines).toContain(said);
    expect(lines).toContainEqual(
      expect.stringContaining('(what was removed within the last hour is not known)'),
    );

    store.approval = { plan: summary.withheld[0]?.plan ?? '', until: NOW + 1 };
    await reconcile(context, FAR, live());
    expect(servicesOf(registry)).toEqual(['web a']);
  });

  it('are tried to be noted once a round where that fails, and withheld in every cluster', async () => {
    let tries = 0;
    const store = fakeStore({
      saveRemovals: async () => {
        tries++;
        throw new Error('denied');
      },
    });
    const clusters = Array.from({ length: 9 }, (_, at) => `${OTHER}-${at}` as const);
    const registry = fakeRegistry(clusters.map((cluster, at) => recordOf(`m${at}`, { cluster })));
    const source = fakeSource({ tasks: [], clusters, missing: missing(9).map(taskArn) });
    const { summary } = await run({ registries: [registry], source, store });
    expect(registry.records.size).toBe(9);
    expect(summary.withheld).toHaveLength(9);
    expect(tries).toBe(1);
  });

  it('need no note where there is no limit', async () => {
    const registry = fakeRegistry(stale(30));
    const store = fakeStore({
      readRemovals: () => Promise.reject(new Error('denied')),
      saveRemovals: () => Promise.reject(new Error('denied')),
    });
    const { lines } = await run({
      registries: [registry],
      source: ecsWithout(30),
      store,
      config: { deleteLimit: 100 },
    });
    expect(registry.records.size).toBe(0);
    expect(lines.filter((line) => line.startsWith('fault'))).toEqual([]);
  });

  it('are counted once though they fail each minute', async () => {
    let isDown = true;
    const base = fakeRegistry(stale(20));
    const registry: Registry = {
      ...base,
      apply: async (changes, signal) =>
        isDown
          ? changes.map((change) => ({ change, status: 'retry', reason: 'consul: 500' }))
          : base.apply(changes, signal),
    };
    const source = fakeSource(
      { tasks: [] },
      {
        describeTasks: async () => ({ tasks: [], missing: missing(8).map(taskArn) }),
      },
    );
    const { context } = await run({ registries: [registry], source });
    for (let round = 0; round < 5; round++) await reconcile(context, FAR, live());
    isDown = false;
    const { withheld } = await reconcile(context, FAR, live());
    expect(withheld).toEqual([]);
    expect(base.records.size).toBe(12);
  });

  it('go on by the same release where some of them fail', async () => {
    let isDown = true;
    const base = fakeRegistry([...stale(60), ...missing(14).map((id) => recordOf(`other-${id}`))]);
    const registry: Registry = {
      ...base,
      apply: async (changes, signal) => {
        const [now, later] = isDown ? [changes.slice(0, 20), changes.slice(20)] : [changes, []];
        const done = await base.apply(now, signal);
        return [
          ...done,
          ...later.map((change) => ({ change, status: 'retry' as const, reason: 'consul: 500' })),
        ];
      },
    };
    const { summary, context, store } = await run({
      registries: [registry],
      source: ecsWithout(60),
    });
    store.approval = { plan: summary.withheld[0]?.plan ?? '', until: NOW + 60_000 };
    await reconcile(context, FAR, live());
    expect(base.records.size).toBe(54);
    isDown = false;
    const next = await reconcile(context, FAR, live());
    expect(next.withheld).toEqual([]);
    expect(base.records.size).toBe(14);
    // What an operator has let go leaves the next hour its share.
    expect(store.removals.missing).toEqual({});
  });

  it('of many clusters share writes, and all of them are noted', async () => {
    let writes = 0;
    const store = fakeStore();
    const keep = store.saveRemovals;
    const clusters = Array.from(
      { length: 60 },
      (_, at) => `${OTHER}-${String(at).padStart(2, '0')}` as const,
    );
    const registry = fakeRegistry(clusters.map((cluster, at) => recordOf(`m${at}`, { cluster })));
    const source = fakeSource({ tasks: [], clusters, missing: missing(60).map(taskArn) });
    const counting = {
      ...store,
      saveRemovals: async (...args: Parameters<typeof keep>) => {
        writes++;
        // As long as it takes, others come, and share the next write.
        for (let turn = 0; turn < 100; turn++)
          await new Promise((resolve) => setImmediate(resolve));
        await keep(...args);
      },
    };
    await run({ registries: [registry], source, store: counting });
    expect(registry.records.size).toBe(0);
    const counts = Object.values(store.removals.missing).flatMap((places) => Object.values(places));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(60);
    expect(writes).toBeLessThanOrEqual(45);
  });

  it('keep nothing from being added', async () => {
    const registry = fakeRegistry(stale(12));
    const source = fakeSource({ tasks: [taskOf('a')], missing: missing(12).map(taskArn) });
    await run({ registries: [registry], source });
    expect(servicesOf(registry)).toContain('web a');
  });
});

describe('names that running tasks do not derive any more', () => {
  const OLD = { profile: 'ecs' } as const;
  const tasks = (count: number) => missing(count).map((id) => taskOf(id));
  const named = definition({ containers: [container({ labels: { SERVICE_NAME: 'shop' } })] });

  /** As many tasks registered under the name `web`, which derive `shop` from now on. */
  const renaming = async (count: number, registry = fakeRegistry()) => {
    const world = { registries: [registry], config: { rules: { ...rules(), ...OLD } } };
    await run({ ...world, source: fakeSource({ tasks: tasks(count) }) });
    return { ...world, source: fakeSource({ tasks: tasks(count), definitions: [named] }) };
  };
  const namesIn = (registry: FakeRegistry) =>
    Map.groupBy(registry.records.values(), ({ service }) => service);

  it('stand beside the new ones above the limit, until an operator releases that plan', async () => {
    const registry = fakeRegistry();
    const world = await renaming(12, registry);
    const { summary, context, store, lines, counts } = await run(world);
    expect([...namesIn(registry)].map(([name, all]) => [name, all.length])).toEqual([
      ['web', 12],
      ['shop', 12],
    ]);
    const [withheld] = summary.withheld;
    expect(withheld).toEqual({
      cluster: CLUSTER,
      plan: expect.any(String),
      removals: 12,
      why: 'renamed',
    });
    expect(counts.get('Withheld consul')).toBe(12);
    expect(lines).toContain(
      `note withheld 12 renamings (above the delete limit): if they are right: rollcall release ${withheld?.plan}`,
    );
    const next = await reconcile(context, FAR, live());
    expect(next.withheld).toEqual(summary.withheld);

    store.approval = { plan: withheld?.plan ?? '', until: NOW + 1 };
    const last = await reconcile(context, FAR, live());
    expect(last.withheld).toEqual([]);
    expect([...namesIn(registry).keys()]).toEqual(['shop']);
  });

  it('go at once where they are few, and count for an hour', async () => {
    const registry = fakeRegistry();
    const { store } = await run(await renaming(5, registry));
    expect([...namesIn(registry).keys()]).toEqual(['shop']);
    expect(
      Object.values(store.removals.renamed).flatMap((places) => Object.values(places)),
    ).toEqual([5]);
    expect(store.removals.missing).toEqual({});
  });

  it('are apart from removals for missing tasks: each has its own release', async () => {
    const registry = fakeRegistry();
    const world = await renaming(12, registry);
    const lost = Array.from({ length: 13 }, (_, at) => recordOf(`lost-${at}`));
    for (const record of lost) registry.records.set(`web/${record.id}`, record);
    const gone = lost.map((_, at) => taskArn(`lost-${at}`));
    const source = fakeSource({ tasks: tasks(12), definitions: [named], missing: gone });
    const config = { ...world.config, deleteLimit: 40 };
    const { summary, context, store } = await run({ ...world, source, config });
    expect(summary.withheld).toMatchObject([
      { removals: 13, why: 'missing' },
      { removals: 12, why: 'renamed' },
    ]);
    store.approval = { plan: summary.withheld[0]?.plan ?? '', until: NOW + 1 };
    const next = await reconcile(context, FAR, live());
    expect(next.withheld).toEqual(summary.withheld.slice(1));
    expect(registry.records.size).toBe(24);
  });
});

describe('the summary', () => {
  it('counts what was read, planned and done', async () => {
    const held: Registration[] = [recordOf('old')];
    const source = fakeSource({
      tasks: [taskOf('a'), taskOf('b'), taskOf('old', { desiredStatus: 'STOPPED' })],
    });
    const { summary, store } = await run({ registries: [fakeRegistry(held)], source });
    expect(summary).toEqual({
      at: new Date(NOW).toISOString(),
      milliseconds: 0,
      policy: 'sync',
      clusters: 1,
      tasks: 2,
      registries: {
        consul: {
          records: 1,
          drift: 3,
          written: 2,
          removed: 1,
          failed: 0,
          withheld: 0,
          waiting: 0,
        },
      },
      withheld: [],
      unfinished: [],
      skips: [],
      failures: [],
    });
    expect(store.summary).toEqual(summary);
  });

  it('says why something is not registered, and the log says it once while warm', async () => {
    const source = fakeSource({ tasks: [taskOf('a')], definitions: [] });
    const { summary, context, lines } = await run({ source });
    await reconcile(context, FAR, live());
    expect(summary.skips).toMatchObject([{ task: taskArn('a'), code: 'definition-gone' }]);
    expect(lines).toEqual(['skip definition-gone']);
  });

  it('tells a reason once that many tasks share, of which service, and of how many tasks', async () => {
    const tasks = ['a', 'b', 'c'].map((id) => taskOf(id, { group: 'service:web' }));
    const definitions = [definition({ containers: [container({ ports: [] })] })];
    const { summary } = await run({ source: fakeSource({ tasks, definitions }) });
    expect(summary.skips).toMatchObject([
      { task: taskArn('c'), code: 'no-ports', service: 'web', tasks: 3 },
    ]);
  });

  it('says of each task what is about it alone, and of a definition once what is about that', async () => {
    const tasks = ['a', 'b'].map((id) => taskOf(id, { eni: {} }));
    const definitions = [definition({ containers: [container({ ports: [] })] })];
    const once = await run({ source: fakeSource({ tasks, definitions }) });
    expect(once.lines).toEqual(['skip no-ports']);
    const each = await run({ source: fakeSource({ tasks }) });
    expect(each.lines).toEqual(['skip no-address', 'skip no-address']);
  });

  it('that cannot be stored or read fails no round', async () => {
    const registry = fakeRegistry();
    const store = fakeStore({
      readSummary: () => Promise.reject(new Error('denied')),
      saveSummary: () => Promise.reject(new Error('denied')),
    });
    const { lines } = await run({
      registries: [registry],
      source: fakeSource({ tasks: [taskOf('a')] }),
      store,
    });
    expect(servicesOf(registry)).toEqual(['web a']);
    expect(lines.filter((line) => line.startsWith('fault'))).toEqual([
      'fault the last summary cannot be read: Error: denied',
      'fault the summary cannot be stored: Error: denied',
    ]);
  });

  it('counts two ECS services under one name, which is allowed', async () => {
    const tasks = [taskOf('a', { group: 'service:web' }), taskOf('b', { group: 'family:web' })];
    const overrides = { app: { SERVICE_NAME: 'web' } };
    const { counts } = await run({
      source: fakeSource({ tasks: tasks.map((one) => ({ ...one, overrides })) }),
    });
    expect(counts.get('SharedNames')).toBe(1);
  });
});

describe('a fleet larger than a round may read', () => {
  const clusters = ['a', 'b', 'c', 'd'].map((name) => `${OTHER}-${name}` as const);
  const tasks = clusters.map((clusterArn) => {
    const id = `t${clusterArn.at(-1)}`;
    return taskOf(id, {
      arn: `arn:aws:ecs:eu-west-1:111122223333:task/${idOf(clusterArn)}/${id}`,
      clusterArn,
    });
  });

  it('goes over several: what was left comes first, counts as unfinished and not as failed, and all are read in the end', async () => {
    let left = 0;
    const read: string[] = [];
    const { describeTasks, ...rest } = fakeSource({ tasks, clusters });
    const source: Source = {
      ...rest,
      describeTasks: async (cluster, ...asked) => {
        if (left-- <= 0) throw new ReadShareSpent('the share of ECS calls is spent for now');
        read.push(cluster.slice(-1));
        return describeTasks(cluster, ...asked);
      },
    };
    const registry = fakeRegistry();
    const { context, counts } = worldOf({ registries: [registry], source });
    const unfinished: string[][] = [];
    for (let round = 0; round < 3; round++) {
      left = 3;
      const summary = await reconcile(context, FAR, live());
      unfinished.push(summary.unfinished.map((arn) => arn.slice(-1)));
    }
    expect(unfinished.every((some) => some.length > 0)).toBe(true);
    expect(counts.get('Unfinished')).toBe(unfinished.flat().length);
    expect(new Set(read)).toEqual(new Set(['a', 'b', 'c', 'd']));
    expect(registry.records.size).toBe(4);
    expect(counts.get('Failed')).toBeUndefined();
  });

  /** What is read in each of some rounds; `listTasks` is what takes long. */
  const readIn = async (
    rounds: number,
    listTasks: Source['listTasks'],
    names: readonly ClusterArn[],
  ) => {
    const read: string[] = [];
    const source = fakeSource(
      { tasks: [], clusters: names },
      {
        listTasks: async (cluster, signal) => {
          const found = await listTasks(cluster, signal);
          read.push(cluster);
          return found;
        },
      },
    );
    const { context } = worldOf({ source });
    for (let round = 0; round < rounds; round++) {
      const time = new AbortController();
      over = () => time.abort(new Error('time is over'));
      await reconcile(context, FAR, time.signal);
    }
    return read;
  };
  let over = () => {};

  it.each([
    [
      'is too large for what there is',
      new ReadShareSpent('the share of ECS calls is spent for now'),
    ],
    ['hangs', new Error('time is over')],
  ])('keeps none from its turn that comes after one that %s', async (_what, error) => {
    const hog: Source['listTasks'] = async (cluster) => {
      if (cluster !== clusters[0]) return [];
      over();
      throw error;
    };
    expect(await readIn(4, hog, clusters)).toEqual([...clusters.slice(1), ...clusters.slice(1)]);
  });

  it('is read in turn, however many clusters a round leaves', async () => {
    const many = Array.from(
      { length: 300 },
      (_, at) => `${OTHER}-${String(at).padStart(40, '0')}` as const,
    );
    let left = 0;
    const each: Source['listTasks'] = async () => {
      if (++left % 100 === 0) over();
      return [];
    };
    expect(new Set(await readIn(3, each, many))).toEqual(new Set(many));
  });
});
