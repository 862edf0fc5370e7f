import type { ReconcileContext } from '../context.ts';
import { APPROVED_FOR_MS } from '../limits/delete-limit.ts';
import { type Answer, toAnswer } from './answer.ts';
import { InvalidCommand } from './command.ts';

/** Lets the removals of one withheld plan through: the reconciler makes them in its next rounds. */
export const release = async (
  { plan }: { readonly plan: string },
  { store, now }: Pick<ReconcileContext, 'store' | 'now'>,
  signal: AbortSignal,
): Promise<Answer> => {
  const withheld = (await store.readSummary(signal))?.withheld ?? [];
  const found = withheld.find((one) => one.plan === plan);
  if (!found) {
    const known = withheld.map((one) => one.plan).join(', ') || 'none is withheld';
    throw new InvalidCommand(
      `release: expected a plan that the last reconcile withheld (${known}), got ${plan}`,
    );
  }
  const until = now() + APPROVED_FOR_MS;
  await store.saveApproval({ plan, until }, signal);
  const what = found.why === 'missing' ? 'removals' : 'renamings';
  const many = `${found.removals} ${what} (all registries)`;
  const text = `released ${many} in ${found.cluster} until ${new Date(until).toISOString()}`;
  return toAnswer([[text]], { ...found, until: new Date(until).toISOString() });
};
