import type { Outcome } from '../../shared/model/plan.ts';
import type { Followed } from '../../shared/registries/registry.ts';

/** Why the change was not made, where the outcome says it. */
export const reasonOf = (outcome: Outcome | undefined): string | undefined =>
  outcome && 'reason' in outcome ? outcome.reason : undefined;

/** The operation that the outcome waits for. */
export const operationOf = (outcome: Outcome | undefined): string | undefined =>
  outcome?.status === 'pending' ? outcome.operation : undefined;

/** What a registry says of an operation. */
export const followedAs = (operation: string, status: Followed['status']): Followed =>
  status === 'failed'
    ? { operation, status, reason: 'the operation failed' }
    : { operation, status };
