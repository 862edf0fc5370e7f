import type { Config } from '../config/config.ts';
import type { Change } from '../model/plan.ts';

type Rule = (change: Change) => boolean;

/**
 * Health follows ECS under every policy that writes at all: a record that lies is worse than one
 * less.
 */
const RULES: Readonly<Record<Config['policy'], Rule>> = {
  observe: () => false,
  'create-only': (change) =>
    change.kind === 'health' || (change.kind === 'upsert' && !change.before),
  'upsert-only': (change) => change.kind !== 'remove',
  sync: () => true,
};

export const byPolicy = (policy: Config['policy'], changes: readonly Change[]) => ({
  allowed: changes.filter(RULES[policy]),
  forbidden: changes.filter((change) => !RULES[policy](change)),
});

/** Why a desired record is not written, under any policy: the key is taken. */
export const CONFLICT = 'a record of this name and id belongs to another owner';

/**
 * Why a name is not taken out, under any policy: these rules do not know what the newer ones mean
 * by it.
 */
export const NEWER =
  'a newer version of Rollcall gave the record this name, so it is left to that version';

/** Whether a change is forbidden by something else than the policy. */
export const isForbiddenAlways = ({ reason }: Change) => reason === CONFLICT || reason === NEWER;

/** Why a forbidden change is not made, in words. */
export const refusal = (policy: string, change: Change) =>
  `not made${isForbiddenAlways(change) ? '' : ` under ${policy}`}: ${change.kind}, ${change.reason}`;

/**
 * Whether a first write may go out without a look at the registry: create-only cannot know what
 * exists.
 */
export const mayWriteBlind = (policy: Config['policy']) =>
  policy === 'sync' || policy === 'upsert-only';
