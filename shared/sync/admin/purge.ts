import { type Change, refOf } from '../../model/plan.ts';
import { KEY, type Registration, type RegistryName } from '../../model/registration.ts';
import { table } from '../../plan/table.ts';
import { errorText } from '../../platform/error-text.ts';
import type { Registry } from '../../registries/registry.ts';
import { applyChanges, logOutcomes } from '../apply/apply.ts';
import type { SyncContext } from '../context.ts';
import { isAmong, isOurs } from '../scope.ts';
import { type Answer, toAnswer } from './answer.ts';
import { InvalidCommand } from './command.ts';

interface PurgeCommand {
  readonly cluster?: string | undefined;
  /** By name, one of those chosen; default: all of them. */
  readonly registry?: string | undefined;
  readonly dryRun: boolean;
}

/** A list may lag behind (Eureka: 30 s), so one empty answer proves nothing. */
const EMPTY_LISTS = 2;
const MAX_ROUNDS = 20;
const PAUSE_MS = 1_000;

/**
 * Removes every record of this owner, whatever its task does: the way out before the stack is
 * removed. Under any policy but `observe` the next reconcile would put everything back, so it is
 * refused there.
 */
export const purge = async (
  command: PurgeCommand,
  context: SyncContext,
  signal: AbortSignal,
): Promise<Answer> => {
  if (context.config.policy !== 'observe' && !command.dryRun) {
    throw new Error(
      `ROLLCALL_POLICY: expected observe before a purge, got ${context.config.policy}`,
    );
  }
  const work = command.dryRun ? count : empty;
  const results = await Promise.all(
    registriesIn(command, context).map(async (registry): Promise<Purged | Failed> => {
      try {
        return await work(registry, command, context, signal);
      } catch (error) {
        return { registry: registry.name, error: errorText(error) };
      }
    }),
  );
  const head = [
    'registry',
    command.dryRun ? 'would be removed' : 'removed',
    'left',
    'services deleted',
  ];
  const rows = results.map((result) =>
    'error' in result
      ? [result.registry, '?', '?', result.error]
      : [result.registry, `${result.removed}`, `${result.left}`, result.services.join(' ') || '-'],
  );
  return toAnswer([[...table([head, ...rows]), ...hintFor(command, results)]], results);
};

/** One that is not chosen cannot be purged: its address is not known any more. */
const registriesIn = (
  { registry }: PurgeCommand,
  { registries }: SyncContext,
): readonly Registry[] => {
  const found = registries.filter(({ name }) => registry === undefined || name === registry);
  if (found.length > 0) return found;
  const names = registries.map(({ name }) => name).join(', ');
  throw new InvalidCommand(
    `registry: expected one of those chosen, ${names}, got ${JSON.stringify(registry)}`,
  );
};

/** "0 removed" may mean that all is done, or that the name was mistyped. */
const hintFor = ({ cluster }: PurgeCommand, results: readonly (Purged | Failed)[]): string[] => {
  const purged = results.filter((result) => 'clusters' in result);
  if (cluster === undefined || purged.some(({ removed }) => removed > 0)) return [];
  const known = [...new Set(purged.flatMap(({ clusters }) => clusters))].sort();
  return [`cluster: no record of ours is in ${cluster}, but in: ${known.join(', ') || 'none'}`];
};

interface Purged {
  readonly registry: RegistryName;
  /** Records, whatever number of times they were asked to go. */
  readonly removed: number;
  readonly left: number;
  readonly services: readonly string[];
  /** ARNs of the clusters in which records of ours were listed. */
  readonly clusters: readonly string[];
}

/** One registry that cannot be purged now keeps no other from it. */
interface Failed {
  readonly registry: RegistryName;
  readonly error: string;
}

const count = async (
  registry: Registry,
  command: PurgeCommand,
  context: SyncContext,
  signal: AbortSignal,
) => {
  const { ours, clusters, unknown } = await listOurs(registry, command, context, signal);
  if (unknown !== undefined)
    throw new Error(`${ours.length} would be removed, others may be hidden: ${unknown}`);
  return {
    registry: registry.name,
    removed: ours.length,
    left: ours.length,
    services: [],
    clusters,
  };
};

const empty = async (
  registry: Registry,
  command: PurgeCommand,
  context: SyncContext,
  signal: AbortSignal,
) => {
  const removed = new Set<string>();
  let emptyLists = 0;
  let left: readonly Registration[] = [];
  let hidden: string | undefined;
  const clusters = new Set<string>();
  for (let round = 0; round < MAX_ROUNDS && emptyLists < EMPTY_LISTS; round++) {
    if (round > 0) await context.sleep(PAUSE_MS);
    const listed = await listOurs(registry, command, context, signal);
    left = listed.ours;
    hidden = listed.unknown;
    for (const cluster of listed.clusters) clusters.add(cluster);
    emptyLists = left.length === 0 ? emptyLists + 1 : 0;
    const changes = left.map(
      ({ service, id, cluster }): Change => ({
        kind: 'remove',
        ref: { service, id, cluster },
        reason: 'purge',
      }),
    );
    const outcomes = await applyChanges(registry, changes, signal);
    logOutcomes(context, registry, outcomes, (change) => ({
      path: 'operate',
      cluster: refOf(change).cluster,
    }));
    for (const { change, status } of outcomes) {
      if (status === 'done' || status === 'pending') removed.add(registry.key(refOf(change)));
    }
  }
  // Nothing listed is not nothing left: a server that warms up, or a right that is missing, shows
  // an empty list too.
  if (hidden !== undefined)
    throw new Error(`${removed.size} removed, others may be hidden: ${hidden}`);
  const isEmpty = emptyLists >= EMPTY_LISTS;
  const services = isEmpty ? ((await registry.removeEmptyServices?.(signal)) ?? []) : [];
  return {
    registry: registry.name,
    removed: removed.size,
    left: left.length,
    services,
    clusters: [...clusters],
  };
};

const listOurs = async (
  registry: Registry,
  { cluster }: PurgeCommand,
  { config }: SyncContext,
  signal: AbortSignal,
) => {
  const { records, unknown } = await registry.list(signal);
  const clusterOf = ({ metadata }: Registration) => metadata[KEY.cluster] ?? '';
  const isMine = (record: Registration) =>
    record.metadata[KEY.owner] === config.owner && isOurs(config, clusterOf(record));
  const all = records.filter(isMine);
  const listed = all.filter(
    (record) => cluster === undefined || isAmong([cluster], clusterOf(record)),
  );
  // Eureka has been seen to list a removed record for more than a minute; read singly, it is gone.
  const held =
    registry.staleLists && listed.length > 0 ? await registry.get(listed, signal) : listed;
  return { ours: held.filter(isMine), clusters: [...new Set(all.map(clusterOf))], unknown };
};
