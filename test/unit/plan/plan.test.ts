import { describe, expect, it } from 'vitest';
import { KEY } from '../../../shared/model/registration.ts';
import { withApproved } from '../../../shared/plan/plan.ts';
import {
  CLUSTER,
  type Given,
  GONE,
  KEEP,
  keyOf,
  MISSING,
  OWNER,
  planOf,
  record,
  records,
  told,
} from './builders.ts';

describe('what is planned', () => {
  it('adds what is not registered, with the reason', () => {
    const desired = record();
    expect(planOf({ desired: [desired] }).changes).toEqual([
      { kind: 'upsert', record: desired, isNew: true, reason: 'not registered yet' },
    ]);
  });

  it('counts what is as it should be, and does nothing about it', () => {
    const plan = planOf({ desired: [record()], held: [record()] });
    expect(plan).toEqual({
      registry: 'consul',
      cluster: CLUSTER,
      changes: [],
      withheld: [],
      forbidden: [],
      waiting: [],
      unchanged: 1,
    });
  });

  it('removes what ECS calls gone, with ECS’s reason and the record as it was', () => {
    const held = record();
    expect(planOf({ held: [held], removalOf: () => GONE }).changes).toEqual([
      {
        kind: 'remove',
        ref: { service: 'web', id: 'a', cluster: CLUSTER },
        before: held,
        reason: 'task is stopping',
      },
    ]);
  });

  it('keeps whatever ECS is not certain of', () => {
    expect(planOf({ held: [record()], removalOf: () => KEEP }).changes).toEqual([]);
  });

  it('puts additions first, then health, then removals, each sorted by service and id', () => {
    const plan = planOf({
      desired: [
        record({ service: 'web', id: 'z' }),
        record({ service: 'api', id: 'n' }),
        record({ service: 'web', id: 'b', health: 'unhealthy' }),
        record({ service: 'api', id: 'm' }),
      ],
      held: [
        record({ service: 'web', id: 'b' }),
        record({ service: 'web', id: 'a' }),
        record({ service: 'Web', id: 'c' }),
      ],
    });
    expect(told(plan.changes)).toEqual([
      'upsert api/m',
      'upsert api/n',
      'upsert web/z',
      'health web/b',
      'remove Web/c',
      'remove web/a',
    ]);
  });
});

describe('ownership', () => {
  it.each([
    ['another owner', { owner: 'rollcall-prod2:111122223333:eu-west-1' }],
    ['an owner whose name begins like ours', { owner: `${OWNER}2` }],
    ['an owner that ours begins like', { owner: OWNER.slice(0, -1) }],
    ['our owner in another case', { owner: OWNER.toUpperCase() }],
    ['our owner with a space', { owner: `${OWNER} ` }],
    ['no owner', { owner: '' }],
  ])('%s keeps its record, however stale', (_who, more) => {
    const plan = planOf({ held: [record(more)], removalOf: () => GONE });
    expect([...plan.changes, ...plan.withheld, ...plan.forbidden]).toEqual([]);
  });

  it('leaves a record without metadata alone', () => {
    const plan = planOf({ held: [{ ...record(), metadata: {} }], removalOf: () => GONE });
    expect(plan.changes).toEqual([]);
  });

  it('leaves our own record of another cluster alone, which has a plan of its own', () => {
    const elsewhere = record({ metadata: { [KEY.cluster]: `${CLUSTER}-2` } });
    expect(planOf({ held: [elsewhere], removalOf: () => GONE }).changes).toEqual([]);
  });

  it('never writes over a foreign record of the same key: that is a conflict, whatever the policy', () => {
    const foreign = record({ owner: 'somebody-else' });
    const plan = planOf({ desired: [record()], held: [foreign] });
    expect(plan.changes).toEqual([]);
    expect(plan.forbidden).toEqual([
      {
        kind: 'upsert',
        record: record(),
        reason: 'a record of this name and id belongs to another owner',
      },
    ]);
  });

  it('does not count foreign records towards the delete limit', () => {
    const foreign = records(100, 'f').map((one) => ({ ...one, metadata: {} }));
    const plan = planOf({ held: [...records(11), ...foreign] });
    expect(plan.withheld).toHaveLength(11);
  });
});

