import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Plan, refOf } from '../../../shared/model/plan.ts';
import { KEY, NAMING } from '../../../shared/model/registration.ts';
import { withApproved } from '../../../shared/plan/plan.ts';
import {
  clusterHash,
  NO_REMOVALS,
  removedAt,
  withReservations,
} from '../../../shared/plan/removals.ts';
import {
  applied,
  CLUSTER,
  GONE,
  keyOf,
  MISSING,
  planOf,
  RENAMED,
  record,
  records,
  told,
} from './builders.ts';

const HOUR = 3_600_000;

describe('the delete limit over an hour', () => {
  it.each([
    ['half of 20 after nothing', 20, 10, 0, 'removes'],
    ['half of the half that is left', 10, 5, 10, 'withholds'],
    ['one of the half that is left', 10, 1, 10, 'withholds'],
    ['what makes more than half of all', 20, 7, 8, 'withholds'],
    ['what makes exactly half of all', 16, 6, 4, 'removes'],
    ['six left of 12, which by themselves were too few to count', 6, 6, 6, 'withholds'],
    ['five of five after five, which is ten in all', 5, 5, 5, 'removes'],
  ] as const)('%s: %#', (_what, held, now, before, verdict) => {
    const all = records(held);
    const plan = planOf({ desired: all.slice(now), held: all, removed: { missing: before } });
    expect(verdict === 'removes' ? plan.changes : plan.withheld).toHaveLength(now);
  });

  it('counts names and tasks apart', () => {
    const all = records(20);
    const given = { desired: all.slice(10), held: all };
    expect(planOf({ ...given, removed: { renamed: 20 } }).withheld).toEqual([]);
    expect(
      planOf({ ...given, removed: { missing: 20 }, removalOf: () => RENAMED }).withheld,
    ).toEqual([]);
    const both = planOf({ held: all, removalOf: ({ id }) => (id < 'r011' ? MISSING : RENAMED) });
    expect(both.withheld.map(({ limit }) => limit)).toEqual(
      Array.from({ length: 11 }, () => 'missing'),
    );
    expect(both.changes).toHaveLength(9);
  });

  it('does not count a record twice whose removal has failed', () => {
    const all = records(20);
    const failed = new Set(all.slice(0, 8).map(keyOf));
    const removed = { missing: 8, isCounted: (key: string) => failed.has(key) };
    expect(planOf({ desired: all.slice(8), held: all, removed }).changes).toHaveLength(8);
    expect(planOf({ desired: all.slice(11), held: all, removed }).withheld).toHaveLength(11);
  });

  it('that is not known counts as reached, for few records too, and says so', () => {
    const given = { desired: [record({ id: 'new' })], held: records(3), removed: null };
    const plan = planOf(given);
    expect(told(plan.changes)).toEqual(['upsert web/new']);
    expect(plan.withheld).toHaveLength(3);
    expect(plan.removedUnknown).toBe(true);
    expect(planOf({ ...given, removalOf: () => GONE }).changes).toHaveLength(4);
    expect(planOf({ ...given, deleteLimit: 100 }).changes).toHaveLength(4);
  });

  const rounds = fc.array(
    fc.record({
      /** Milliseconds after the round before it. */
      after: fc.nat(HOUR),
      missing: fc.double({ min: 0, max: 1, noNaN: true }),
      added: fc.nat(30),
      fails: fc.boolean(),
    }),
    { maxLength: 30 },
  );

  it.each([0, 25, 50, 90])(
    'lets no more than %i percent go within any hour, whatever comes when',
    (deleteLimit) => {
      fc.assert(
        fc.property(fc.nat(60), rounds, (size, all) => {
          let now = Date.UTC(2026, 0, 2);
          let held = records(size);
          let removals = NO_REMOVALS;
          const hash = clusterHash(CLUSTER, 'consul');
          const gone: { at: number; count: number }[] = [];
          for (const [at, { after, missing, added, fails }] of all.entries()) {
            now += after;
            const dead = Math.floor(held.length * missing);
            const removed = removedAt(removals, hash, now);
            const { changes } = planOf({ desired: held.slice(dead), held, deleteLimit, removed });
            const before = gone
              .filter((one) => now - one.at <= HOUR)
              .reduce((sum, { count }) => sum + count, 0);
            if (changes.length > 0 && held.length + before > 10)
              expect((before + changes.length) * 100).toBeLessThanOrEqual(
                (held.length + before) * deleteLimit,
              );
            if (changes.length > 0) {
              const reservation = { hash, limit: 'missing', records: changes.length } as const;
              removals = withReservations(removals, [reservation], now);
            }
            if (!fails && changes.length > 0) {
              held = applied(changes, held);
              gone.push({ at: now, count: changes.length });
            }
            held = [...held, ...records(added, `n${at}-`)];
          }
        }),
      );
    },
  );
});

