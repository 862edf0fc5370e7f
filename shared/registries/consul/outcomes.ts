import type { Change, Outcome } from '../../model/plan.ts';
import { ConsulFault } from './client.ts';

export type Verdict = Pick<Outcome, 'status' | 'reason'>;

/** What a failed request means for the changes it carried. Without an answer they may have landed: a resend is harmless. */
export const toVerdict = (error: unknown): Verdict => ({
  status: error instanceof ConsulFault ? error.kind : 'retry',
  reason: error instanceof Error ? error.message : String(error),
});

/** The reason as a sentence: `consul: registering web/ab12: 503 …`. */
export const toOutcome = (change: Change, { status, reason }: Verdict): Outcome => ({
  change,
  status,
  ...(reason !== undefined && { reason: `consul: ${describe(change)}: ${reason}` }),
});

const describe = (change: Change): string => {
  switch (change.kind) {
    case 'upsert':
      return `registering ${change.record.service}/${change.record.id}`;
    case 'health':
      return `setting the health of ${change.record.service}/${change.record.id}`;
    case 'remove':
      return `removing ${change.ref.service}/${change.ref.id}`;
  }
};