describe('policy', () => {
  const changed = record({ id: 'changed' });
  const sick = record({ id: 'sick', health: 'unhealthy' });
  const given: Given = {
    desired: [record({ id: 'new' }), { ...changed, port: 9090 }, sick],
    held: [changed, { ...sick, health: 'healthy' }, record({ id: 'old' })],
  };
  const ALL = ['upsert web/changed', 'upsert web/new', 'health web/sick', 'remove web/old'];
  it.each([
    ['observe', []],
    ['create-only', ['upsert web/new', 'health web/sick']],
    ['upsert-only', ['upsert web/changed', 'upsert web/new', 'health web/sick']],
    ['sync', ALL],
  ] as const)('%s makes %j and shows the rest as forbidden', (policy, made) => {
    const plan = planOf({ ...given, policy });
    expect(told(plan.changes)).toEqual(made);
    expect(told(plan.forbidden)).toEqual(
      ALL.filter((change) => !made.some((one) => one === change)),
    );
  });

  it.each(['observe', 'create-only', 'upsert-only'] as const)(
    '%s shows removals above the delete limit as forbidden, not as waiting for a release',
    (policy) => {
      const plan = planOf({ held: records(20), policy });
      expect(plan.forbidden).toHaveLength(20);
      expect(plan.withheld).toEqual([]);
    },
  );
});

describe('the delete limit', () => {
  it.each([
    ['10 of 10 missing', 10, 10, 50, 'removes'],
    ['11 of 11 missing', 11, 11, 50, 'withholds'],
    ['exactly half of 12 missing', 12, 6, 50, 'removes'],
    ['one more than half of 12 missing', 12, 7, 50, 'withholds'],
    ['exactly a quarter of 20, at 25 %', 20, 5, 25, 'removes'],
    ['six of 20, at 25 %', 20, 6, 25, 'withholds'],
    ['one of 11, at 0 %', 11, 1, 0, 'withholds'],
    ['all of 200, at 100 %', 200, 200, 100, 'removes'],
  ] as const)('%s: %#', (_what, held, missing, deleteLimit, verdict) => {
    const all = records(held);
    const plan = planOf({ desired: all.slice(missing), held: all, deleteLimit });
    expect(verdict === 'removes' ? plan.changes : plan.withheld).toHaveLength(missing);
    expect(verdict === 'removes' ? plan.withheld : plan.changes).toEqual([]);
  });

  it('still adds and changes while it withholds', () => {
    const plan = planOf({ desired: [record({ id: 'new' })], held: records(12) });
    expect(told(plan.changes)).toEqual(['upsert web/new']);
    expect(plan.withheld).toHaveLength(12);
  });

  it('does not count tasks described as stopping, and removes them', () => {
    const all = records(20);
    const isMissing = (id: string) => id < 'r010';
    const plan = planOf({ held: all, removalOf: ({ id }) => (isMissing(id) ? MISSING : GONE) });
    expect(plan.changes).toHaveLength(20);
    expect(plan.withheld).toEqual([]);
  });

  it('removes what is described as stopping even while it withholds the missing', () => {
    const plan = planOf({
      held: records(20),
      removalOf: ({ id }) => (id < 'r011' ? MISSING : GONE),
    });
    expect(plan.withheld).toHaveLength(11);
    expect(told(plan.changes)).toEqual(
      records(20)
        .slice(11)
        .map(({ id }) => `remove web/${id}`),
    );
  });

  it('lets what it withheld through once it is released, after the additions', () => {
    const plan = planOf({ desired: [record({ id: 'new' })], held: records(12) });
    const free = withApproved(plan, { key: keyOf }, ['missing']);
    expect(free.withheld).toEqual([]);
    expect(told(free.changes)).toEqual([
      'upsert web/new',
      ...records(12).map(({ id }) => `remove web/${id}`),
    ]);
  });
});

describe('what is not known', () => {
  it('forbids removals, never additions, and says why', () => {
    const plan = planOf({
      desired: [record({ id: 'new' }), record({ id: 'sick', health: 'unhealthy' })],
      held: [record({ id: 'old' }), record({ id: 'sick' })],
      unknown: 'it has just restarted',
      removalOf: () => GONE,
    });
    expect(told(plan.changes)).toEqual(['upsert web/new', 'health web/sick']);
    expect(plan.unknown).toBe('it has just restarted');
  });
});

describe('where records wait for their first healthy answer', () => {
  it.each(['starting', 'unhealthy'] as const)(
    'an absent one that is %s waits, which is no drift',
    (health) => {
      const absent = record({ health });
      const plan = planOf({ desired: [absent], waitsForHealth: true });
      expect(plan).toMatchObject({ changes: [], forbidden: [], unchanged: 0, waiting: [absent] });
    },
  );

  it('an absent healthy one is added', () => {
    expect(told(planOf({ desired: [record()], waitsForHealth: true }).changes)).toEqual([
      'upsert web/a',
    ]);
  });

  it('one that is there already is changed, healthy or not', () => {
    const desired = [record({ health: 'unhealthy', port: 1 })];
    const plan = planOf({ desired, held: [record()], waitsForHealth: true });
    expect(told(plan.changes)).toEqual(['upsert web/a']);
  });
});
