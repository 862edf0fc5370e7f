import { KEY, type Registration } from '../../model/registration.ts';
import { errorText } from '../../platform/error-text.ts';
import { withTimeout } from '../../platform/timeout.ts';
import type { Registry } from '../../registries/registry.ts';
import type { SyncContext } from '../context.ts';
import { isOurs } from '../scope.ts';
import { isListed, renewRecords } from './leases.ts';

/**
 * Renews the leases of our records, as the registry itself lists them, or listed them some minutes
 * ago. Where there is no such list the reconciler keeps the leases of what ECS runs, and this
 * fails, so that the alarm fires. Runs under every policy, `observe` included: it creates and
 * changes nothing, and a lease that ran out because an operator was only previewing would be an
 * outage.
 */
export const renewLeases = async (context: SyncContext, signal: AbortSignal): Promise<void> => {
  const leased = context.registries.filter((registry) => registry.renew);
  const results = await Promise.allSettled(
    leased.map((registry) => renewAt(registry, context, signal)),
  );
  const failed = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (failed.length > 0)
    throw new AggregateError(failed, 'leases were not renewed', { cause: failed[0] });
};

const renewAt = async (registry: Registry, context: SyncContext, signal: AbortSignal) => {
  const { records: ours, at } = await leasesOf(registry, context, signal);
  const { failed, lost } = await renewRecords(registry, ours, context, { path: 'renew', signal });
  // The queued look restores what still runs; from then on the next list has it, or the reconciler.
  const gone = new Set(lost.map((record) => registry.key(record)));
  const left = ours.filter((record) => !gone.has(registry.key(record)));
  lastListed.set(registry, { records: left, at });
  // The alarm watches for successful runs; without one, all our leases end within minutes.
  if (failed.length > 0 && failed.length === left.length)
    throw new Error(`${registry.name}: no lease was renewed: ${failed[0]}`);
};

interface Listed {
  readonly records: readonly Registration[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What each registry listed last, while warm. */
const lastListed = new WeakMap<Registry, Listed>();
/**
 * Milliseconds that a last list is gone by. What has stopped since, and could not be removed, would
 * be renewed for as long as the list fails; rounds without a list renew what ECS runs, so from then
 * on they are enough.
 */
const GONE_BY_MS = 10 * 60_000;

/**
 * Milliseconds of a run's 24 that a list may take, of two servers that hang: the rest is the
 * heartbeats'.
 */
const LIST_MS = 8_000;

/**
 * A list may fail, or say nothing, for longer than a lease lasts: what it said last counts then.
 */
const leasesOf = async (
  registry: Registry,
  { config, telemetry, now }: SyncContext,
  signal: AbortSignal,
): Promise<Listed> => {
  const listing = await withTimeout(LIST_MS, signal, (limited) => registry.list(limited)).catch(
    (error: unknown) => ({ records: [], unknown: errorText(error) }),
  );
  if (!isListed(listing)) {
    const known = lastListed.get(registry);
    if (!known?.records.length || now() - known.at > GONE_BY_MS) throw new Error(listing.unknown);
    const { length } = known.records;
    const what = `${registry.name} cannot be listed: the ${length} records of its last list are renewed`;
    telemetry.count('Failed', 1, registry.name);
    telemetry.fault(what, listing.unknown, { path: 'renew' });
    return known;
  }
  const records = listing.records.filter(
    ({ metadata }) =>
      metadata[KEY.owner] === config.owner && isOurs(config, metadata[KEY.cluster] ?? ''),
  );
  return { records, at: now() };
};