describe('a name that a running task does not derive any more', () => {
  const inCatalog = ({ id }: { readonly id: string }) => id;
  const renamed = (count: number, service = 'api') =>
    records(count).map((one) => ({
      ...one,
      service,
      metadata: { ...one.metadata, [KEY.naming]: `${NAMING}` },
    }));

  it('goes with its replacement where there are few, and none at all where it has none', () => {
    const given = { held: records(20), removalOf: () => RENAMED };
    const few = planOf({ ...given, desired: [...renamed(10), ...records(20).slice(10)] });
    expect(few.withheld).toEqual([]);
    expect(few.changes.filter(({ kind }) => kind === 'remove')).toHaveLength(10);
    expect(planOf({ ...given, desired: records(20).slice(11) }).withheld).toHaveLength(11);
  });

  it('stands beside the new one above the limit, in the next round too', () => {
    const held = records(12);
    const given = { desired: renamed(12), removalOf: () => RENAMED };
    const first = planOf({ ...given, held });
    expect(told(first.changes)).toEqual(renamed(12).map(({ id }) => `upsert api/${id}`));
    expect(first.withheld).toHaveLength(12);
    const next = planOf({ ...given, held: applied(first.changes, held) });
    expect(next.changes).toEqual([]);
    expect(next.withheld).toHaveLength(12);
  });

  it('stands beside the new one in the task’s health, for whoever still asks for it', () => {
    const first = renamed(12);
    const held = [...records(12), ...first];
    const sick = first.map((one, at) => ({
      ...one,
      health: at === 0 ? ('unhealthy' as const) : one.health,
    }));
    const plan = planOf({ desired: sick, held, removalOf: () => RENAMED });
    expect(told(plan.changes).toSorted()).toEqual(['health api/r000', 'health web/r000']);
    const starting = first.map((one) => ({ ...one, health: 'starting' as const }));
    expect(planOf({ desired: starting, held, removalOf: () => RENAMED }).changes).toEqual([]);
  });

  it('goes once it is released, and nothing else then', () => {
    const plan = planOf({
      held: records(24),
      removalOf: ({ id }) => (id < 'r012' ? RENAMED : MISSING),
      deleteLimit: 40,
    });
    expect(plan.withheld).toHaveLength(24);
    const free = withApproved(plan, { key: keyOf }, ['renamed']);
    expect(free.changes.map(({ limit }) => limit)).toEqual(
      Array.from({ length: 12 }, () => 'renamed'),
    );
    expect(free.withheld.map(({ limit }) => limit)).toEqual(
      Array.from({ length: 12 }, () => 'missing'),
    );
  });

  describe('where a renaming is one write', () => {
    const given = { held: records(12), key: inCatalog };

    it('is that write, and counts', () => {
      const desired = [...renamed(6), ...records(12).slice(6)];
      const plan = planOf({ ...given, desired });
      expect(told(plan.changes)).toEqual(renamed(6).map(({ id }) => `upsert api/${id}`));
      expect(plan.changes.map(({ limit }) => limit)).toEqual(
        Array.from({ length: 6 }, () => 'renamed'),
      );
      expect(planOf({ ...given, desired, removed: { renamed: 1 } }).withheld).toHaveLength(6);
    });

    it('stays above the limit, while all else about the record follows', () => {
      const sick = renamed(12).map((one) => ({ ...one, health: 'unhealthy' as const }));
      const plan = planOf({ ...given, desired: sick });
      expect(told(plan.withheld)).toEqual(sick.map(({ id }) => `upsert api/${id}`));
      expect(told(plan.changes)).toEqual(sick.map(({ id }) => `health web/${id}`));
      const older = records(12).map((one) => ({
        ...one,
        metadata: { ...one.metadata, [KEY.naming]: '1' },
      }));
      const desired = renamed(12).map((one) => ({ ...one, port: 1 }));
      const moved = planOf({ ...given, held: older, desired });
      expect(told(moved.changes)).toEqual(sick.map(({ id }) => `upsert web/${id}`));
      for (const change of moved.changes) {
        if (change.kind === 'remove') throw new Error('nothing is removed');
        expect(change.record.metadata[KEY.naming]).toBe('1');
      }
    });

    it('is made once it is released, and the write under the old name is not', () => {
      const plan = planOf({ ...given, desired: renamed(12).map((one) => ({ ...one, port: 1 })) });
      const free = withApproved(plan, { key: inCatalog }, ['renamed']);
      expect(told(free.changes)).toEqual(renamed(12).map(({ id }) => `upsert api/${id}`));
      expect(free.withheld).toEqual([]);
    });

    it('is none where only the case differs', () => {
      const plan = planOf({ ...given, desired: renamed(12, 'WEB') });
      expect([plan.changes, plan.withheld, plan.unchanged]).toEqual([[], [], 12]);
    });
  });
});

