import { isOfName, nameKey } from '../../derive/fit-name.ts';
import { hasPlainRight, nameOwner, ownerText, plainName } from '../../derive/name-owner.ts';
import { type ClusterArn, isClusterArn, type TaskArn } from '../../model/arn.ts';
import type { Change } from '../../model/plan.ts';
import { KEY, type Registration, vipsOf } from '../../model/registration.ts';
import type { Loss } from '../../plan/by-right.ts';
import { namedTask } from '../../plan/plan.ts';
import { logged } from '../../platform/telemetry.ts';
import type { SyncConfig, SyncContext } from '../context.ts';
import { type ClusterState, observeTasks } from '../observe/cluster-state.ts';
import { type ListedRegistry, listedAmong, type RegistrySnapshot } from '../observe/snapshot.ts';
import type { Derivation } from '../observe/task-request.ts';
import { isOurs } from '../scope.ts';
import { keysOf, namesOf, ownerOf, toKey } from './holders.ts';

export type LossOf = (change: Change) => Loss | undefined;

/**
 * What changes take of the names that a cluster's tasks still ask for and others have a better
 * right to, and whether one of these serves exactly this name, at that registry: by a healthy
 * record of ours in scope, whose task runs, is healthy and derives the name, by what ECS says now.
 * The name of the task's own ECS service, and what is made of it, is no loss but between equals
 * under `refuse`: a template or a pin may be wrong. Asks ECS of owners in other clusters, if a
 * record bears such a name.
 */
export const readLosses = async (
  snapshots: readonly RegistrySnapshot[],
  state: Pick<ClusterState, 'cluster' | 'running'>,
  context: SyncContext,
  signal: AbortSignal,
): Promise<(at: RegistrySnapshot) => LossOf> => {
  const { rules } = context.config;
  const { running } = state;
  const recorded = new Map<RegistrySnapshot, readonly Serving[]>(
    listedAmong(snapshots).map((at) => [at, servingAt(at, state, context.config)]),
  );
  const isServedNow = await servedNow([...recorded.values()].flat(), state, context, signal);
  return (at) => {
    const served = new Set((recorded.get(at) ?? []).filter(isServedNow).map(pairOf));
    const serves = (owner: string, name: string) => served.has(pairOf({ owner, name }));
    return (change) => lossIn(change, { running, serves, rules });
  };
};

type Records = Pick<ListedRegistry, 'ours'>;

interface Judging {
  readonly running: ClusterState['running'];
  /** Whether an owner serves exactly this name. */
  readonly serves: (owner: string, name: string) => boolean;
  readonly rules: SyncConfig['rules'];
}

const lossIn = (change: Change, judging: Judging): Loss | undefined => {
  const { before } = change;
  const task = before && namedTask(before);
  const derivation = task && judging.running.get(task);
  if (!before || !derivation?.lost.size) return undefined;
  const { serves, rules } = judging;
  const kept = new Set(change.kind === 'remove' ? [] : keysOf(change.record));
  const taken = namesOf(before).filter((name) => !kept.has(toKey(name)));
  // Of a record's names its service is the first: where that is its own, it is a renaming.
  const isOwnName = (name: string) => isOwn(toKey(name), derivation, rules);
  const isRenamed = taken[0] === before.service && isOwnName(before.service);
  const losses = taken.map((name) => ({ name, owners: ownersOn(toKey(name), derivation, rules) }));
  const met = losses.filter(({ owners }) => owners.length > 0);
  const isServed = ({ name, owners }: (typeof met)[number]) =>
    owners.some((one) => serves(one, name));
  const toGo = isRenamed ? [] : met.filter(({ name }) => !isOwnName(name));
  const served = toGo.find(isServed);
  const loss = served ?? met.find((one) => !isServed(one));
  return loss && { owners: loss.owners.join(' and '), isServed: loss === served };
};

/**
 * Who has a better right to a name: it is said to be theirs, or it is made of such a name, as those
 * of further ports are. What the task's own service gives is made of nobody else's.
 */
const ownersOn = (
  key: string,
  derivation: Derivation,
  rules: SyncConfig['rules'],
): readonly string[] => {
  const { lost } = derivation;
  const owners = lost.get(key);
  if (owners || isOwn(key, derivation, rules)) return owners ?? [];
  return [...lost].flatMap(([name, theirs]) => (isOfName(key, name) ? theirs : []));
};

