import { type Change, type ChangeResult, type Outcome, refOf } from '../model/plan.ts';
import type { Ref, RegistryName } from '../model/registration.ts';
import { mapBounded } from '../platform/concurrency.ts';

/** A result that says why the change is not made, as far as one knows. */
export type NotWritten = Extract<ChangeResult, { readonly reason: string }>;

export const failed = (reason: string): NotWritten => ({ status: 'retry', reason });

/** It has to wait, for an earlier operation or for time; not a failure. */
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

interface Order {
  /** Changes with one key are made one after another, in the order given. */
  readonly keyOf: (ref: Ref) => string;
  /** Changes in flight at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

/** Makes changes one by one, for registries that have no batches. `write` never rejects. */
export const applyEach = async (
  changes: readonly Change[],
  write: (change: Change) => Promise<Outcome>,
  { keyOf, concurrency, signal }: Order,
): Promise<readonly Outcome[]> => {
  const outcomes: Outcome[] = [];
  const queues = Map.groupBy(changes.entries(), ([, change]) => keyOf(refOf(change)));
  await mapBounded([...queues.values()], concurrency, async (queue) => {
    for (const [at, change] of queue)
      outcomes[at] = signal.aborted ? notAttempted(change) : await write(change);
  });
  return outcomes;
};
