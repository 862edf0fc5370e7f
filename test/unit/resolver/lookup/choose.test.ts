import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseTarget } from '../../../../shared/resolver/lookup/choose.ts';
import { target } from '../support.ts';

const random = () => 0;
const weights = fc.oneof(
  fc.nat(1000),
  fc.double(),
  fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_VALUE),
);
const targets = fc.array(
  fc
    .record({ healthy: fc.boolean(), zone: fc.constantFrom('a', 'b', null), weight: weights })
    .map(target),
);
const draws = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const zones = fc.constantFrom('a', 'c', undefined);

describe('chooseTarget', () => {
  it('chooses somebody exactly when somebody is healthy, and never one who is not', () => {
    fc.assert(
      fc.property(targets, zones, draws, (all, zone, at) => {
        const chosen = chooseTarget(all, { zone, random: () => at });
        expect(chosen !== undefined).toBe(all.some(({ healthy }) => healthy));
        expect(chosen?.healthy ?? true).toBe(true);
      }),
    );
  });

  it('gives weight 0 nothing while anybody healthy has a weight', () => {
    fc.assert(
      fc.property(targets, zones, draws, (all, zone, at) => {
        const chosen = chooseTarget(all, { zone, random: () => at });
        fc.pre(chosen !== undefined && all.some(({ healthy, weight }) => healthy && weight > 0));
        expect(chosen?.weight).toBeGreaterThan(0);
      }),
    );
  });

  it('stays in the wished zone while that has a healthy target with a weight', () => {
    fc.assert(
      fc.property(targets, draws, (all, at) => {
        fc.pre(all.some(({ healthy, weight, zone }) => healthy && weight > 0 && zone === 'a'));
        expect(chooseTarget(all, { zone: 'a', random: () => at })?.zone).toBe('a');
      }),
    );
  });

  it('shares by weight', () => {
    const all = [target({ id: 'one', weight: 1 }), target({ id: 'three', weight: 3 })];
    const drawn = Array.from(
      { length: 100 },
      (_, at) => chooseTarget(all, { random: () => at / 100 })?.id,
    );
    expect(drawn.filter((id) => id === 'one')).toHaveLength(25);
    expect(drawn.filter((id) => id === 'three')).toHaveLength(75);
  });

  it('shares by weight even where the weights add up to more than a number holds', () => {
    const all = ['one', 'two'].map((id) => target({ id, weight: Number.MAX_VALUE }));
    expect([0, 0.49, 0.5, 0.99].map((at) => chooseTarget(all, { random: () => at })?.id)).toEqual([
      'one',
      'one',
      'two',
      'two',
    ]);
  });

  it('shares alike among those of weight 0 when there is nobody else', () => {
    const all = [target({ id: 'one', weight: 0 }), target({ id: 'two', weight: 0 })];
    const drawn = [0, 0.49, 0.5, 0.99].map((at) => chooseTarget(all, { random: () => at })?.id);
    expect(drawn).toEqual(['one', 'one', 'two', 'two']);
  });

  it('goes to another zone rather than to an unhealthy target', () => {
    const all = [
      target({ id: 'near', zone: 'a', healthy: false }),
      target({ id: 'far', zone: 'b' }),
    ];
    expect(chooseTarget(all, { zone: 'a', random })?.id).toBe('far');
  });

  it('goes to another zone rather than to weight 0', () => {
    const all = [target({ id: 'near', zone: 'a', weight: 0 }), target({ id: 'far', zone: 'b' })];
    expect(chooseTarget(all, { zone: 'a', random })?.id).toBe('far');
  });
});