/** Whether the task's own ECS service gives it the name, and no equal may take that. */
const isOwn = (
  key: string,
  { task, definition }: Pick<Derivation, 'task' | 'definition'>,
  rules: SyncConfig['rules'],
): boolean => {
  const owner = nameOwner(task, definition);
  if (owner.service === undefined || !isOfName(key, nameKey(owner.service))) return false;
  const { shared, pinned } = rules.names;
  const isEqual =
    shared === 'refuse' &&
    !pinned.has(key) &&
    hasPlainRight(owner, rules) &&
    isOfName(key, nameKey(plainName(owner, rules.names)));
  return !isEqual;
};

/** A healthy record of an owner, under a name. */
interface Serving {
  readonly owner: string;
  readonly name: string;
  readonly record: Registration;
}

/** Registries differ in whether they tell letters' case; the two kinds of DNS records differ. */
const pairOf = ({ owner, name }: Pick<Serving, 'owner' | 'name'>) =>
  `${owner} ${name.toLowerCase()}`;

/** Records of owners under names that tasks of a cluster bear and have lost to them. */
const servingAt = (
  { ours }: Records,
  { cluster, running }: Pick<ClusterState, 'cluster' | 'running'>,
  config: SyncConfig,
): readonly Serving[] => {
  const wanted = new Map<string, Set<string>>();
  for (const record of ours.get(cluster) ?? []) {
    const task = namedTask(record);
    const derivation = task && running.get(task);
    if (!derivation?.lost.size) continue;
    for (const key of keysOf(record))
      for (const owner of ownersOn(key, derivation, config.rules))
        wanted.set(owner, (wanted.get(owner) ?? new Set()).add(key));
  }
  return [...wanted].flatMap(([owner, keys]) => {
    const records = healthyOf(ours, config).get(owner) ?? [];
    return records.flatMap((record) =>
      namesOf(record).flatMap((name) => (keys.has(toKey(name)) ? [{ owner, name, record }] : [])),
    );
  });
};

/** Healthy records by their owners' texts, of clusters in scope: no other's is kept true by us. */
const healthyOf = (ours: Records['ours'], config: SyncConfig): Healthy => {
  const known = healthyIn.get(ours);
  if (known) return known;
  const records = [...ours].flatMap(([cluster, all]) => (isOurs(config, cluster) ? all : []));
  const healthy = records.filter(({ health = 'healthy' }) => health === 'healthy');
  const made = Map.groupBy(healthy, (record) => ownerText(ownerOf(record)));
  healthyIn.set(ours, made);
  return made;
};

type Healthy = ReadonlyMap<string, readonly Registration[]>;

/** Kept with the list, which all clusters of a round share. */
const healthyIn = new WeakMap<Records['ours'], Healthy>();

/** Tasks of an owner that are asked for one name: one of them suffices. */
const MOST_ASKED = 5;

/**
 * What of these is served by what ECS says now: the list may be of tasks that have stopped since.
 */
const servedNow = async (
  serving: readonly Serving[],
  { cluster, running }: Pick<ClusterState, 'cluster' | 'running'>,
  context: SyncContext,
  signal: AbortSignal,
): Promise<(one: Serving) => boolean> => {
  const asked = new Map<ClusterArn, Set<TaskArn>>();
  const pairs = Map.groupBy(serving, pairOf);
  for (const { record } of [...pairs.values()].flatMap((all) => all.slice(0, MOST_ASKED))) {
    const { [KEY.cluster]: other = '' } = record.metadata;
    const task = namedTask(record);
    if (task && isClusterArn(other) && other !== cluster)
      asked.set(other, (asked.get(other) ?? new Set()).add(task));
  }
  const states = await Promise.all(
    [...asked].map(([other, tasks]) =>
      observeTasks(other, [...tasks], context, signal).catch(
        logged(context.telemetry, 'owners of names cannot be described now', {
          path: 'reconcile',
          cluster: other,
        }),
      ),
    ),
  );
  const all = [running, ...states.flatMap((state) => state?.running ?? [])];
  return ({ record, name }) => {
    const task = namedTask(record);
    const instances = all.flatMap((one) => (task && one.get(task)?.instances) ?? []);
    return instances.some(
      ({ id, service, eureka, health }) =>
        id === record.id &&
        health !== 'unhealthy' &&
        [service, ...vipsOf(eureka)].some((one) => toKey(one) === toKey(name)),
    );
  };
};
