import type { Target } from '../../model/registration.ts';
import type { NameIndex, ServiceTargets } from '../../registries/registry.ts';

/**
 * The whole registry as one read of it has found it. Never changed: where the next read finds the
 * same, the catalogue stays, and with it all that was made from it.
 */
export interface Catalogue {
  /** Sorted by name. */
  readonly services: readonly ServiceTargets[];
  /** Of all services, in their order. */
  readonly targets: readonly Target[];
  /** Sorted by id; undefined: there is no such service. */
  readonly find: (service: string) => readonly Target[] | undefined;
}

/** `names`: where the registry finds instances by other names than their service's own. */
export const createCatalogue = (
  services: readonly ServiceTargets[],
  names: NameIndex | undefined,
): Catalogue => {
  const targets = services.flatMap((one) => one.targets);
  const found = names
    ? groupByKeys(targets, names.keysOf)
    : new Map(services.map((one) => [one.name, one.targets]));
  return {
    services,
    targets,
    find: (service) => found.get(names ? names.keyOf(service) : service),
  };
};

/** Each target under every key that it has. */
export const groupByKeys = <T>(
  targets: readonly T[],
  keysOf: (target: T) => readonly string[],
): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const target of targets)
    for (const key of keysOf(target)) {
      const group = groups.get(key);
      if (group) group.push(target);
      else groups.set(key, [target]);
    }
  return groups;
};
