import type { RegistryName } from '../model/registration.ts';
import { chunks } from '../platform/concurrency.ts';
import { LOOKS } from './looks.ts';
import type { Sight } from './sight.ts';

/**
 * What is read and written one after the other where tasks have so many records that reading alone takes a batch's
 * time: at most `size` records each, so that what was read is written. Each look begins with others. What is written
 * without a look goes with the first.
 */
export const inPortions = (
  sights: readonly Sight[],
  registry: RegistryName,
  size: number,
): readonly (readonly Sight[])[] => {
  const portions: Sight[][] = [];
  let records = 0;
  for (const part of sights.filter(({ blind }) => !blind).flatMap((sight) => split(sight, size))) {
    const last = portions.at(-1);
    records += part.derived.identities.length;
    if (last && records <= size) last.push(part);
    else {
      portions.push([part]);
      records = part.derived.identities.length;
    }
  }
  const look = Math.max(0, ...sights.map(({ work }) => work.targets.get(registry)?.look ?? 0));
  const first = Math.floor((portions.length * (look % LOOKS)) / LOOKS);
  const [one = [], ...rest] = [...portions.slice(first), ...portions.slice(0, first)];
  return [[...sights.filter(({ blind }) => blind), ...one], ...rest];
};

const split = (sight: Sight, size: number): readonly Sight[] => {
  const { derived } = sight;
  return chunks(derived.identities, size).map((identities) => {
    const ids = new Set(identities.map(({ id }) => id));
    const instances = derived.instances.filter(({ id }) => ids.has(id));
    return { ...sight, derived: { ...derived, identities, instances } };
  });
};
