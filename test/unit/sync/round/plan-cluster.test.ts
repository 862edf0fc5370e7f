import { describe, expect, it } from 'vitest';
import { NOTHING_REMOVED } from '../../../../shared/plan/limit.ts';
import { namedTask } from '../../../../shared/plan/plan.ts';
import { limiter } from '../../../../shared/platform/concurrency.ts';
import type { Registry } from '../../../../shared/registries/registry.ts';
import { listRegistries } from '../../../../shared/sync/observe/snapshot.ts';
import { planCluster } from '../../../../shared/sync/round/plan-cluster.ts';
import {
  CLUSTER,
  type Ecs,
  fakeRegistry,
  fakeSource,
  live,
  recordOf,
  taskOf,
  worldOf,
} from '../fakes.ts';

const RUNNING = Array.from({ length: 250 }, (_, at) => taskOf(`t${at}`));
const EXPIRED = Array.from({ length: 300 }, (_, at) => recordOf(`gone${at}`));

const ledger = {
  removed: () => NOTHING_REMOVED,
  reserve: async () => {},
  approvedUntil: () => undefined,
  keepApproval: async () => {},
};

/** What one cluster's plan at one registry is. */
const planAt = async (registry: Registry, ecs: Ecs, signal = live()) => {
  const { context, lines } = worldOf({ registries: [registry], source: fakeSource(ecs) });
  const snapshots = await listRegistries(context, live());
  const cluster = { arn: CLUSTER, isGone: false };
  const planned = await planCluster(
    cluster,
    { snapshots, ledger, reading: limiter(1) },
    context,
    signal,
  );
  return { plan: planned.plans[0]?.plan, failures: planned.failures, lines };
};

/** A plan where the time for reads is over with the 25th. */
const planSlowly = async (held = EXPIRED) => {
  const time = new AbortController();
  let reads = 0;
  const get: Registry['get'] = async (refs) => {
    if (++reads > 24) time.abort(new Error('the time is over'));
    time.signal.throwIfAborted();
    return held.filter(({ id }) => refs.some((ref) => ref.id === id));
  };
  const missing = held.flatMap((record) => namedTask(record) ?? []);
  const registry = fakeRegistry(held, { staleLists: true, get });
  return planAt(registry, { tasks: RUNNING, missing }, time.signal);
};

describe('a registry that answers too slowly to read every difference', () => {
  it('is given what was read, and the rest in the next round, which is said', async () => {
    const { plan, lines } = await planSlowly([]);
    expect(plan?.changes).toHaveLength(24);
    expect(lines).toContain('note consul is slow: 226 differences are left to the next round');
  });

  it('has its delete limit measured by all that is missing, read or not', async () => {
    const { plan } = await planSlowly();
    expect(plan?.withheld).toHaveLength(300);
    expect(plan?.changes).not.toHaveLength(0);
    expect(plan?.changes.every(({ kind }) => kind === 'upsert')).toBe(true);
  });
});

describe('a registry that fails to tell of one record', () => {
  it('is brought up to date in all others, and the failure is told', async () => {
    const get: Registry['get'] = async (refs) => {
      if (refs.some(({ id }) => id === 'gone7-record')) throw new Error('500');
      return [];
    };
    const registry = fakeRegistry([recordOf('gone7')], { staleLists: true, get });
    const stopped = taskOf('gone7', { desiredStatus: 'STOPPED' });
    const { plan, lines } = await planAt(registry, { tasks: [...RUNNING, stopped] });
    expect(plan?.changes.map(({ kind }) => kind)).toEqual(RUNNING.map(() => 'upsert'));
    expect(lines).toContain('fault consul: records cannot be read now: Error: 500');
  });

  it('is asked no more once ten records could not be read', async () => {
    let reads = 0;
    const get: Registry['get'] = async () => {
      reads++;
      throw new Error('500');
    };
    const registry = fakeRegistry([], { staleLists: true, get });
    const { failures } = await planAt(registry, { tasks: RUNNING });
    expect(failures).toEqual([{ registry: 'consul', reason: '500' }]);
    expect(reads).toBeLessThanOrEqual(10 + 8);
  });
});

describe('what is told of a definition', () => {
  it('is told once, whatever number of tasks it has', async () => {
    const registry = fakeRegistry([], {
      fit: () => ({ records: [], notes: ['the name was cut'] }),
    });
    const { lines } = await planAt(registry, { tasks: RUNNING });
    expect(lines).toEqual(['note consul: the name was cut']);
  });
});
