import type { TaskArn } from '../../model/arn.ts';
import { type Change, isInForce, type Outcome, type Plan, refOf } from '../../model/plan.ts';
import { namedTask, taskOf } from '../../plan/plan.ts';
import { mapBounded, packed } from '../../platform/concurrency.ts';
import type { LogContext } from '../../platform/telemetry.ts';
import { notAttempted } from '../../registries/outcome.ts';
import type { Flaw, Registry } from '../../registries/registry.ts';
import type { SyncContext } from '../context.ts';
import type { ClusterState } from '../observe/cluster-state.ts';
import { applyChanges, logOutcomes } from './apply.ts';
import { attemptsOf, confirm } from './confirm.ts';
import { followToEnd } from './operations.ts';

/** What one registry needs for one cluster. */
export interface RegistryPlan {
  readonly registry: Registry;
  readonly plan: Plan;
  /** What the records stand on, to be mended before the plan is applied. */
  readonly flaw?: Flaw;
}

/** What one plan came to. */
export type AppliedPlan = Pick<RegistryPlan, 'registry' | 'plan'> &
  (
    | {
        readonly status: 'applied';
        readonly outcomes: readonly Outcome[];
        /** Why what the records stand on could not be mended, if so. */
        readonly unrepaired?: string | undefined;
      }
    /** The registry was busy with other clusters until the time was over. */
    | { readonly status: 'left' }
  );

export const notBegun = ({ registry, plan }: RegistryPlan): AppliedPlan => ({
  status: 'left',
  registry,
  plan,
});

export const outcomesOf = (applied: AppliedPlan): readonly Outcome[] =>
  applied.status === 'applied' ? applied.outcomes : [];

/** When work ends, and when whatever must still be said ends too. */
export interface Deadlines {
  readonly working: AbortSignal;
  readonly closing: AbortSignal;
}

/** Slices at once: while one waits for its writes to be in force, others write. */
const SLICES_AT_ONCE = 3;

/**
 * Mends what a cluster's records stand on, then applies its plan in slices: what is added or
 * corrected first, each write followed to its end and confirmed with ECS, then the removals. A
 * running task's old records go last, and stay where their replacement did not come about, unless
 * others serve the name.
 */
export const applyPlan = async (
  { registry, plan, flaw }: RegistryPlan,
  state: ClusterState,
  context: SyncContext,
  deadlines: Deadlines,
): Promise<AppliedPlan> => {
  const run: Run = { registry, state, context, deadlines };
  const unrepaired = flaw && (await repairFlaw(flaw, run));
  const slices = toSlices(plan.changes.filter((change) => !isReplaced(change)));
  const outcomes = (
    await mapBounded(slices, SLICES_AT_ONCE, (slice) => applySlice(slice, run))
  ).flat();
  const unfinished = new Set([
    ...outcomes.filter((outcome) => !isInForce(outcome)).map(({ change }) => taskOf(change)),
    // A name that somebody else holds.
    ...plan.forbidden.filter(isWrite).map(taskOf),
    ...plan.waiting.map(namedTask),
  ]);
  const replaced = plan.changes.filter(
    (change) =>
      isReplaced(change) && (change.limit === undefined || !unfinished.has(taskOf(change))),
  );
  outcomes.push(...(await applySlice(replaced, run)));
  return { status: 'applied', registry, plan, outcomes, unrepaired };
};

/** As many tasks as one DescribeTasks confirms. */
const SLICE = 100;

/**
 * Changes in parts that may be made side by side, those of one service together and in their order.
 * Parts that take something out come first: under a slow registry a record that lies is worse than
 * one that is missing.
 */
export const toSlices = (changes: readonly Change[]): readonly (readonly Change[])[] => {
  const services = [
    ...Map.groupBy(changes, (change) => refOf(change).service.toLowerCase()).values(),
  ];
  const removes = (one: readonly Change[]) => one.some(({ kind }) => kind === 'remove');
  const ordered = [...services.filter(removes), ...services.filter((one) => !removes(one))];
  return packed(ordered, [SLICE], ({ length }) => [length]).map((slice) => slice.flat());
};

