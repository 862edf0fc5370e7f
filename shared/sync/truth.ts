import type { Skip } from '../model/plan.ts';
import { KEY, type Registration } from '../model/registration.ts';
import type { Fate } from '../plan/plan.ts';
import type { Registry } from '../registries/registry.ts';
import type { SyncDeps } from './deps.ts';
import { type Derivation, deriveTasks } from './derive-tasks.ts';
import { FORGOTTEN, isRecordLongGone, unreadableTasks } from './describe.ts';
import { isRunning } from './sight.ts';

/** What ECS says of one cluster, read after the registries were. */
export interface Truth {
  readonly cluster: string;
  /** Running tasks, derived. */
  readonly running: ReadonlyMap<string, Derivation>;
  readonly skips: readonly Skip[];
  /** Described as stopping or stopped. */
  readonly stopped: ReadonlySet<string>;
  /** ECS does not know them, neither listed nor described, or refuses what records call their ARNs. */
  readonly missing: ReadonlySet<string>;
}

type Deps = Pick<SyncDeps, 'source' | 'config' | 'telemetry'>;

/** Lists and describes the cluster's tasks, and those that only the registries still speak of. */
export const readTruth = async (
  cluster: string,
  recorded: ReadonlySet<string>,
  deps: Deps,
  signal: AbortSignal,
): Promise<Truth> => {
  const { source, config, telemetry } = deps;
  const listed = await source.listTasks(cluster, signal);
  const wanted = [...new Set([...listed, ...recorded])];
  const described = await source.describeTasks(cluster, wanted, signal);
  const running = described.tasks.filter(isRunning);
  const { derived, undefinable, failed, unsure } = await deriveTasks(
    running,
    { source, rules: config.rules, hostStates: true },
    signal,
  );
  for (const [task, error] of failed) {
    telemetry.fault(`task ${task} cannot be derived now`, error, { path: 'reconcile', cluster, task });
  }
  const [why] = unsure.values();
  if (why !== undefined) {
    const what = `the hosts of ${unsure.size} tasks cannot be read now: they are taken to be up`;
    telemetry.fault(what, why, { path: 'reconcile', cluster });
  }
  const inList = new Set(listed);
  const absent = [...described.missing, ...(described.refused ?? []).map(({ arn }) => arn)];
  return {
    cluster,
    running: derived,
    skips: [
      ...[...derived.values()].flatMap(({ skips }) => skips),
      ...undefinable,
      ...unreadableTasks(described),
    ],
    stopped: new Set(
      described.tasks.filter((task) => task.desiredStatus === 'STOPPED').map(({ arn }) => arn),
    ),
    // Listed as running but not described: one of the two reads lags. It stays.
    missing: new Set(absent.filter((arn) => !inList.has(arn))),
  };
};

/** Of a cluster that ECS calls INACTIVE, or does not know: it runs nothing, so every task on record is missing. */
export const goneCluster = (cluster: string, recorded: ReadonlySet<string>): Truth => ({
  cluster,
  running: new Map(),
  skips: [],
  stopped: new Set(),
  missing: recorded,
});

/** What becomes of our record of a task, given what ECS says. Anything uncertain is kept. */
export const fateIn =
  (truth: Truth, registry: Registry, now: number) =>
  (record: Registration): Fate => {
    const task = record.metadata[KEY.task] ?? '';
    if (truth.stopped.has(task)) return { verdict: 'gone', reason: 'task is stopping' };
    const derivation = truth.running.get(task);
    if (derivation) return fateOfRunning(derivation, registry, record);
    if (!truth.missing.has(task)) return { verdict: 'keep' };
    const isForgotten = isRecordLongGone(record.metadata[KEY.started], now);
    return isForgotten ? { verdict: 'missing', reason: FORGOTTEN } : { verdict: 'keep' };
  };

/** A running task's record goes only when it has another name now, is ignored, or its host is dead. */
const fateOfRunning = (derivation: Derivation, registry: Registry, record: Registration): Fate => {
  const down = derivation.skips.find(({ code }) => code === 'host-down');
  if (down) return { verdict: 'gone', reason: down.detail };
  const key = registry.key(record);
  const named = derivation.identities
    .flatMap((one) => registry.refs(one))
    .some((ref) => registry.key(ref) === key);
  // Still named, yet without an instance: its address or binding cannot be seen just now.
  return named
    ? { verdict: 'keep' }
    : { verdict: 'renamed', reason: 'its task is not registered under this name any more' };
};
