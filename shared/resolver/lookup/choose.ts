import type { Target } from '../../model/registration.ts';

/** Weights come from labels: what is no number counts as 0, and none so high that a sum overflows. */
const MAX_WEIGHT = 1e9;
const weightOf = ({ weight }: Target) => (weight > 0 ? Math.min(weight, MAX_WEIGHT) : 0);

export interface Wish {
  readonly zone?: string | undefined;
  /** In [0, 1). */
  readonly random: () => number;
}

/**
 * One healthy target, at random by weight. The wished zone comes first, then the others; those of weight 0
 * come when no other is left in any zone, all alike then. Undefined: nobody is healthy.
 */
export const chooseTarget = (targets: readonly Target[], { zone, random }: Wish): Target | undefined => {
  const healthy = targets.filter((target) => target.healthy);
  const weighted = healthy.filter((target) => weightOf(target) > 0);
  return weighted.length > 0
    ? draw(nearest(weighted, zone), weightOf, random)
    : draw(nearest(healthy, zone), () => 1, random);
};

const nearest = (targets: readonly Target[], zone: string | undefined) => {
  const near = zone === undefined ? [] : targets.filter((target) => target.zone === zone);
  return near.length > 0 ? near : targets;
};

const draw = (targets: readonly Target[], weight: (target: Target) => number, random: () => number) => {
  let left = random() * targets.reduce((sum, target) => sum + weight(target), 0);
  for (const target of targets) {
    left -= weight(target);
    if (left < 0) return target;
  }
  // Rounding may leave a rest behind the last one; it is his.
  return targets.at(-1);
};
