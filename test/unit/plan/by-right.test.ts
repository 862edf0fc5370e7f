import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refOf } from '../../../shared/model/plan.ts';
import { KEY, NAMING } from '../../../shared/model/registration.ts';
import { byRight, type Loss } from '../../../shared/plan/by-right.ts';
import { withApproved } from '../../../shared/plan/plan.ts';
import { planTable } from '../../../shared/plan/table.ts';
import { CLUSTER, keyOf, MISSING, planOf, RENAMED, record, records, told } from './builders.ts';

const SERVED: Loss = { owners: 'prod/web', isServed: true };
const UNSERVED: Loss = { owners: 'prod/web', isServed: false };
/** Consul's: one id is one record. */
const byId = ({ id }: { readonly id: string }) => id;

/** Records of running tasks, which have lost their names to others, each in this way. */
const lost = (
  loss: Loss | undefined,
  held = records(20),
  more: Parameters<typeof planOf>[0] = {},
  shared: 'warn' | 'refuse' = 'refuse',
) =>
  planOf({
    ...more,
    held,
    removalOf: () => RENAMED,
    byRight: (change) => byRight(change, loss, shared),
  });

describe('a name that is lost to somebody who is registered under it, and whose alone it is,', () => {
  it('goes at once, however many bear it, and counts towards no limit', () => {
    const { changes, withheld } = lost(SERVED);
    expect([changes.length, withheld]).toEqual([20, []]);
    expect(changes[0]).toMatchObject({ reason: 'another name: it is the name of prod/web' });
    expect(changes.filter(({ limit }) => limit !== undefined)).toEqual([]);
  });

  it('goes within the delete limit only where several may have it', () => {
    const { changes, withheld } = lost(SERVED, records(20), {}, 'warn');
    expect([changes, withheld.length]).toEqual([[], 20]);
    expect(withheld[0]).toMatchObject({ limit: 'renamed' });
    expect(withheld[0]?.awaits).toBeUndefined();
    expect(lost(SERVED, records(10), {}, 'warn').changes).toHaveLength(10);
  });

  it('goes where a renaming is one write too', () => {
    const held = records(20);
    const desired = held.map((one) => ({ ...one, service: 'api' }));
    const given = { desired, key: byId };
    expect(planOf({ ...given, held }).withheld).toHaveLength(20);
    expect(told(lost(SERVED, held, given).changes)).toEqual(
      desired.map((one) => `upsert ${keyOf(one)}`),
    );
  });

  it.each([0, NAMING - 1, NAMING + 1])(
    'goes by no claim where another version gave it: naming %i of records',
    (naming) => {
      const metadata = { [KEY.naming]: String(naming) };
      for (const count of [3, 20]) {
        const held = records(count).map((one) => record({ ...one, metadata }));
        expect(lost(SERVED, held)).toEqual(lost(undefined, held));
        expect(lost(SERVED, held).changes).toEqual([]);
      }
    },
  );

  it('says nothing of tasks that ECS does not know', () =>
    expect(
      planOf({
        held: records(20),
        removalOf: () => MISSING,
        byRight: (change) => byRight(change, SERVED, 'refuse'),
      }).withheld,
    ).toHaveLength(20));
});

describe('a name that is lost to somebody who is not registered under it', () => {
  it('stays, however few bear it, is told, and goes where it is released', () => {
    const plan = lost(UNSERVED, [record()]);
    expect([plan.changes, told(plan.withheld)]).toEqual([[], ['remove web/a']]);
    expect(plan.withheld[0]).toMatchObject({ awaits: 'prod/web', limit: 'renamed' });
    expect(planTable(CLUSTER, [plan]).join('\n')).toContain(
      'it is the name of prod/web (withheld: until prod/web is registered under the name)',
    );
    const released = withApproved(plan, { key: keyOf }, ['renamed']);
    expect(told(released.changes)).toEqual(['remove web/a']);
  });

  it('is told apart from what is above the limit', () => {
    const held = records(20);
    const plan = planOf({
      held,
      removalOf: () => RENAMED,
      byRight: (change) =>
        byRight(change, refOf(change).id < 'r005' ? UNSERVED : undefined, 'refuse'),
    });
    const whys = planTable(CLUSTER, [plan]).filter((line) => line.includes('(withheld: '));
    expect(whys.filter((line) => line.includes('above the delete limit'))).toHaveLength(15);
    expect(whys.filter((line) => line.includes('until prod/web'))).toHaveLength(5);
  });
});

const anyLoss = fc.constantFrom(SERVED, UNSERVED, undefined);

describe('whatever is lost', () => {
  it('nothing goes that its owner does not serve, and all that he serves; the rest is as ever', () => {
    fc.assert(
      fc.property(fc.array(anyLoss, { maxLength: 30 }), (losses) => {
        const held = records(losses.length);
        const lossOf = new Map(held.map((one, at) => [one.id, losses[at]]));
        const plan = planOf({
          held,
          removalOf: () => RENAMED,
          byRight: (change) => byRight(change, lossOf.get(refOf(change).id), 'refuse'),
        });
        const gone = new Set(plan.changes.map((change) => refOf(change).id));
        const idsOf = (loss: Loss | undefined) =>
          held.filter(({ id }) => lossOf.get(id) === loss).map(({ id }) => id);
        expect(idsOf(SERVED).filter((id) => !gone.has(id))).toEqual([]);
        expect(idsOf(UNSERVED).filter((id) => gone.has(id))).toEqual([]);
        const others = idsOf(undefined);
        const isLarge = held.length > 10 && others.length * 2 > held.length;
        expect(others.filter((id) => gone.has(id))).toEqual(isLarge ? [] : others);
      }),
    );
  });
});
