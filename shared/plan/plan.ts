import type { Config } from '../config/config.ts';
import type { Change, Plan } from '../model/plan.ts';
import { KEY, type Ref, type Registration } from '../model/registration.ts';
import type { Registry } from '../registries/registry.ts';
import { difference } from './diff.ts';
import { byPolicy, CONFLICT } from './policy.ts';

/**
 * What ECS says of the task behind a record that is not desired.
 * gone: described as stopping, or the record is one that its running task does not derive any more. Removed.
 * missing: ECS does not know the task, and its start lies over an hour back. Removed within the delete limit.
 * keep: anything less certain. Stays.
 */
export type Fate =
  | { readonly verdict: 'gone'; readonly reason: string }
  | { readonly verdict: 'missing' }
  | { readonly verdict: 'keep' };

export interface PlanInput {
  readonly registry: Pick<Registry, 'name' | 'key' | 'waitsForHealth'>;
  readonly cluster: string;
  readonly config: Pick<Config, 'owner' | 'policy' | 'deleteLimit'>;
  readonly desired: readonly Registration[];
  /** What the registry holds: everybody's; only this owner's records of this cluster are considered. */
  readonly held: readonly Registration[];
  readonly unknown?: string;
  readonly fate: (record: Registration) => Fate;
}

/** Below this many records a share says nothing: two of three tasks missing is an ordinary scale-in. */
const LIMIT_APPLIES_ABOVE = 10;

/** Pure: the same input gives the same plan, in the same order. */
export const planCluster = (input: PlanInput): Plan => {
  const { registry, cluster, config, unknown } = input;
  const mine = input.held.filter((record) => owns(config.owner, cluster, record));
  const desired = new Map(input.desired.map((record) => [registry.key(record), record]));
  const foreign = foreignKeys(input, desired);
  const held = new Map(mine.map((record) => [registry.key(record), record]));

  const waiting: Registration[] = [];
  const writes: Change[] = [];
  const conflicts: Change[] = [];
  let unchanged = 0;
  for (const [key, record] of desired) {
    const change = difference(record, held.get(key));
    if (!change) unchanged++;
    else if (foreign.has(key) && !held.has(key)) {
      conflicts.push({ ...change, reason: CONFLICT });
    } else if (!held.has(key) && registry.waitsForHealth && record.health !== 'healthy') waiting.push(record);
    else writes.push(change);
  }

  const { gone, missing } = unknown === undefined ? removals(mine, desired, input) : NO_REMOVALS;
  const above = mine.length > LIMIT_APPLIES_ABOVE && missing.length * 100 > mine.length * config.deleteLimit;
  const asked = byPolicy(config.policy, [...writes, ...gone, ...(above ? [] : missing)]);
  const limited = byPolicy(config.policy, above ? missing : []);
  return {
    registry: registry.name,
    cluster,
    changes: sortChanges(asked.allowed),
    withheld: sortChanges(limited.allowed),
    forbidden: sortChanges([...asked.forbidden, ...limited.forbidden, ...conflicts]),
    waiting,
    unchanged,
    ...(unknown !== undefined && { unknown }),
  };
};

/** The plan with its withheld removals let through: what an operator's release does. */
export const released = (plan: Plan): Plan => ({
  ...plan,
  changes: sortChanges([...plan.changes, ...plan.withheld]),
  withheld: [],
});

/** Owners are compared exactly: `prod` is not `prod2`. */
export const owns = (owner: string, cluster: string, record: Registration) =>
  record.metadata[KEY.owner] === owner && record.metadata[KEY.cluster] === cluster;

/** The record that a change speaks of. */
export const refOf = (change: Change): Ref => (change.kind === 'remove' ? change.ref : change.record);

/** Additions before removals, so that no service is empty in between; the rest is for readers. */
export const sortChanges = (changes: readonly Change[]): Change[] =>
  [...changes].sort(
    (a, b) =>
      RANK[a.kind] - RANK[b.kind] ||
      compare(refOf(a).service, refOf(b).service) ||
      compare(refOf(a).id, refOf(b).id),
  );

const RANK = { upsert: 0, health: 1, remove: 2 } as const;
const NO_REMOVALS = { gone: [], missing: [] } as const;

/** Plain code-unit order: the same on every machine, unlike localeCompare. */
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const foreignKeys = ({ registry, held, config, cluster }: PlanInput, desired: ReadonlyMap<string, unknown>) =>
  new Set(
    held
      .filter((record) => !owns(config.owner, cluster, record))
      .map((record) => registry.key(record))
      .filter((key) => desired.has(key)),
  );

const removals = (
  mine: readonly Registration[],
  desired: ReadonlyMap<string, unknown>,
  { registry, fate }: PlanInput,
) => {
  const gone: Change[] = [];
  const missing: Change[] = [];
  for (const record of mine) {
    if (desired.has(registry.key(record))) continue;
    const { service, id, cluster } = record;
    const remove = { kind: 'remove', ref: { service, id, cluster }, before: record } as const;
    const answer = fate(record);
    if (answer.verdict === 'gone') gone.push({ ...remove, reason: answer.reason });
    if (answer.verdict === 'missing')
      missing.push({ ...remove, reason: 'ECS does not know the task any more' });
  }
  return { gone, missing };
};
