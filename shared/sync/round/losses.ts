import { isOfName, nameKey } from '../../derive/fit-name.ts';
import { hasPlainRight, nameOwner, ownerText, plainName } from '../../derive/name-owner.ts';
import type { ClusterArn } from '../../model/arn.ts';
import type { Change } from '../../model/plan.ts';
import { type Registration, vipsOf } from '../../model/registration.ts';
import type { Loss } from '../../plan/by-right.ts';
import { namedTask } from '../../plan/plan.ts';
import { memoize } from '../../platform/memoize.ts';
import { logged } from '../../platform/telemetry.ts';
import type { SyncConfig, SyncContext } from '../context.ts';
import { type ClusterState, observeTasks } from '../observe/cluster-state.ts';
import { type ListedRegistry, listedAmong, type RegistrySnapshot } from '../observe/snapshot.ts';
import type { Derivation } from '../observe/task-request.ts';
import { isOurs } from '../scope.ts';
import { keysOf, namesOf, ownerOf, toKey } from './holders.ts';
import { claimsIn, derivationIn } from './lost-names.ts';

export type LossOf = (change: Change) => Loss | undefined;

type State = Pick<ClusterState, 'cluster' | 'running'>;

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
  state: State,
  context: SyncContext,
  signal: AbortSignal,
): Promise<(at: RegistrySnapshot) => LossOf> => {
  const { config } = context;
  const listed = listedAmong(snapshots);
  const serving = new Map<RegistrySnapshot, readonly Serving[]>(
    listed.map((at) => [at, servingAt(at, state, config)]),
  );
  const isServing = await readServing([...serving.values()].flat(), state, context, signal);
  return (at) => {
    const served = new Set((serving.get(at) ?? []).filter(isServing).map(pairOf));
    return (change) => lossIn(change, { state, served, rules: config.rules });
  };
};

interface Judging {
  readonly state: State;
  /** Owners with the names that they serve: `pairOf`. */
  readonly served: ReadonlySet<string>;
  readonly rules: SyncConfig['rules'];
}

const lossIn = (change: Change, { state, served, rules }: Judging): Loss | undefined => {
  const { before } = change;
  const derivation = before && derivationIn(state, before);
  if (!before || !derivation?.lost.size) return undefined;
  const kept = new Set(change.kind === 'remove' ? [] : keysOf(change.record));
  const taken = namesOf(before)
    .filter((name) => !kept.has(toKey(name)))
    .map((name) => {
      const { isOwn, owners } = rightsTo(name, derivation, rules);
      return {
        name,
        isOwn,
        owners,
        isServed: owners.some((owner) => served.has(pairOf({ owner, name }))),
      };
    });
  // Of a record's names its service is the first: where that is its own, it is a renaming.
  const [first] = taken;
  const isRenamed = first?.name === before.service && first.isOwn;
  const lost = taken.filter(({ owners }) => owners.length > 0);
  const toGo = isRenamed ? undefined : lost.find(({ isOwn, isServed }) => isServed && !isOwn);
  const loss = toGo ?? lost.find(({ isServed }) => !isServed);
  return loss && { owners: loss.owners.join(' and '), isServed: loss.isServed };
};

interface Rights {
  /** The task's own ECS service gives it the name, and no equal may take that. */
  readonly isOwn: boolean;
  /** Who has a better right to it than the task. */
  readonly owners: readonly string[];
}

/**
 * What is said of a name, and of those that are made of it, as further ports' are. What the task's
 * own service gives is made of nobody else's.
 */
const rightsTo = (
  name: string,
  { lost, task, definition }: Pick<Derivation, 'lost' | 'task' | 'definition'>,
  rules: SyncConfig['rules'],
): Rights => {
  const key = toKey(name);
  const owner = nameOwner(task, definition);
  const { shared, pinned } = rules.names;
  const isGiven = owner.service !== undefined && isOfName(key, nameKey(owner.service));
  const isEqual =
    shared === 'refuse' &&
    !pinned.has(key) &&
    hasPlainRight(owner, rules) &&
    isOfName(key, nameKey(plainName(owner, rules.names)));
  const isOwn = isGiven && !isEqual;
  return { isOwn, owners: isOwn && !lost.has(key) ? [] : claimsIn(lost, key).flat() };
};

/** A healthy record of an owner, under a name. */
interface Serving {
  readonly owner: string;
  readonly name: string;
  readonly cluster: ClusterArn;
  readonly record: Registration;
}

/** Registries differ in whether they tell letters' case; the two kinds of DNS records differ. */
const pairOf = ({ owner, name }: Pick<Serving, 'owner' | 'name'>) =>
  `${owner} ${name.toLowerCase()}`;

/** Records of owners under names that tasks of a cluster bear and have lost to them. */
const servingAt = (
  at: Pick<ListedRegistry, 'ours'>,
  state: State,
  config: SyncConfig,
): readonly Serving[] => {
  const pairs = new Set<string>();
  for (const record of at.ours.get(state.cluster) ?? []) {
    const derivation = derivationIn(state, record);
    if (!derivation?.lost.size) continue;
    for (const name of namesOf(record))
      for (const owner of rightsTo(name, derivation, config.rules).owners)
        pairs.add(pairOf({ owner, name }));
  }
  const healthy = [...pairs].flatMap((pair) => healthyIn(at.ours).get(pair) ?? []);
  // Those of other clusters are not kept true by us.
  return healthy.filter((one): one is Serving => isOurs(config, one.cluster));
};

/** Healthy records, by `pairOf`. Kept with the list, which all clusters of a round share. */
const healthyIn = memoize((ours: ListedRegistry['ours']) => {
  const healthy = [...ours].flatMap(([cluster, records]) =>
    records
      .filter((record) => (record.health ?? 'healthy') === 'healthy')
      .flatMap((record) => {
        const owner = ownerText(ownerOf(record));
        return namesOf(record).map((name) => ({ owner, name, cluster, record }));
      }),
  );
  return Map.groupBy(healthy, pairOf);
});

/** Tasks of an owner that are asked for one name: one of them suffices. */
const MOST_ASKED = 5;

/**
 * Which of these serve by what ECS says now: the list may be of tasks that have stopped since.
 */
const readServing = async (
  serving: readonly Serving[],
  { cluster: own, running }: State,
  context: SyncContext,
  signal: AbortSignal,
): Promise<(one: Serving) => boolean> => {
  const pairs = [...Map.groupBy(serving, pairOf).values()];
  const asked = pairs.flatMap((all) => all.slice(0, MOST_ASKED));
  const elsewhere = asked.filter(({ cluster }) => cluster !== own);
  const states = await Promise.all(
    [...Map.groupBy(elsewhere, ({ cluster }) => cluster)].map(([cluster, members]) => {
      const tasks = new Set(members.flatMap(({ record }) => namedTask(record) ?? []));
      return observeTasks(cluster, [...tasks], context, signal).catch(
        logged(context.telemetry, 'owners of names cannot be described now', {
          path: 'reconcile',
          cluster,
        }),
      );
    }),
  );
  const now = [{ running }, ...states.flatMap((state) => state ?? [])];
  return ({ record, name }) =>
    now.some((state) =>
      derivationIn(state, record)?.instances.some(
        ({ id, service, eureka, health }) =>
          id === record.id &&
          health !== 'unhealthy' &&
          [service, ...vipsOf(eureka)].some((one) => toKey(one) === toKey(name)),
      ),
    );
};
