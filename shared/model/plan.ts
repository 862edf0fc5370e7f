import type { Health, Ref, Registration, RegistryName } from './registration.ts';

/**
 * What a change counts towards in the delete limit: removals for tasks that ECS does not know, and removals because a
 * running task derives another name now, or none.
 */
export type Limit = (typeof LIMITS)[number];
export const LIMITS = ['missing', 'renamed'] as const;

/** One write. `reason` says why in words; `before` is what the registry held, where it was read. */
export type Change =
  | {
      readonly kind: 'upsert';
      readonly record: Registration;
      readonly before?: Registration;
      readonly reason: string;
      /** Set where a write takes an old name out besides. */
      readonly limit?: Limit;
    }
  | {
      readonly kind: 'health';
      readonly record: Registration;
      readonly health: Health;
      readonly before?: Registration;
      readonly reason: string;
      readonly limit?: never;
    }
  | {
      readonly kind: 'remove';
      readonly ref: Ref;
      readonly before?: Registration;
      readonly reason: string;
      readonly limit?: Limit;
    };

/**
 * How one change ended.
 * done: written. unchanged: it was so already. pending: accepted, not yet in force (`operation` says which).
 * gone: what it speaks of is not there (removal of the absent is `unchanged`). retry: may succeed later.
 * refused: will fail again until somebody changes something.
 */
export interface Outcome {
  readonly change: Change;
  readonly status: 'done' | 'unchanged' | 'pending' | 'gone' | 'retry' | 'refused';
  /** For retry and refused, one sentence: `consul: registering web/ab12: 503 No cluster leader`. */
  readonly reason?: string;
  readonly operation?: string;
  /** With retry: nothing failed. An earlier write is still on its way, and is waited out as a matter of course. */
  readonly awaits?: true;
  /** Warnings worth one log line each. */
  readonly notes?: readonly string[];
}

/** Why a task, or a port of it, has no registration. Values, not log lines: log, dry run and `explain` share them. */
export interface Skip {
  readonly task: string;
  readonly container?: string;
  readonly port?: number;
  readonly code: SkipCode;
  /** A sentence that names the field and what came. */
  readonly detail: string;
}

export type SkipCode =
  | 'not-running'
  | 'host-down'
  | 'host-unknown'
  | 'no-address'
  | 'no-ports'
  | 'no-binding'
  | 'loopback'
  | 'ignored'
  | 'not-opted-in'
  | 'not-selected'
  | 'folded'
  | 'invalid-name'
  | 'other-cluster'
  | 'definition-gone'
  | 'unknown-kind'
  | 'unreadable'
  | 'network-mode'
  | 'invalid-label';

/** What one registry needs so that one cluster's tasks, and nothing else, are registered in it. */
export interface Plan {
  readonly registry: RegistryName;
  readonly cluster: string;
  /** Additions first, then health, then removals; sorted by service and id within each. */
  readonly changes: readonly Change[];
  /** Above the delete limit: removals of merely missing tasks, and those of names that running tasks had. */
  readonly withheld: readonly Change[];
  /** What was removed within the last hour is not known, so the limit counts as reached. */
  readonly removedUnknown?: true;
  /** What the policy forbids, so that a dry run can show it. */
  readonly forbidden: readonly Change[];
  /** Absent and not healthy yet, in a registry that waits for the first healthy answer. Neither drift nor failure. */
  readonly waiting: readonly Registration[];
  /** Why removals are not made at all this time, if so ("unknown forbids removals"). */
  readonly unknown?: string;
  readonly unchanged: number;
}
