import type { Change } from '../model/plan.ts';
import { NAMING, namingOf } from '../model/registration.ts';

/** A name to which others have a better right than the task that bears it. */
export interface Loss {
  /** As `ownerText` has them. */
  readonly owners: string;
  /** Whether one of them is registered under it, and healthy. */
  readonly isServed: boolean;
}

/**
 * What becomes of a renaming by which a task loses a name to others. Where these are registered
 * under it, it is made at once, outside of the delete limit: the name is not left empty. Until then
 * the name stays with who bears it, since a claim alone serves no client. Neither counts. Names
 * that another version gave are no claim's to take.
 */
export const byRight = (change: Change, loss: Loss | undefined): Change => {
  const { before, limit } = change;
  if (!loss || limit !== 'renamed' || !before || namingOf(before) !== NAMING) return change;
  const reason = `${change.reason}: it is the name of ${loss.owners}`;
  if (!loss.isServed) return { ...change, reason, awaits: loss.owners };
  const { limit: _, ...unlimited } = change;
  return { ...unlimited, reason };
};
