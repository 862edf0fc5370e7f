import type { Config } from '../config/config.ts';
import type { Change } from '../model/plan.ts';

type Rule = (change: Change) => boolean;

/** Health follows ECS under every policy that writes at all: a record that lies is worse than one less. */
const RULES: Readonly<Record<Config['policy'], Rule>> = {
  observe: () => false,
  'create-only': (change) => change.kind === 'health' || (change.kind === 'upsert' && !change.before),
  'upsert-only': (change) => change.kind !== 'remove',
  sync: () => true,
};

export const byPolicy = (policy: Config['policy'], changes: readonly Change[]) => ({
  allowed: changes.filter(RULES[policy]),
  forbidden: changes.filter((change) => !RULES[policy](change)),
});

/** Whether a first write may go out without a look at the registry: create-only cannot know what exists. */
export const mayWriteBlind = (policy: Config['policy']) => policy === 'sync' || policy === 'upsert-only';
