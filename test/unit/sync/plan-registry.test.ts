import { describe, expect, it } from 'vitest';
import { NOTHING_REMOVED } from '../../../shared/plan/limit.ts';
import type { Registry } from '../../../shared/registries/registry.ts';
import { planRegistry } from '../../../shared/sync/plan-registry.ts';
import { readTruth } from '../../../shared/sync/truth.ts';
import { CLUSTER, fakeRegistry, fakeSource, live, recordOf, taskOf, worldOf } from './fakes.ts';

const RUNNING = Array.from({ length: 250 }, (_, at) => taskOf(`t${at}`));
const FORGOTTEN = Array.from({ length: 300 }, (_, at) => recordOf(`gone${at}`));

/** A plan where the look's time is over with the 25th read. */
const planSlowly = async (held = FORGOTTEN) => {
  const look = new AbortController();
  let reads = 0;
  const get: Registry['get'] = async (refs) => {
    if (++reads > 24) look.abort(new Error('the time is over'));
    look.signal.throwIfAborted();
    return held.filter(({ id }) => refs.some((ref) => ref.id === id));
  };
  const registry = fakeRegistry(held, { staleLists: true, get });
  const { deps, lines } = worldOf({ registries: [registry], source: fakeSource({ tasks: RUNNING }) });
  const truth = await readTruth(CLUSTER, new Set(), deps, live());
  const missing = new Set(held.map(({ metadata }) => metadata['ROLLCALL_TASK'] ?? ''));
  const judged = { truth: { ...truth, missing }, removed: NOTHING_REMOVED };
  const plan = await planRegistry(registry, { records: held }, judged, deps, look.signal);
  return { plan, lines };
};

describe('a registry that answers too slowly to look at every difference', () => {
  it('is given what was looked at, and the rest in the next round, which is said', async () => {
    const { plan, lines } = await planSlowly([]);
    expect(plan.changes).toHaveLength(24);
    expect(lines).toContain('note consul is slow: 226 differences are left to the next round');
  });

  it('has its delete limit measured by all that is missing, looked at or not', async () => {
    const { plan } = await planSlowly();
    expect(plan.withheld).toHaveLength(300);
    expect(plan.changes.every(({ kind }) => kind === 'upsert')).toBe(true);
  });
});

describe('a registry that fails to tell of one record', () => {
  it('is brought up to date in all others, and the failure is told', async () => {
    const get: Registry['get'] = async (refs) => {
      if (refs.some(({ id }) => id === 'gone7-record')) throw new Error('500');
      return [];
    };
    const registry = fakeRegistry([recordOf('gone7')], { staleLists: true, get });
    const { deps, lines } = worldOf({ registries: [registry], source: fakeSource({ tasks: RUNNING }) });
    const truth = await readTruth(CLUSTER, new Set(), deps, live());
    const stopped = new Set([taskOf('gone7').arn]);
    const judged = { truth: { ...truth, stopped }, removed: NOTHING_REMOVED };
    const plan = await planRegistry(
      registry,
      await registry.list({ owner: '' }, live()),
      judged,
      deps,
      live(),
    );
    expect(plan.changes.map(({ kind }) => kind)).toEqual(RUNNING.map(() => 'upsert'));
    expect(lines).toContain('fault consul: records cannot be read now: Error: 500');
  });

  it('is asked no more once ten records could not be read', async () => {
    let reads = 0;
    const get: Registry['get'] = async () => {
      reads++;
      throw new Error('500');
    };
    const registry = fakeRegistry([], { staleLists: true, get });
    const { deps } = worldOf({ registries: [registry], source: fakeSource({ tasks: RUNNING }) });
    const truth = await readTruth(CLUSTER, new Set(), deps, live());
    const judged = { truth, removed: NOTHING_REMOVED };
    await expect(planRegistry(registry, { records: [] }, judged, deps, live())).rejects.toThrow('500');
    expect(reads).toBeLessThanOrEqual(10 + 8);
  });
});
