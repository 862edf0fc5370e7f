import type { Target } from '../../model/registration.ts';

/** Limits the sum of the weights. */
const MAX_WEIGHT = 1e9;
/** Weights come from labels: what is no number above 0 counts as 0. */
const weightOf = ({ weight }: Target) => (weight > 0 ? Math.min(weight, MAX_WEIGHT) : 0);

export interface ChoiceOptions {
  /** Preferred: others are chosen only if this zone has none. */
  readonly zone?: string | undefined;
  /** In [0, 1). */
  readonly random: () => number;
}

/**
 * One healthy target, at random by weight: from the preferred zone if it has one, else from any.
 * Targets of weight 0 are chosen, all with the same chance, only if no zone has another one.
 * Undefined: none is healthy.
 */
export const chooseTarget = (
  targets: readonly Target[],
  { zone, random }: ChoiceOptions,
): Target | undefined => {
  const healthy = targets.filter((target) => target.healthy);
  const weighted = healthy.filter((target) => weightOf(target) > 0);
  return weighted.length > 0
    ? draw(preferZone(weighted, zone), weightOf, random)
    : draw(preferZone(healthy, zone), () => 1, random);
};

const preferZone = (targets: readonly Target[], zone: string | undefined) => {
  const near = zone === undefined ? [] : targets.filter((target) => target.zone === zone);
  return near.length > 0 ? near : targets;
};

const draw = (
  targets: readonly Target[],
  weight: (target: Target) => number,
  random: () => number,
) => {
  let left = random() * targets.reduce((sum, target) => sum + weight(target), 0);
  for (const target of targets) {
    left -= weight(target);
    if (left < 0) return target;
  }
  // Only if rounding has left a rest.
  return targets.at(-1);
};
