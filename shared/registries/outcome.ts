import { type Change, type ChangeResult, type Outcome, refOf } from '../model/plan.ts';
import type { RegistryName } from '../model/registration.ts';

/** A result that says why the change is not made, as far as one knows. */
export type NotWritten = Extract<ChangeResult, { readonly reason: string }>;

export const failed = (reason: string): NotWritten => ({ status: 'retry', reason });

/** Something that was begun earlier must end first; no failure. */
export const notYet = (reason: string): NotWritten => ({ status: 'retry', reason, failed: false });

export const refused = (reason: string): NotWritten => ({ status: 'refused', reason });

/** A change whose turn did not come before the caller's time was over. */
export const notAttempted = (change: Change, reason = 'no time was left for it'): Outcome => ({
  change,
  ...notYet(reason),
});

const DOING = {
  upsert: 'registering',
  health: 'setting the health of',
  remove: 'removing',
} as const;

interface Attempt {
  readonly registry: RegistryName;
  /** What was tried, where the change's kind does not say it. */
  readonly doing?: string;
}

/** The reason becomes a sentence: `consul: registering web/ab12: 503 No cluster leader`. */
export const toOutcome = (
  change: Change,
  result: ChangeResult,
  { registry, doing = DOING[change.kind] }: Attempt,
): Outcome => {
  if (!('reason' in result)) return { change, ...result };
  const { service, id } = refOf(change);
  const reason = `${registry}: ${doing} ${service}/${id}: ${result.reason}`;
  return { change, ...result, reason };
};
