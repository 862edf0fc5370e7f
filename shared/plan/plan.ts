import type { Config } from '../config/config.ts';
import { type ClusterArn, isTaskArn, type TaskArn } from '../model/arn.ts';
import { type Change, LIMITS, type Limit, type Plan, refOf } from '../model/plan.ts';
import { KEY, NAMING, namingOf, type Ref, type Registration, VIPS } from '../model/registration.ts';
import { byText } from '../model/text.ts';
import type { Registry } from '../registries/registry.ts';
import { difference, keepsNames } from './diff.ts';
import { isAboveLimit, type Removed } from './limit.ts';
import { byPolicy, CONFLICT, NEWER } from './policy.ts';

/** Why a record goes that nothing desires any more. */
export interface Removal {
  readonly reason: string;
  /**
   * What it counts towards in the delete limit: nothing where ECS describes the task as stopping,
   * or its host is dead.
   */
  readonly limit?: Limit;
  /** Of a running task's record: the name that its port bears now, if any. */
  readonly nameNow?: string;
  /** As of a `Change`. */
  readonly isGuess?: true;
}

/** What is known of what a registry holds. */
export type Actual =
  /** Nothing: what is desired is written as it is, what is gone is removed by its ref. */
  | { readonly kind: 'unread'; readonly gone: readonly (Removal & { readonly ref: Ref })[] }
  /**
   * The desired records alone, as they are now. Nothing is removed, nor renamed: only a list shows
   * how many that would be.
   */
  | { readonly kind: 'fetched'; readonly records: readonly Registration[] }
  | Listed;

/**
 * Everything, everybody's records too; only this owner's records of this cluster are considered.
 */
export interface Listed {
  readonly kind: 'listed';
  readonly records: readonly Registration[];
  /** Why some may be hidden, if so: then nothing is removed. */
  readonly unknown?: string;
  /**
   * What went here within the last hour. Undefined: not known, so the delete limit counts as
   * reached.
   */
  readonly removed: Removed | undefined;
  /** Undefined: it stays, since nothing says for sure that it is to go. */
  readonly removalOf: (record: Registration) => Removal | undefined;
}

export interface PlanInput {
  readonly registry: Pick<Registry, 'name' | 'key' | 'waitsForHealth'>;
  readonly cluster: ClusterArn;
  readonly config: Pick<Config, 'owner' | 'policy' | 'deleteLimit'>;
  readonly desired: readonly Registration[];
  readonly actual: Actual;
  /** A change, by what is known of others' rights to the name that it takes: see by-right.ts. */
  readonly byRight?: (change: Change) => Change;
}

/** Pure: the same input gives the same plan, in the same order. */
export const planChanges = (input: PlanInput): Plan => {
  const { registry, cluster, config, actual, byRight = (change) => change } = input;
  const mine = recordsIn(actual).filter((record) => owns(config.owner, cluster, record));
  const desired = new Map(input.desired.map((record) => [registry.key(record), record]));
  const writes = actual.kind === 'unread' ? unreadWrites(input) : compare(input, desired, mine);
  const removals = removalsOf(mine, desired, input);
  const all = [...writes.renamings, ...removals].map(byRight);
  const named = all.filter(isOfNewerNaming);
  const limited = all.filter((change) => !isOfNewerNaming(change));
  const above = new Set(LIMITS.filter((limit) => isAbove(limit, limited, mine, input)));
  const isWithheld = (change: Change) =>
    change.limit !== undefined &&
    (above.has(change.limit) || change.awaits || isOfOlderNaming(change));
  const stay = [...named, ...limited.filter(isWithheld)];
  const asked = byPolicy(config.policy, [
    ...writes.updates,
    ...limited.filter((change) => !isWithheld(change)),
    ...underOldNames(stay, input.desired),
  ]);
  const withheld = byPolicy(config.policy, limited.filter(isWithheld));
  return {
    registry: registry.name,
    cluster,
    changes: sortChanges(asked.allowed),
    withheld: sortChanges(withheld.allowed),
    forbidden: sortChanges([
      ...asked.forbidden,
      ...withheld.forbidden,
      ...writes.conflicts,
      ...named.map((change) => ({ ...change, reason: NEWER })),
    ]),
    waiting: writes.waiting,
    unchanged: writes.unchanged,
    ...(above.size > 0 && !removedOf(actual) && { removedUnknown: true }),
    ...(actual.kind === 'listed' && actual.unknown !== undefined && { unknown: actual.unknown }),
  };
};