describe('the version of the naming rules', () => {
  const named = (version: string | undefined, service = 'web') => {
    const one = record({ service });
    const { [KEY.naming]: _, ...metadata } = one.metadata;
    return {
      ...one,
      metadata: version === undefined ? metadata : { ...metadata, [KEY.naming]: version },
    };
  };
  const newer = named(String(NAMING + 1));
  const refused = (plan: Plan) =>
    plan.forbidden.map((change) => `${change.kind} ${refOf(change).service}`);

  it.each([[undefined], ['0'], [String(NAMING + 1)], ['nonsense']])(
    'is no difference by itself: %s',
    (version) => {
      expect(planOf({ desired: [named(String(NAMING))], held: [named(version)] })).toMatchObject({
        changes: [],
        unchanged: 1,
      });
    },
  );

  it('comes with the next change', () => {
    const plan = planOf({ desired: [{ ...named('1'), port: 1 }], held: [named(undefined)] });
    expect(plan.changes).toMatchObject([
      { record: { metadata: { [KEY.naming]: '1' } }, reason: 'port changed' },
    ]);
  });

  it('keeps a newer one’s name, and says so', () => {
    const plan = planOf({ desired: [named('1', 'old')], held: [newer], removalOf: () => RENAMED });
    expect(told(plan.changes)).toEqual(['upsert old/a']);
    expect(refused(plan)).toEqual(['remove web']);
    expect(plan.forbidden[0]?.reason).toContain('a newer version of Rollcall');
  });

  it('keeps a newer one’s name where a renaming is one write', () => {
    const desired = [{ ...named('1', 'old'), port: 1 }];
    const plan = planOf({ desired, held: [newer], key: ({ id }) => id });
    expect(told(plan.changes)).toEqual(['upsert web/a']);
    expect(plan.changes).toMatchObject([
      { record: { metadata: { [KEY.naming]: String(NAMING + 1) }, port: 1 } },
    ]);
    expect(refused(plan)).toEqual(['upsert old']);
  });

  it.each([
    ['that stopped', GONE],
    ['that ECS does not know', MISSING],
  ])('keeps no record of a task %s: that is not about its name', (_which, fate) => {
    expect(told(planOf({ held: [newer], removalOf: () => fate }).changes)).toEqual([
      'remove web/a',
    ]);
  });

  it('of these very rules withholds no renaming of its own', () => {
    const plan = planOf({ held: [named(String(NAMING))], removalOf: () => RENAMED });
    expect(told(plan.changes)).toEqual(['remove web/a']);
  });

  it.each([[undefined], ['nonsense'], ['-1'], ['1']])(
    '%s is older: its name stays until it is released, however few there are',
    (version) => {
      const given = { desired: [named('2', 'new')], held: [named(version)] };
      const plan = planOf({ ...given, removalOf: () => RENAMED });
      expect(told(plan.changes)).toEqual(['upsert new/a']);
      expect(told(plan.withheld)).toEqual(['remove web/a']);
      const released = withApproved(plan, { key: keyOf }, ['renamed']);
      expect(told(released.changes)).toEqual(['upsert new/a', 'remove web/a']);
    },
  );

  it('that is older keeps the name where a renaming is one write, until it is released', () => {
    const key = ({ id }: { readonly id: string }) => id;
    const plan = planOf({ desired: [named('2', 'new')], held: [named('1')], key });
    expect([told(plan.changes), told(plan.withheld)]).toEqual([[], ['upsert new/a']]);
    expect(told(withApproved(plan, { key }, ['renamed']).changes)).toEqual(['upsert new/a']);
  });
});
