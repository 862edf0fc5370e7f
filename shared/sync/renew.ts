import { chunks } from '../bounded.ts';
import type { Outcome } from '../model/plan.ts';
import { KEY, type Registration } from '../model/registration.ts';
import { refOf } from '../plan/plan.ts';
import type { Registry } from '../registries/registry.ts';
import { isFailure } from '../telemetry.ts';
import type { SyncDeps } from './deps.ts';
import { isOurs } from './scope.ts';

/**
 * Renews the leases of our records, as the registry itself lists them. A record that the registry has lost is not
 * written here, since its task may have stopped: it goes to the event queue as a look, where ECS decides.
 * Runs under every policy, `observe` included: it creates and changes nothing, and a lease that ran out because
 * somebody wanted to look first would be an outage.
 */
export const renewLeases = async (deps: SyncDeps, signal: AbortSignal): Promise<void> => {
  const leased = deps.registries.filter((registry) => registry.renew);
  const results = await Promise.allSettled(leased.map((registry) => renewAt(registry, deps, signal)));
  const failed = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (failed.length > 0) throw new AggregateError(failed, 'leases were not renewed', { cause: failed[0] });
};

const renewAt = async (registry: Registry, deps: SyncDeps, signal: AbortSignal) => {
  const { telemetry } = deps;
  const ours = oldestFirst(registry, await leasesOf(registry, deps, signal));
  const outcomes = (await registry.renew?.(ours, signal)) ?? [];
  rememberRenewed(registry, outcomes, deps.now());
  const gone = outcomes.filter(({ status }) => status === 'gone');
  const failed = outcomes.filter(isFailure);
  const renewed = outcomes.length - gone.length - failed.length;
  telemetry.count('Renewed', renewed, registry.name);
  telemetry.count('Failed', failed.length, registry.name);
  if (failed[0])
    telemetry.fault(`${failed.length} leases were not renewed`, failed[0].reason, { path: 'renew' });
  await lookAtLost(
    registry,
    gone.flatMap(({ change }) => (change.kind === 'remove' ? [] : [change.record.metadata])),
    deps,
    signal,
  );
  // The alarm counts runs that ended well, and all our leases end in minutes.
  if (failed[0] && renewed === 0)
    throw new Error(`${registry.name}: no lease was renewed: ${failed[0].reason}`);
};

/** When each lease was renewed last, while warm: by the record's key, in milliseconds since the epoch. */
const lastRenewed = new WeakMap<Registry, ReadonlyMap<string, number>>();

/** A slow server may not get through all in one run. Those that it left out begin the next: a lease outlives six runs. */
const oldestFirst = (registry: Registry, records: readonly Registration[]) => {
  const renewed = lastRenewed.get(registry);
  const at = (record: Registration) => renewed?.get(registry.key(record)) ?? 0;
  return records.toSorted((a, b) => at(a) - at(b));
};

const rememberRenewed = (registry: Registry, outcomes: readonly Outcome[], now: number) => {
  const before = lastRenewed.get(registry);
  const times = outcomes.map(({ change, status }) => {
    const key = registry.key(refOf(change));
    return [key, status === 'done' ? now : (before?.get(key) ?? 0)] as const;
  });
  lastRenewed.set(registry, new Map(times));
};

/** What each registry listed last, while warm. */
const lastListed = new WeakMap<Registry, readonly Registration[]>();

/** A registry that is warming up lists nothing for minutes, longer than a lease lasts: what it listed before counts. */
const leasesOf = async (registry: Registry, { config }: SyncDeps, signal: AbortSignal) => {
  const { records, unknown } = await registry.list({ owner: config.owner }, signal);
  if (unknown !== undefined && records.length === 0) return lastListed.get(registry) ?? [];
  const ours = records.filter(
    ({ metadata }) => metadata[KEY.owner] === config.owner && isOurs(config, metadata[KEY.cluster] ?? ''),
  );
  lastListed.set(registry, ours);
  return ours;
};

const lookAtLost = async (
  registry: Registry,
  lost: readonly Readonly<Record<string, string>>[],
  { looks, telemetry }: SyncDeps,
  signal: AbortSignal,
) => {
  if (lost.length === 0) return;
  telemetry.note(`${lost.length} records have lost their lease: ECS is asked`, { path: 'renew' });
  const byCluster = Map.groupBy(lost, (metadata) => metadata[KEY.cluster] ?? '');
  const messages = [...byCluster].flatMap(([cluster, members]) =>
    chunks([...new Set(members.flatMap((metadata) => metadata[KEY.task] ?? []))], 100).map((tasks) => ({
      cluster,
      tasks,
      registry: registry.name,
      look: 0,
      operations: [],
      delaySeconds: 0,
    })),
  );
  await looks.send(messages, signal);
};