const removedOf = (actual: Actual) => (actual.kind === 'listed' ? actual.removed : undefined);

/**
 * The plan with what it withholds for one of these limits let through: what an operator's release
 * does.
 */
export const withApproved = (
  plan: Plan,
  { key }: Pick<Registry, 'key'>,
  limits: readonly Limit[],
): Plan => {
  const isApproved = ({ limit }: Change) => limit !== undefined && limits.includes(limit);
  const freed = plan.withheld.filter(isApproved);
  // A write under the old name would be in the way of the one that takes the name out.
  const replaced = new Set(freed.map((change) => key(refOf(change))));
  const kept = plan.changes.filter((change) => !replaced.has(key(refOf(change))));
  return {
    ...plan,
    changes: sortChanges([...kept, ...freed]),
    withheld: plan.withheld.filter((change) => !isApproved(change)),
  };
};

/**
 * The plan without what counts towards the limits: what becomes of it where that cannot be noted
 * beforehand.
 */
export const withholding = (plan: Plan): Plan => {
  const counts = plan.changes.filter(({ limit }) => limit !== undefined);
  if (counts.length === 0) return plan;
  const changes = plan.changes.filter(({ limit }) => limit === undefined);
  const withheld = sortChanges([...plan.withheld, ...counts]);
  return { ...plan, changes, withheld, removedUnknown: true };
};

/** Owners are compared exactly: `prod` is not `prod2`. */
export const owns = (owner: string, cluster: ClusterArn, record: Registration) =>
  record.metadata[KEY.owner] === owner && record.metadata[KEY.cluster] === cluster;

/** The task that a record says it is of. Others can write anything there. */
export const namedTask = ({ metadata }: Pick<Registration, 'metadata'>): TaskArn | undefined => {
  const task = metadata[KEY.task] ?? '';
  return isTaskArn(task) ? task : undefined;
};

/** The task that a change is for, as its record says; none where no record is at hand. */
export const taskOf = (change: Change): TaskArn | undefined => {
  const record = change.kind === 'remove' ? change.before : change.record;
  return record && namedTask(record);
};

/** Additions before removals, so that no service is empty in between; the rest is for readers. */
export const sortChanges = (changes: readonly Change[]): Change[] =>
  [...changes].sort(
    (a, b) =>
      RANK[a.kind] - RANK[b.kind] ||
      byText(refOf(a).service, refOf(b).service) ||
      byText(refOf(a).id, refOf(b).id),
  );

const RANK = { upsert: 0, health: 1, remove: 2 } as const;

type Keyed = ReadonlyMap<string, Registration>;

interface Writes {
  readonly updates: readonly Change[];
  /** Writes that take an old name out besides. */
  readonly renamings: readonly Change[];
  /** What somebody else's record stands in the way of. */
  readonly conflicts: readonly Change[];
  readonly waiting: readonly Registration[];
  readonly unchanged: number;
}

const unreadWrites = ({ desired }: PlanInput): Writes => ({
  updates: desired.map((record) => ({ kind: 'upsert', record, reason: 'task is running' })),
  renamings: [],
  conflicts: [],
  waiting: [],
  unchanged: 0,
});

/** What is desired against what is held. */
const compare = (
  { registry, actual }: PlanInput,
  desired: Keyed,
  mine: readonly Registration[],
): Writes => {
  const { key: keyOf } = registry;
  const held = new Map(mine.map((record) => [keyOf(record), record]));
  const taken = new Set(recordsIn(actual).map(keyOf));
  // To what was read one by one and has another name an event adds no second one.
  const others = actual.kind === 'fetched' ? mine.filter((one) => !desired.has(keyOf(one))) : [];
  const named = new Set(others.map(({ id }) => id));
  const updates: Change[] = [];
  const renamings: Change[] = [];
  const conflicts: Change[] = [];
  const waiting: Registration[] = [];
  let unchanged = 0;
  for (const [key, record] of desired) {
    const known = held.get(key);
    const change = difference(record, known);
    if (!change || (!known && named.has(record.id))) unchanged++;
    else if (taken.has(key) && !known) conflicts.push({ ...change, reason: CONFLICT });
    else if (!known && registry.waitsForHealth && record.health !== 'healthy') waiting.push(record);
    else if (change.kind === 'upsert' && known && !keepsNames(record, known)) {
      renamings.push({ ...change, limit: 'renamed' });
    } else updates.push(known || change.kind !== 'upsert' ? change : { ...change, isNew: true });
  }
  return { updates, renamings, conflicts, waiting, unchanged };
};

