import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refOf } from '../../../shared/model/plan.ts';
import type { Registration } from '../../../shared/model/registration.ts';
import { owns, withApproved } from '../../../shared/plan/plan.ts';
import {
  applied,
  CLUSTER,
  type Given,
  GONE,
  KEEP,
  keyOf,
  MISSING,
  OWNER,
  planOf,
  record,
} from './builders.ts';

const anyRecord: fc.Arbitrary<Registration> = fc
  .record({
    service: fc.constantFrom('web', 'api', 'Web'),
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    port: fc.constantFrom(80, 81),
    health: fc.constantFrom('healthy', 'unhealthy', 'starting', undefined),
    tags: fc.subarray(['x', 'y']),
    metadata: fc.constantFrom({}, { V: '1' }),
  })
  .map((more) => record(more));

const distinct = (arbitrary: fc.Arbitrary<Registration>) =>
  fc.uniqueArray(arbitrary, { selector: keyOf, maxLength: 15 });

const foreign = anyRecord.chain((one) =>
  fc
    .constantFrom<Readonly<Record<string, string>>>(
      {},
      { ROLLCALL_OWNER: `${OWNER}2`, ROLLCALL_CLUSTER: CLUSTER },
      { ROLLCALL_OWNER: OWNER, ROLLCALL_CLUSTER: 'arn:other' },
    )
    .map((metadata) => ({ ...one, metadata })),
);

const verdicts = fc.array(fc.constantFrom(MISSING, KEEP, GONE), { minLength: 1 });

const anyGiven: fc.Arbitrary<Given> = fc.record({
  desired: distinct(anyRecord),
  held: distinct(fc.oneof({ weight: 3, arbitrary: anyRecord }, foreign)),
  policy: fc.constantFrom('observe', 'create-only', 'upsert-only', 'sync'),
  deleteLimit: fc.integer({ min: 0, max: 100 }),
  waitsForHealth: fc.boolean(),
  removalOf: verdicts.map((list) => ({ id, service }: Registration) => {
    const at = (id.charCodeAt(0) + service.charCodeAt(0)) % list.length;
    return list[at] ?? KEEP;
  }),
});

const holds = (property: (given: Given) => void) =>
  fc.assert(fc.property(anyGiven, property), { numRuns: 500 });

const isOurs = (one: Registration) => owns(OWNER, CLUSTER, one);

describe('every plan', () => {
  it('leaves nothing to do for the next one, once it is carried out', () => {
    holds((given) => {
      const held = applied(planOf(given).changes, given.held ?? []);
      expect(planOf({ ...given, held }).changes).toEqual([]);
    });
  });

  it('once released leaves nothing withheld either', () => {
    holds((given) => {
      const held = applied(
        withApproved(planOf(given), { key: keyOf }, ['missing', 'renamed']).changes,
        given.held ?? [],
      );
      const next = planOf({ ...given, held });
      expect([...next.changes, ...next.withheld]).toEqual([]);
    });
  });

  it('does not depend on the order of what it is given', () => {
    fc.assert(
      fc.property(
        anyGiven.chain((given) =>
          fc.record({
            given: fc.constant(given),
            desired: fc.shuffledSubarray([...(given.desired ?? [])], {
              minLength: given.desired?.length ?? 0,
            }),
            held: fc.shuffledSubarray([...(given.held ?? [])], {
              minLength: given.held?.length ?? 0,
            }),
          }),
        ),
        ({ given, desired, held }) => {
          const { waiting, ...plan } = planOf(given);
          const { waiting: other, ...shuffled } = planOf({ ...given, desired, held });
          expect(shuffled).toEqual(plan);
          expect(other.map(keyOf).sort()).toEqual(waiting.map(keyOf).sort());
        },
      ),
    );
  });

  it('touches no record that is not exactly this owner’s in this cluster', () => {
    holds((given) => {
      const plan = planOf(given);
      const others = new Set((given.held ?? []).filter((one) => !isOurs(one)).map(keyOf));
      const touched = [...plan.changes, ...plan.withheld].map((change) => keyOf(refOf(change)));
      expect(touched.filter((key) => others.has(key))).toEqual([]);
    });
  });

  it('speaks of each record once, and of each desired one', () => {
    holds((given) => {
      const { changes, withheld, forbidden, waiting, unchanged } = planOf(given);
      const keys = [...[...changes, ...withheld, ...forbidden].map(refOf), ...waiting].map(keyOf);
      expect(new Set(keys).size).toBe(keys.length);
      const removals = [...changes, ...withheld, ...forbidden].filter(
        ({ kind }) => kind === 'remove',
      );
      expect(keys.length - removals.length + unchanged).toBe(given.desired?.length);
    });
  });

  it('has its additions before its health changes before its removals', () => {
    holds((given) => {
      const order = ['upsert', 'health', 'remove'];
      const kinds = planOf(given).changes.map(({ kind }) => order.indexOf(kind));
      expect(kinds).toEqual(kinds.toSorted());
    });
  });

  it('that cannot trust the list removes nothing and adds no less', () => {
    holds((given) => {
      const sure = planOf(given);
      const unsure = planOf({ ...given, unknown: 'restarted' });
      const writes = (changes: typeof sure.changes) =>
        changes.filter(({ kind }) => kind !== 'remove');
      expect(unsure.changes).toEqual(writes(sure.changes));
      expect(unsure.withheld).toEqual([]);
    });
  });

  it('never lowers a record that exists to starting', () => {
    holds((given) => {
      const shown = new Map(
        (given.held ?? []).filter(isOurs).map((one) => [keyOf(one), one.health]),
      );
      for (const change of planOf(given).changes) {
        if (change.kind === 'remove' || change.record.health !== 'starting') continue;
        expect(['starting', undefined]).toContain(shown.get(keyOf(change.record)));
      }
    });
  });
});
