import { type Change, type Plan, refOf } from '../../../shared/model/plan.ts';
import { KEY, NAMING, type Ref, type Registration } from '../../../shared/model/registration.ts';
import { NOTHING_REMOVED, type Removed } from '../../../shared/plan/limit.ts';
import {
  type Listed,
  type PlanInput,
  planChanges,
  type Removal,
} from '../../../shared/plan/plan.ts';

export const OWNER = 'rollcall-prod:111122223333:eu-west-1';
export const CLUSTER = 'arn:aws:ecs:eu-west-1:111122223333:cluster/shop';

export const keyOf = ({ service, id }: Pick<Ref, 'service' | 'id'>) => `${service}/${id}`;

/**
 * A healthy record of our owner and cluster, `web/a` on 10.0.0.1:8080 of the task `a`, unless a
 * test says otherwise.
 */
export const record = (
  more: Partial<Registration> & { readonly owner?: string | undefined } = {},
): Registration => {
  const { owner = OWNER, ...rest } = more;
  const id = more.id ?? 'a';
  const cluster = more.cluster ?? CLUSTER;
  return {
    id,
    service: 'web',
    cluster,
    address: '10.0.0.1',
    port: 8080,
    protocol: 'tcp',
    health: 'healthy',
    tags: [],
    detail: {},
    ...rest,
    metadata: {
      [KEY.owner]: owner,
      [KEY.cluster]: cluster,
      [KEY.task]: `task/${id}`,
      [KEY.naming]: String(NAMING),
      ...more.metadata,
    },
  };
};

export const records = (count: number, prefix = 'r') =>
  Array.from({ length: count }, (_, at) =>
    record({ id: `${prefix}${String(at).padStart(3, '0')}` }),
  );

export const MISSING: Removal = { limit: 'missing', reason: 'ECS does not know the task any more' };
export const RENAMED: Removal = { limit: 'renamed', reason: 'another name' };
export const KEEP = undefined;
export const GONE: Removal = { reason: 'task is stopping' };

export interface Given {
  readonly desired?: readonly Registration[];
  readonly held?: readonly Registration[];
  readonly policy?: PlanInput['config']['policy'];
  readonly deleteLimit?: number;
  readonly owner?: string;
  readonly unknown?: string;
  readonly waitsForHealth?: boolean;
  readonly removalOf?: Listed['removalOf'];
  readonly byRight?: NonNullable<PlanInput['byRight']>;
  /** What went within the last hour; null: not known. */
  readonly removed?: Partial<Removed> | null;
  readonly key?: PlanInput['registry']['key'];
}

/**
 * The plan of one cluster at a registry whose key is service and id; whatever is not desired is
 * missing.
 */
export const planOf = ({ desired = [], held = [], ...given }: Given): Plan =>
  planChanges({
    registry: {
      name: 'consul',
      key: given.key ?? keyOf,
      waitsForHealth: given.waitsForHealth ?? false,
    },
    cluster: CLUSTER,
    config: {
      owner: given.owner ?? OWNER,
      policy: given.policy ?? 'sync',
      deleteLimit: given.deleteLimit ?? 50,
    },
    desired,
    ...(given.byRight && { byRight: given.byRight }),
    actual: {
      kind: 'listed',
      records: held,
      removed: given.removed === null ? undefined : { ...NOTHING_REMOVED, ...given.removed },
      removalOf: given.removalOf ?? (() => MISSING),
      ...(given.unknown !== undefined && { unknown: given.unknown }),
    },
  });

/** `upsert web/a`, for short expectations. */
export const told = (changes: readonly Change[]) =>
  changes.map((change) => `${change.kind} ${keyOf(refOf(change))}`);

/** What a registry holds after these changes. */
export const applied = (
  changes: readonly Change[],
  held: readonly Registration[],
): Registration[] => {
  const after = new Map(held.map((one) => [keyOf(one), one]));
  for (const change of changes) {
    const key = keyOf(refOf(change));
    if (change.kind === 'remove') after.delete(key);
    else if (change.kind === 'upsert') after.set(key, change.record);
    else {
      const before = after.get(key);
      if (before) after.set(key, { ...before, health: change.health });
    }
  }
  return [...after.values()];
};
