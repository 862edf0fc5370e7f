import type { Rules } from '../config/config.ts';
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
 * What becomes of a renaming by which a task loses a name to others. Until one of these is
 * registered under it, the name stays with who bears it, since a claim alone serves no client. Then
 * it is a renaming as any other, under the delete limit: a template, a tag or a new service may be
 * a mistake. With `sharedNames=refuse` it is made at once and counts towards no limit, since nobody
 * else may have the name. Names that another version gave are no claim's to take.
 */
export const byRight = (
  change: Change,
  loss: Loss | undefined,
  shared: Rules['names']['shared'],
): Change => {
  const { before, limit } = change;
  if (!loss || limit !== 'renamed' || !before || namingOf(before) !== NAMING) return change;
  const reason = `${change.reason}: it is the name of ${loss.owners}`;
  if (!loss.isServed) return { ...change, reason, awaits: loss.owners };
  if (shared !== 'refuse') return { ...change, reason };
  const { limit: _, ...unlimited } = change;
  return { ...unlimited, reason };
};