interface Run {
  readonly registry: Registry;
  readonly state: ClusterState;
  readonly context: SyncContext;
  readonly deadlines: Deadlines;
}

const isWrite = ({ kind }: Change) => kind !== 'remove';
/** An old name of a task that runs, and has another now or may get one. */
const isReplaced = (change: Change) =>
  change.kind === 'remove' && (change.limit === 'renamed' || change.nameNow !== undefined);

const applySlice = async (slice: readonly Change[], run: Run): Promise<readonly Outcome[]> => {
  const { registry, state, context, deadlines } = run;
  if (deadlines.working.aborted) return slice.map((change) => notAttempted(change));
  const written = await applyAndFollow(slice.filter(isWrite), run, deadlines.working);
  const corrected = await confirmWritten(written, run);
  const removals = slice.filter((change) => !isWrite(change));
  const removed = await applyAndFollow(removals, run, deadlines.working);
  const outcomes = [...written, ...removed];
  const news = outcomes.filter((outcome) => isLogged(outcome, registry, context));
  logOutcomes(context, registry, news, (change) => logContextOf(state, taskOf(change)));
  if (news.length < outcomes.length)
    context.telemetry.count('Failed', outcomes.length - news.length, registry.name);
  return [...outcomes, ...corrected];
};

const applyAndFollow = async (
  changes: readonly Change[],
  { registry, context }: Run,
  signal: AbortSignal,
) => followToEnd(registry, await applyChanges(registry, changes, signal), context, signal);

/**
 * A refusal stands until somebody changes something: thousands above a quota would each be logged
 * every minute.
 */
const isLogged = (outcome: Outcome, registry: Registry, { isNews }: SyncContext) =>
  outcome.status !== 'refused' ||
  isNews(`${registry.name} ${registry.key(refOf(outcome.change))} ${outcome.reason}`);

const logContextOf = ({ cluster }: ClusterState, task?: TaskArn): LogContext => ({
  path: 'reconcile',
  cluster,
  ...(task && { task }),
});

/** Milliseconds for the confirmation of what was written when the time for work is over. */
const LAST_CONFIRMATION_MS = 2_000;

/** Whoever writes asks ECS again, also for what failed. Returns what was corrected. */
const confirmWritten = async (
  written: readonly Outcome[],
  run: Run,
): Promise<readonly Outcome[]> => {
  const { registry, state, context, deadlines } = run;
  const { working, closing } = deadlines;
  const attempts = attemptsOf(
    written.map(({ change }) => {
      const task = taskOf(change);
      const derivation = task && state.running.get(task);
      const where = logContextOf(state, task);
      return [change, derivation && { derivation, context: where, isUnread: false }];
    }),
  );
  const last = () => AbortSignal.any([closing, AbortSignal.timeout(LAST_CONFIRMATION_MS)]);
  const [confirmed] = await confirm([{ registry, attempts }], context, {
    path: 'reconcile',
    signal: () => (working.aborted ? last() : working),
    write: (_, changes, signal) => applyAndFollow(changes, run, signal),
    // Whether a record goes whose task ECS has forgotten the next round decides, within the delete
    // limit.
    mostExpired: 0,
  });
  return confirmed?.corrections ?? [];
};

/**
 * Repairs what a cluster's records stand on, and logs it. Returns why that was not possible, if so;
 * records can be written all the same.
 */
const repairFlaw = async (
  flaw: Flaw,
  { registry, state, context: { telemetry }, deadlines }: Run,
): Promise<string | undefined> => {
  const context = logContextOf(state);
  const result = await registry.repair?.(state.cluster, deadlines.working);
  if (!result || !('reason' in result)) {
    telemetry.note(`${registry.name}: ${flaw.reason}; that is put right`, context);
    return undefined;
  }
  const fault = `${registry.name}: ${flaw.reason}; that cannot be put right`;
  telemetry.count('Failed', 1, registry.name);
  telemetry.fault(fault, result.reason, context);
  return `${fault}: ${result.reason}`;
};
