import type { ClusterArn } from './arn.ts';
import type { Health, Ref, Registration, RegistryName } from './registration.ts';

/**
 * What a change counts towards in the delete limit: removals for tasks that ECS does not know, and
 * removals because a running task derives another name now, or none.
 */
export type Limit = (typeof LIMITS)[number];
export const LIMITS = ['missing', 'renamed'] as const;

/** One write. `reason` says why in words; `before` is what the registry held, where it was read. */
export type Change =
  | {
      readonly kind: 'upsert';
      readonly record: Registration;
      readonly before?: Registration;
      /** The registry was read, and held no such record. */
      readonly isNew?: true;
      readonly reason: string;
      /** Set where a write takes an old name out besides. */
      readonly limit?: Limit;
      /**
       * The name is theirs, and none of them is registered under it: the change waits for that, or
       * for a release. As `ownerText` has it.
       */
      readonly awaits?: string;
    }
  | {
      readonly kind: 'health';
      readonly record: Registration;
      readonly health: Health;
      readonly before?: Registration;
      readonly reason: string;
      readonly limit?: never;
      readonly awaits?: never;
    }
  | {
      readonly kind: 'remove';
      readonly ref: Ref;
      readonly before?: Registration;
      readonly reason: string;
      readonly limit?: Limit;
      readonly awaits?: string;
      /** The name that the port of a running task bears now, if any. */
      readonly nameNow?: string;
      /** Nobody knows that there is such a record: that it cannot be removed is no news of one. */
      readonly isGuess?: true;
    };

/** The record that a change is about. */
export const refOf = (change: Change): Ref =>
  change.kind === 'remove' ? change.ref : change.record;

/** What became of one change. `notes` are warnings worth one log line each. */
export type ChangeResult =
  /** done: written. unchanged: it was so already. gone: what it speaks of is not there. */
  (
    | { readonly status: 'done' | 'unchanged' | 'gone' }
    /**
     * Accepted, not yet in force: `operation` says what to follow. Without one nothing was written:
     * the record is absent, and waits for its first healthy answer.
     */
    | { readonly status: 'pending'; readonly operation?: string }
    /**
     * May succeed later. `failed: false`: nothing went wrong, an earlier write is still on its way
     * or no time was left.
     */
    | { readonly status: 'retry'; readonly reason: string; readonly failed?: false }
    /** Will fail again until somebody changes something. */
    | { readonly status: 'refused'; readonly reason: string }
  ) & { readonly notes?: readonly string[] };

/** `reason` is one sentence: `consul: registering web/ab12: 503 No cluster leader`. */
export type Outcome = ChangeResult & { readonly change: Change };

/**
 * What a status means to whoever wrote:
 *
 *             isSettled   isInForce   isOnItsWay   isFailure
 * done           yes         yes         yes           -
 * unchanged      yes         yes         yes           -
 * gone           yes          -          yes           -
 * pending         -           -          yes           -
 * retry           -           -           -           yes, unless `failed: false`
 * refused        yes          -           -           yes
 *
 * isSettled: nothing will change about it before somebody changes something.
 */
export const isSettled = ({ status }: Outcome): boolean =>
  status === 'done' || status === 'unchanged' || status === 'gone' || status === 'refused';

/** The registry holds what the change asked for. */
export const isInForce = ({ status }: Outcome): boolean =>
  status === 'done' || status === 'unchanged';

/** The change need not be made again: it has been made, or accepted, or has become needless. */
export const isOnItsWay = ({ status }: Outcome): boolean =>
  status !== 'retry' && status !== 'refused';

const SIGNS = { upsert: '+', health: '~', remove: '-' } as const;

/** How a change is drawn: `+` registered, `~` changed, `-` removed. `before`: what was held. */
export const signOf = (kind: Change['kind'], before: unknown) =>
  kind === 'upsert' && before ? '~' : SIGNS[kind];

/** What the metric and the summary count as failed: not what is merely waited out. */
export const isFailure = (
  outcome: Outcome,
): outcome is Extract<Outcome, { readonly status: 'retry' | 'refused' }> =>
  outcome.status === 'refused' || (outcome.status === 'retry' && outcome.failed !== false);

/** Its operation, if it waits for one. */
export const operationsOf = (result: ChangeResult): readonly string[] =>
  result.status === 'pending' && result.operation ? [result.operation] : [];

/**
 * Why a task, or a port of it, has no registration. Values, not log lines: log, dry run and
 * `explain` share them.
 */
export interface Skip {
  readonly task: string;
  readonly container?: string;
  readonly port?: number;
  readonly code: SkipCode;
  /** A sentence that names the field and what came. */
  readonly detail: string;
  /** Only of `name-taken`: the name that it may not have. */
  readonly name?: string;
}

/** As people read it. */
export const skipText = ({
  code,
  detail,
}: {
  readonly code: string;
  readonly detail: string;
}): string => `left out (${code}): ${detail}`;

/** What follows from a reason, whoever gives it. */
interface SkipTraits {
  /** It is one task's own: others of its definition may do well. So each such task is logged. */
  readonly isOwn?: true;
  /** ECS or EC2 may tell by now what the event has not. */
  readonly mayPass?: true;
  /** Nobody can change anything about it, and nothing is missing. */
  readonly isExpected?: true;
  /** There is nothing to register, by anybody's rules. */
  readonly isNothing?: true;
}

export type SkipCode =
  | 'not-running'
  | 'container-stopped'
  | 'container-starting'
  | 'host-down'
  | 'host-unknown'
  | 'no-address'
  | 'no-ports'
  | 'no-binding'
  | 'loopback'
  | 'withheld-address'
  | 'ignored'
  | 'sidecar'
  | 'not-of-service'
  | 'not-opted-in'
  | 'not-selected'
  | 'folded'
  | 'invalid-name'
  | 'name-taken'
  | 'other-cluster'
  | 'definition-gone'
  | 'unknown-kind'
  | 'unreadable'
  | 'network-mode'
  | 'invalid-label';

/** What is special about codes: a code that is not here has nothing special. */
export const SKIPS: Readonly<Partial<Record<SkipCode, SkipTraits>>> = {
  'container-stopped': { isOwn: true },
  'container-starting': { isOwn: true },
  'host-down': { isOwn: true },
  'host-unknown': { mayPass: true },
  'no-address': { isOwn: true, mayPass: true },
  'no-ports': { isNothing: true },
  'no-binding': { isOwn: true, mayPass: true },
  'unknown-kind': { isExpected: true },
};

/** What one registry needs so that one cluster's tasks, and nothing else, are registered in it. */
export interface Plan {
  readonly registry: RegistryName;
  readonly cluster: ClusterArn;
  /** Additions first, then health, then removals; sorted by service and id within each. */
  readonly changes: readonly Change[];
  /**
   * Above the delete limit: removals of merely missing tasks, and those of names that running tasks
   * had.
   */
  readonly withheld: readonly Change[];
  /** What was removed within the last hour is not known, so the limit counts as reached. */
  readonly removedUnknown?: true;
  /** What the policy forbids, so that a dry run can show it. */
  readonly forbidden: readonly Change[];
  /**
   * Absent and not healthy yet, in a registry that waits for the first healthy answer. Neither
   * drift nor failure.
   */
  readonly waiting: readonly Registration[];
  /** Why removals are not made at all this time, if so ("unknown forbids removals"). */
  readonly unknown?: string;
  readonly unchanged: number;
}
