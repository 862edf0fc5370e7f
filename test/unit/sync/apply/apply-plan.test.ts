import { describe, expect, it } from 'vitest';
import { type Change, type Plan, refOf } from '../../../../shared/model/plan.ts';
import type { Registry } from '../../../../shared/registries/registry.ts';
import { applyPlan, toSlices } from '../../../../shared/sync/apply/apply-plan.ts';
import type { ClusterState } from '../../../../shared/sync/observe/cluster-state.ts';
import { CLUSTER, fakeRegistry, live, recordOf, worldOf } from '../fakes.ts';

const upsert = (id: string, service: string): Change => ({
  kind: 'upsert',
  record: recordOf(id, { service }),
  reason: 'test',
});
const remove = (id: string, service: string): Change => ({
  kind: 'remove',
  ref: recordOf(id, { service }),
  reason: 'test',
});
const many = (count: number, service: string) =>
  Array.from({ length: count }, (_, at) => upsert(`${service}${at}`, service));

describe('slices of a plan', () => {
  it('hold each change once', () => {
    const changes = [...many(90, 'a'), ...many(90, 'b'), ...many(250, 'c'), ...many(3, 'd')];
    const ids = toSlices(changes).flatMap((slice) => slice.map((change) => refOf(change).id));
    expect(ids.toSorted()).toEqual(changes.map((change) => refOf(change).id).toSorted());
  });

  it('part no service, and no more than a hundred changes of several', () => {
    const slices = toSlices([
      ...many(90, 'a'),
      ...many(90, 'b'),
      ...many(250, 'c'),
      ...many(3, 'B'),
    ]);
    const services = slices.map((slice) => [
      ...new Set(slice.map((change) => refOf(change).service)),
    ]);
    expect(services).toEqual([['a'], ['b', 'B'], ['c']]);
  });

  it('begin with what takes something out, additions of the service before it', () => {
    const slices = toSlices([...many(100, 'a'), upsert('new', 'b'), remove('old', 'b')]);
    expect(slices[0]?.map(({ kind }) => kind)).toEqual(['upsert', 'remove']);
  });
});

describe('a running task’s old name', () => {
  const old = (id: string, more: Partial<Change & { readonly kind: 'remove' }>): Change => {
    const before = recordOf(id, { service: 'payments' });
    return { kind: 'remove', ref: before, before, reason: 'test', nameNow: 'web', ...more };
  };

  /** What is asked of the registry for sixty tasks that are renamed. */
  const applied = async (
    more: Partial<Change & { readonly kind: 'remove' }>,
    apply?: Registry['apply'],
  ) => {
    const removals = many(60, 'web').map((change) => {
      const { id } = refOf(change);
      return old(id.replace('-record', ''), more);
    });
    const kept = removals.flatMap(({ before }) => before ?? []);
    const registry = fakeRegistry(kept);
    const plan: Plan = {
      registry: 'consul',
      cluster: CLUSTER,
      changes: [...many(60, 'web'), ...removals],
      withheld: [],
      forbidden: [],
      waiting: [],
      unchanged: 0,
    };
    const none = new Map<never, never>();
    const state: ClusterState = {
      cluster: CLUSTER,
      tasks: none,
      strays: none,
      running: none,
      skips: [],
      unreadable: [],
      undescribed: [],
    };
    const { context } = worldOf();
    const given = apply ? { ...registry, apply } : registry;
    await applyPlan({ registry: given, plan }, state, context, {
      working: live(),
      closing: live(),
    });
    return registry;
  };

  it.each([
    ['that others serve', {}],
    ['that nobody has a better right to', { limit: 'renamed' as const }],
  ])('goes after what replaces it: %s', async (_, more) => {
    const { calls } = await applied(more);
    const writes = calls.filter((call) => call.startsWith('upsert'));
    expect(writes).toHaveLength(60);
    expect(calls.slice(0, 60)).toEqual(writes);
    expect(calls.filter((call) => call.startsWith('remove'))).toHaveLength(60);
  });

  it('stays where its replacement fails, unless others serve it', async () => {
    const refused: Registry['apply'] = async (changes) =>
      changes.map((change) =>
        change.kind === 'remove'
          ? { change, status: 'done' }
          : { change, status: 'refused', reason: 'full' },
      );
    const asked: Change[] = [];
    const noting: Registry['apply'] = (changes, signal) => {
      asked.push(...changes.filter(({ kind }) => kind === 'remove'));
      return refused(changes, signal);
    };
    await applied({ limit: 'renamed' }, noting);
    expect(asked).toEqual([]);
    await applied({}, noting);
    expect(asked).toHaveLength(60);
  });
});
