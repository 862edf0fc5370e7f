import type { Plan } from '../model/plan.ts';
import type { Ref, Registration } from '../model/registration.ts';
import type { Removed } from '../plan/limit.ts';
import { planCluster, refOf } from '../plan/plan.ts';
import { mapBounded } from '../platform/concurrency.ts';
import type { Listing, Registry } from '../registries/registry.ts';
import type { SyncDeps } from './deps.ts';
import { fateIn, type Truth } from './truth.ts';

/** What a plan is judged by. */
export interface Judged {
  readonly truth: Truth;
  /** What went here within the last hour; undefined: not known. */
  readonly removed: Removed | undefined;
}

/** Plans one cluster at one registry. Where lists lag, every difference is looked at singly before it counts. */
export const planRegistry = async (
  registry: Registry,
  listing: Listing,
  { truth, removed }: Judged,
  deps: SyncDeps,
  signal: AbortSignal,
): Promise<Plan> => {
  const context = { path: 'reconcile', cluster: truth.cluster } as const;
  const desired = [...truth.running.values()].flatMap(({ instances, task }) =>
    instances.flatMap((instance) => {
      const { records, notes } = registry.fit(instance);
      for (const note of notes) {
        const news = deps.memory.isNews(`${instance.id} ${registry.name} ${note}`);
        if (news) deps.telemetry.note(`${registry.name}: ${note}`, { ...context, task: task.arn });
      }
      return records;
    }),
  );
  const input = {
    registry,
    cluster: truth.cluster,
    config: deps.config,
    desired,
    removed,
    fate: fateIn(truth, registry, deps.now()),
    ...(listing.unknown !== undefined && { unknown: listing.unknown }),
  };
  const plan = planCluster({ ...input, held: listing.records });
  const differences = [...plan.changes, ...plan.withheld, ...plan.forbidden];
  if (!registry.staleLists || differences.length === 0) return plan;
  const { looked, fresh, fault } = await lookAt(differences.map(refOf), registry, signal);
  const rest = listing.records.filter((record) => !looked.has(registry.key(record)));
  const sure = planCluster({ ...input, held: [...rest, ...fresh] });
  const changes = sure.changes.filter((change) => looked.has(registry.key(refOf(change))));
  const left = sure.changes.length - changes.length;
  if (fault !== undefined) {
    deps.telemetry.count('Failed', 1, registry.name);
    deps.telemetry.fault(`${registry.name}: records cannot be read now`, fault, context);
  } else if (left > 0) {
    const what = `${registry.name} is slow: ${left} differences are left to the next round`;
    deps.telemetry.note(what, context);
  }
  return { ...sure, changes };
};

/** Reads at once: a server that takes almost three seconds for each still tells of 24 records in `LOOK_MS`. */
const READS_AT_ONCE = 8;
/** Reads that may fail: what fails for one record keeps no other back, and a server that fails is left alone. */
const MOST_FAULTS = 10;

/**
 * The named records as they are now, as far as time allows: as many as were lost with a server may be too many. What was
 * read counts, so that there is less to read in the next round. Throws where nothing could be read.
 */
const lookAt = async (refs: readonly Ref[], registry: Registry, signal: AbortSignal) => {
  const looked = new Set<string>();
  const fresh: Registration[] = [];
  const faults: unknown[] = [];
  await mapBounded(refs, READS_AT_ONCE, async (ref) => {
    if (signal.aborted || faults.length >= MOST_FAULTS) return;
    try {
      fresh.push(...(await registry.get([ref], signal)));
      looked.add(registry.key(ref));
    } catch (error) {
      faults.push(error);
    }
  });
  if (looked.size === 0) throw faults[0] ?? signal.reason;
  return { looked, fresh, fault: signal.aborted ? undefined : faults[0] };
};
