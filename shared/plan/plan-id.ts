import { createHash } from 'node:crypto';
import type { Change, Limit, Plan } from '../model/plan.ts';
import { KEY } from '../model/registration.ts';

/**
 * Names what one cluster's plans withhold for one limit: the hash of the tasks concerned, in
 * whichever registry, and of the names that they are to have. The same give the same id in the next
 * round, so that an operator can release what he has seen and nothing else. `undefined`: nothing is
 * withheld.
 */
export const planIdOf = (plans: readonly Pick<Plan, 'cluster' | 'withheld'>[], limit: Limit) => {
  const withheld = plans.flatMap((plan) =>
    plan.withheld
      .filter((change) => change.limit === limit)
      .map((change) => `${plan.cluster} ${taskIn(change)} ${nameNow(change).toLowerCase()}`),
  );
  if (withheld.length === 0) return undefined;
  return createHash('sha256')
    .update([limit, ...new Set(withheld.sort())].join('\n'))
    .digest('hex')
    .slice(0, 16);
};

/** Registries that keep both names say it of the removal, the others by the write. */
const nameNow = (change: Change): string =>
  (change.kind === 'remove' ? change.nameNow : change.record.service) ?? '';

/** As the record says it, whatever that is: it is another one's if it says anything else. */
const taskIn = (change: Change): string =>
  (change.kind === 'remove' ? change.before : change.record)?.metadata[KEY.task] ?? '';
