import type { Target } from '../model/registration.ts';

/** Clients get instances in this order, so that equal answers are equal texts. */
export const byId = (a: Target, b: Target) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/**
 * For registries that keep weights in metadata. 1 where others have written something else there.
 */
export const readWeight = ({ weight = '' }: Target['metadata']): number =>
  /^\d{1,5}(\.\d+)?$/.test(weight) ? Number(weight) : 1;
