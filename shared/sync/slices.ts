import type { Change } from '../model/plan.ts';
import { refOf } from '../plan/plan.ts';

/** As many tasks as one DescribeTasks confirms. */
const SIZE = 100;

/**
 * Changes in parts that may be made side by side, those of one service together and in their order. Parts that take
 * something out come first: under a slow registry a record that lies is worse than one that is missing.
 */
export const toSlices = (changes: readonly Change[]): readonly (readonly Change[])[] => {
  const services = [...Map.groupBy(changes, (change) => refOf(change).service.toLowerCase()).values()];
  const removes = (one: readonly Change[]) => one.some(({ kind }) => kind === 'remove');
  const slices: Change[][] = [];
  for (const one of [...services.filter(removes), ...services.filter((each) => !removes(each))]) {
    const last = slices.at(-1);
    if (last && last.length + one.length <= SIZE) last.push(...one);
    else slices.push([...one]);
  }
  return slices;
};
