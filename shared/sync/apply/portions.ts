import type { RegistryName } from '../../model/registration.ts';
import { chunks, packed } from '../../platform/concurrency.ts';
import type { Registering } from '../observe/decide.ts';
import { LOOKS } from '../trigger/task-trigger.ts';

/**
 * What is read and written one after the other where tasks have so many records that reading alone
 * takes a batch's time: at most `size` records each, so that what was read is written. Each look
 * begins with others.
 */
export const inPortions = (
  decisions: readonly Registering[],
  registry: RegistryName,
  size: number,
): readonly (readonly Registering[])[] => {
  const portions = packed(
    decisions.flatMap((decision) => split(decision, size)),
    [size],
    ({ derivation }) => [derivation.instances.length],
  );
  const looks = decisions.map(({ trigger }) => trigger.targets.get(registry)?.look ?? 0);
  const look = Math.max(0, ...looks);
  const first = Math.floor((portions.length * (look % LOOKS)) / LOOKS);
  return [...portions.slice(first), ...portions.slice(0, first)];
};

const split = (decision: Registering, size: number): readonly Registering[] => {
  const { derivation } = decision;
  return chunks(derivation.instances, size).map((instances) => ({
    ...decision,
    derivation: { ...derivation, instances },
  }));
};
