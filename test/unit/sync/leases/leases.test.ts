import { describe, expect, it } from 'vitest';
import type { Registration } from '../../../../shared/model/registration.ts';
import type { Registry } from '../../../../shared/registries/registry.ts';
import { reconcile } from '../../../../shared/sync/reconcile.ts';
import {
  CLUSTER,
  fakeRegistry,
  fakeSource,
  live,
  NOW,
  recordOf,
  taskArn,
  taskOf,
  type World,
  worldOf,
} from '../fakes.ts';

const FAR = NOW + 55_000;

const done = (records: readonly Registration[]) =>
  records.map((record) => ({
    change: { kind: 'upsert', record, reason: 'lease' } as const,
    status: 'done' as const,
  }));

/** A registry with leases that cannot be listed, and what it was asked to renew. */
const unlisted = (more: Partial<Registry> = {}) => {
  const renewed: string[] = [];
  const registry = fakeRegistry([], {
    name: 'eureka',
    list: () => Promise.reject(new Error('no peer answers')),
    renew: async (records) => {
      renewed.push(...records.map(({ id }) => id.split('-')[0] ?? ''));
      return done(records);
    },
    ...more,
  });
  return { registry, renewed };
};

const run = async (registry: Registry, world: World = {}) => {
  const tasks = [taskOf('a'), taskOf('b'), taskOf('old', { desiredStatus: 'STOPPED' })];
  const made = worldOf({ registries: [registry], source: fakeSource({ tasks }), ...world });
  return { ...made, summary: await reconcile(made.context, FAR, live()) };
};

/** Whatever can go on has gone on: nothing here waits for anything outside the process. */
const rest = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

const lost = async (records: readonly Registration[]) =>
  records.map((record) => ({
    change: { kind: 'upsert', record, reason: 'lease' } as const,
    status: 'gone' as const,
  }));

describe('a round that cannot list a registry with leases', () => {
  it('renews the leases of what ECS runs there, and writes nothing', async () => {
    const { registry, renewed } = unlisted();
    const { counts } = await run(registry);
    expect(renewed.sort()).toEqual(['a', 'b']);
    expect(registry.calls).toEqual([]);
    expect(counts.get('Renewed eureka')).toBe(2);
  });

  it('renews them too where the list tells nothing, as of a server that warms up', async () => {
    const { registry, renewed } = unlisted({ list: async () => ({ records: [], unknown: '403' }) });
    await run(registry);
    expect(renewed.sort()).toEqual(['a', 'b']);
  });

  it('renews them under observe', async () => {
    const { registry, renewed } = unlisted();
    await run(registry, { config: { policy: 'observe' } });
    expect(renewed.sort()).toEqual(['a', 'b']);
  });

  it('has what is lost looked at, where ECS decides', async () => {
    const { registry } = unlisted({ renew: lost });
    const { looks } = await run(registry);
    expect(looks).toMatchObject([
      { registry: 'eureka', look: 0, tasks: [taskArn('a'), taskArn('b')] },
    ]);
    expect(registry.calls).toEqual([]);
  });

  it('asks for the heartbeats of three clusters at once, since a slow server answers no more', async () => {
    const waiting: (() => void)[] = [];
    const { registry } = unlisted({
      renew: (records) => new Promise((resolve) => waiting.push(() => resolve(done(records)))),
    });
    const clusters = ['a', 'b', 'c', 'd'].map((name) => `${CLUSTER}-${name}` as const);
    const tasks = clusters.map((clusterArn, at) => taskOf(`${at}`, { clusterArn }));
    const ended = run(registry, { source: fakeSource({ tasks, clusters }) });
    await rest();
    expect(waiting).toHaveLength(3);
    for (const answer of waiting.splice(0)) answer();
    await rest();
    expect(waiting).toHaveLength(1);
    waiting[0]?.();
    expect((await ended).counts.get('Renewed eureka')).toBe(4);
  });

  it('ends well, and repairs the others, where neither the heartbeats nor the looks go out', async () => {
    const { registry } = unlisted({ renew: lost });
    const other = fakeRegistry();
    const { lines } = await run(registry, {
      registries: [registry, other],
      queue: {
        send: () => Promise.reject(new Error('no queue')),
      },
    });
    expect(other.records.size).toBe(2);
    expect(lines).toContain('fault eureka: leases cannot be kept now: Error: no queue');
  });
});

describe('a round that can list it', () => {
  it('leaves the leases to the renewal', async () => {
    const { registry, renewed } = unlisted({ list: async () => ({ records: [recordOf('a')] }) });
    await run(registry);
    expect(renewed).toEqual([]);
  });
});