const recordsIn = (actual: Actual) => (actual.kind === 'unread' ? [] : actual.records);

const removalsOf = (
  mine: readonly Registration[],
  desired: Keyed,
  { registry, actual }: PlanInput,
): readonly Change[] => {
  if (actual.kind === 'unread') return actual.gone.map((gone) => ({ kind: 'remove', ...gone }));
  if (actual.kind === 'fetched' || actual.unknown !== undefined) return [];
  return mine.flatMap((record): Change[] => {
    if (desired.has(registry.key(record))) return [];
    const removal = actual.removalOf(record);
    return removal ? [toRemoval(record, removal)] : [];
  });
};

/** Takes out a record that is at hand. */
export const toRemoval = (record: Registration, removal: Removal): Change => {
  const { service, id, cluster } = record;
  return { kind: 'remove', ref: { service, id, cluster }, before: record, ...removal };
};

/** By which rules the name was given that a change takes, if it takes one. */
const namingBefore = ({ limit, before }: Change) =>
  limit === 'renamed' && before ? namingOf(before) : NAMING;

const isOfNewerNaming = (change: Change) => namingBefore(change) > NAMING;

/**
 * An upgrade brought the new name, and nobody asked for it: the old one stays until an operator
 * releases the plan, in a small cluster too.
 */
export const isOfOlderNaming = (change: Change) => namingBefore(change) < NAMING;

/**
 * What makes two records one for a limit: a new name that stands beside the old one is no second
 * record.
 */
export const countedBy = ({ key }: Pick<Registry, 'key'>, limit: Limit): ((ref: Ref) => string) =>
  limit === 'missing' ? key : ({ id }) => id;

const isAbove = (
  limit: Limit,
  changes: readonly Change[],
  mine: readonly Registration[],
  { registry, actual, config }: PlanInput,
) => {
  const keyOf = countedBy(registry, limit);
  const now = new Set(
    changes
      .filter((change) => change.limit === limit && !change.awaits)
      .map((change) => keyOf(refOf(change))),
  );
  const held = new Set(mine.map(keyOf)).size;
  const removed = removedOf(actual);
  return isAboveLimit({ limit, now: [...now], held, removed, percent: config.deleteLimit });
};

/**
 * A renaming that is not made leaves the record its name, and the name its rules; all else about it
 * is brought up. Of one that stays beside its replacement that is the health: whoever still asks
 * for the old name goes by it.
 */
const underOldNames = (stay: readonly Change[], desired: readonly Registration[]): Change[] => {
  const byId = new Map(desired.map((record) => [record.id, record]));
  return stay.flatMap(({ kind, before, limit }): readonly Change[] => {
    const record = limit === 'renamed' && before ? byId.get(before.id) : undefined;
    if (!before || !record) return [];
    const wanted =
      kind === 'upsert' ? underName(before, record) : { ...before, health: record.health };
    const change = difference(wanted, before);
    return change ? [change] : [];
  });
};

/** A record as it is to be, under the names that it has: in Eureka its VIPs are names too. */
export const underName = (before: Registration, record: Registration): Registration => {
  if (keepsNames(record, before)) return record;
  const { [KEY.naming]: _, ...metadata } = record.metadata;
  const naming = before.metadata[KEY.naming];
  const kept = naming === undefined ? metadata : { ...metadata, [KEY.naming]: naming };
  const vips = VIPS.flatMap((key) => {
    const held = before.detail[key];
    return held === undefined ? [] : [[key, held] as const];
  });
  const detail = { ...record.detail, ...Object.fromEntries(vips) };
  return { ...record, service: before.service, detail, metadata: kept };
};
