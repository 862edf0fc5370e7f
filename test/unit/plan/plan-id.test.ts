import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../shared/model/plan.ts';
import { planIdOf } from '../../../shared/plan/plan-id.ts';
import { planOf, RENAMED, records } from './builders.ts';

const withholding = (count: number, more: Partial<Plan> = {}): Plan => ({
  ...planOf({ held: records(count) }),
  ...more,
});

const idOf = (plans: readonly Plan[]) => planIdOf(plans, 'missing');

describe('a release id', () => {
  it('is not given where nothing is withheld', () => {
    expect(idOf([planOf({ held: records(5) })])).toBeUndefined();
    expect(idOf([])).toBeUndefined();
  });

  it('is short enough to type and safe in a shell', () => {
    expect(idOf([withholding(12)])).toMatch(/^[0-9a-f]{16}$/);
  });

  it('is the same whichever registries withhold these tasks, in whatever order', () => {
    const plan = withholding(12);
    const elsewhere = withholding(12, { registry: 'eureka' });
    const reversed = { ...plan, withheld: plan.withheld.toReversed() };
    const ids = [[plan], [elsewhere], [plan, elsewhere], [elsewhere, plan], [reversed]].map(idOf);
    expect(new Set(ids).size).toBe(1);
  });

  it('changes with the tasks, so that nothing is released but what was seen', () => {
    expect(idOf([withholding(13)])).not.toBe(idOf([withholding(12)]));
  });

  it('is another one for names that the same tasks have lost', () => {
    const plan = planOf({ held: records(12), removalOf: () => RENAMED });
    expect(idOf([plan])).toBeUndefined();
    expect(planIdOf([plan], 'renamed')).toMatch(/^[0-9a-f]{16}$/);
    expect(planIdOf([plan], 'renamed')).not.toBe(idOf([withholding(12)]));
  });

  it('changes with the names that the tasks are to have, which another profile gives', () => {
    const renamedTo = (nameNow: string) =>
      planIdOf(
        [planOf({ held: records(12), removalOf: () => ({ ...RENAMED, nameNow }) })],
        'renamed',
      );
    expect(renamedTo('shop')).not.toBe(renamedTo('api'));
    expect(renamedTo('shop')).toBe(renamedTo('SHOP'));
  });

  it('changes with the cluster', () => {
    const other = withholding(12, { cluster: 'arn:aws:ecs:eu-west-1:111122223333:cluster/other' });
    expect(idOf([other])).not.toBe(idOf([withholding(12)]));
  });
});
