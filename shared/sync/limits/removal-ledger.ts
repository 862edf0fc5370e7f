import { LIMITS, refOf } from '../../model/plan.ts';
import { NOTHING_REMOVED, type Removed } from '../../plan/limit.ts';
import { countedBy } from '../../plan/plan.ts';
import {
  approvedUntil,
  clusterHash,
  isFromTheFuture,
  type Removals,
  type Reservation,
  removedAt,
  withApproval,
  withReservations,
} from '../../plan/removals.ts';
import { limiter } from '../../platform/concurrency.ts';
import { logged } from '../../platform/telemetry.ts';
import { withTimeout } from '../../platform/timeout.ts';
import type { Registry } from '../../registries/registry.ts';
import type { RegistryPlan } from '../apply/apply-plan.ts';
import type { ReconcileContext } from '../context.ts';
import type { LastRound } from '../memory.ts';

/** What was removed within the last hour, as the delete limit counts it. */
export interface RemovalLedger {
  /** Undefined: it cannot be read, so the limit counts as reached. */
  removed(cluster: string, registry: Registry): Removed | undefined;
  /**
   * Notes what the plans remove that counts, before it is removed. Rejects where it cannot: then
   * nothing may go.
   */
  reserve(plans: readonly RegistryPlan[], signal: AbortSignal): Promise<void>;
  /**
   * Until when this may go as what an earlier round left over of a plan that an operator has
   * released.
   */
  approvedUntil(plan: string): number | undefined;
  /**
   * Lets what is left over of a released plan go until then (milliseconds since the epoch), under
   * the id it has now.
   */
  keepApproval(plan: string, until: number, signal: AbortSignal): Promise<void>;
}

type Context = Pick<ReconcileContext, 'config' | 'lastRound' | 'telemetry' | 'now' | 'store'>;

/**
 * Reads what it must know once; a failure is logged. Under a limit of 100 percent nothing
 * is counted.
 */
export const openLedger = async (context: Context, signal: AbortSignal): Promise<RemovalLedger> => {
  const { store, config, lastRound, now } = context;
  const isCounting = config.deleteLimit < 100;
  const known = isCounting ? await readAtFirst(context, signal) : undefined;
  // One write after the other; reservations that come while one is under way share the next.
  const writing = limiter(1);
  let pending: Reservation[] = [];
  let next: Promise<void> | undefined;
  const writePending = async (stop: AbortSignal) => {
    const taken = pending;
    pending = [];
    next = undefined;
    await change((removals) => withReservations(removals, taken, now()), stop);
  };
  // Once it has failed it is not tried again for each cluster: a store that hangs would take the
  // round's time.
  let failure: unknown;
  const change = async (to: (removals: Removals) => Removals, stop: AbortSignal) => {
    if (failure) throw failure;
    try {
      await withTimeout(WRITE_MS, stop, async (limited) =>
        store.saveRemovals(to(await read(context, limited)), limited),
      );
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  return {
    removed(cluster, { name }) {
      if (!isCounting) return NOTHING_REMOVED;
      if (!known) return undefined;
      const hash = clusterHash(cluster, name);
      return {
        ...removedAt(known, hash, now()),
        isCounted: (key) => isCounted(lastRound, `${hash} ${key}`, now()),
      };
    },
    async reserve(plans, stop) {
      const reservations = isCounting ? plans.flatMap((one) => reservationsOf(one, context)) : [];
      if (reservations.length === 0) return;
      pending.push(...reservations.map(({ reservation }) => reservation));
      // Begun a moment later, since it clears what is set here.
      next ??= Promise.resolve().then(() => writing(() => writePending(stop)));
      await next;
      for (const { keys } of reservations)
        for (const key of keys) lastRound.countedRemovals.set(key, now());
    },
    approvedUntil: (plan) => known && approvedUntil(known, plan, now()),
    keepApproval: (plan, until, stop) =>
      writing(() => change((removals) => withApproval(removals, plan, until, now()), stop)),
  };
};

/** Milliseconds: what it says is needed once the registries are listed. */
const READ_MS = 10_000;
/** Milliseconds for one note: the removals wait for it. */
const WRITE_MS = 5_000;

const readAtFirst = (context: Context, signal: AbortSignal): Promise<Removals | undefined> => {
  const what =
    'what was removed within the last hour cannot be read: the delete limit counts as reached';
  return withTimeout(READ_MS, signal, (limited) => read(context, limited)).catch(
    logged(context.telemetry, what, { path: 'reconcile' }),
  );
};

const read = async ({ store, now }: Context, signal: AbortSignal): Promise<Removals> => {
  const removals = await store.readRemovals(signal);
  if (isFromTheFuture(removals, now()))
    throw new Error('expected times that have been, got one far ahead');
  return removals;
};

/**
 * What a plan's changes count, without what this instance has counted before and is still there.
 */
const reservationsOf = ({ registry, plan }: RegistryPlan, { lastRound, now }: Context) =>
  LIMITS.flatMap((limit) => {
    const hash = clusterHash(plan.cluster, registry.name);
    const keyOf = countedBy(registry, limit);
    const counted = plan.changes.filter((change) => change.limit === limit);
    const keys = [...new Set(counted.map((change) => `${hash} ${keyOf(refOf(change))}`))].filter(
      (key) => !isCounted(lastRound, key, now()),
    );
    return keys.length > 0 ? [{ keys, reservation: { hash, limit, records: keys.length } }] : [];
  });

/** For as long as a removal counts. */
const COUNTED_FOR_MS = 3_600_000;

/**
 * Whether it counts already: one whose removal fails would otherwise be counted anew each minute.
 */
const isCounted = ({ countedRemovals }: LastRound, key: string, now: number): boolean => {
  const at = countedRemovals.get(key);
  return at !== undefined && now - at < COUNTED_FOR_MS;
};
