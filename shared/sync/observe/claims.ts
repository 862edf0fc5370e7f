import type { Config } from '../../config/config.ts';
import type { NameClaims } from '../../derive/claim.ts';
import { type ClaimsOn, claimsUnder, type NameClaim } from '../../derive/claim-fault.ts';
import { fitName } from '../../derive/fit-name.ts';
import {
  hasPlainRight,
  isByService,
  type NameOwner,
  nameOwner,
  ownerText,
  plainName,
} from '../../derive/name-owner.ts';
import { namesToAsk } from '../../derive/names-to-ask.ts';
import type { Asker } from '../../derive/names-to-lose.ts';
import { type ClusterArn, isClusterArn } from '../../model/arn.ts';
import type { Task } from '../../model/task.ts';
import { withTimeout } from '../../platform/timeout.ts';
import type { Source } from '../../source/source.ts';

/** A task's owner that asks for names, and which: their keys. */
export interface Asking {
  readonly owner: NameOwner;
  readonly keys: readonly string[];
}

/** What came of asking whose a task's names are. */
export interface ClaimsRead {
  readonly input?: { readonly claims: NameClaims };
  readonly error?: unknown;
}

/** Whose the names are that these tasks ask for. `claimsMs`: the time for it. */
export const claimsFor = async (
  candidates: readonly Asker[],
  options: ClaimsOptions & { readonly claimsMs: number },
  signal: AbortSignal,
): Promise<ReadonlyMap<Task, ClaimsRead>> => {
  const { rules, claimsMs } = options;
  const asking = candidates.flatMap(({ task, definition }) => {
    const keys = namesToAsk({ task, definition }, rules);
    return keys.length > 0 ? [{ task, owner: nameOwner(task, definition), keys }] : [];
  });
  if (asking.length === 0) return new Map();
  const read = await withTimeout(claimsMs, signal, (limited) =>
    readClaims(asking, options, limited),
  ).then(
    (claims): ClaimsRead => ({ input: { claims } }),
    (error: unknown): ClaimsRead => ({ error }),
  );
  return new Map(asking.map(({ task }) => [task, read]));
};

/** Who is registered under names, or asks for them, by their keys. */
export type Holders = ReadonlyMap<string, readonly NameOwner[]>;

/** Each owner once under a key, whatever number of its tasks there are. */
export const ownersByKey = (pairs: Iterable<readonly [key: string, owner: NameOwner]>): Holders => {
  const byKey = new Map<string, Map<string, NameOwner>>();
  for (const [key, owner] of pairs) {
    const owners = byKey.get(key) ?? new Map<string, NameOwner>();
    byKey.set(key, owners.set(ownerText(owner), owner));
  }
  return new Map([...byKey].map(([key, owners]) => [key, [...owners.values()]]));
};

export interface ClaimsOptions {
  readonly source: Pick<Source, 'services' | 'serviceFacts'>;
  readonly rules: Config['rules'];
  /** Clusters whose services' names no other task may take. */
  readonly isInScope: (cluster: ClusterArn) => boolean;
  /** Absent: registries were not looked at. */
  readonly holders?: Holders | undefined;
}

/**
 * Who claims names: the ECS services to which templates give them, running or not, and under
 * `sharedNames=refuse` whoever has them or asks for them at the same time too, with the time at
 * which services were created where that decides. Rejects where ECS cannot say.
 */
export const readClaims = async (
  asking: readonly Asking[],
  options: ClaimsOptions,
  signal: AbortSignal,
): Promise<NameClaims> => {
  const { source, rules, isInScope, holders } = options;
  const { found: services, unread } = await source.services(isInScope, signal);
  const [fault] = unread.values();
  // Of no cluster, or not of all in time: that is no cluster's own fault, and passes.
  if (unread.size > 0 && (services.size === 0 || signal.aborted)) throw fault;
  const plain = isByService(rules) ? indexesOf(services, rules) : [];
  const isRefused = rules.names.shared === 'refuse';
  const askers = ownersByKey(
    isRefused ? asking.flatMap(({ owner, keys }) => keys.map((key) => [key, owner] as const)) : [],
  );
  // Records may speak of a service that is there no more.
  const isThere = ({ cluster, service }: NameOwner) =>
    service === undefined ||
    (isClusterArn(cluster) &&
      (unread.has(cluster) || services.get(cluster)?.has(service)) === true);
  const claimantsOn = (key: string): readonly Claimant[] => {
    const byOwner = new Map<string, Claimant>();
    const add = (owner: NameOwner, isPlain: boolean) => {
      const text = ownerText(owner);
      if (!byOwner.has(text) && isThere(owner)) byOwner.set(text, { owner, text, isPlain });
    };
    for (const owner of plain.flatMap((index) => index.get(key) ?? [])) add(owner, true);
    for (const owner of [...(holders?.get(key) ?? []), ...(askers.get(key) ?? [])])
      add(owner, false);
    return [...byOwner.values()];
  };
  const contested = [...askers.keys()].map(claimantsOn).filter(({ length }) => length > 1);
  const created = await readCreation(contested.flat(), source, signal);
  // Each task asks for its own names, and thousands of tasks may ask for one.
  const known = new Map<string, readonly NameClaim[]>();
  const claimsOn: ClaimsOn = (key) => {
    const claims = known.get(key) ?? claimantsOn(key).map((one) => toClaim(one, created));
    known.set(key, claims);
    return claims;
  };
  return claimsUnder(claimsOn, rules, unread);
};

interface Claimant {
  readonly owner: NameOwner;
  readonly text: string;
  readonly isPlain: boolean;
}

const toClaim = (
  { owner, text, isPlain }: Claimant,
  created: ReadonlyMap<string, number>,
): NameClaim => {
  const createdAt = created.get(text);
  const isService = owner.service !== undefined;
  return { owner: text, isService, isPlain, ...(createdAt !== undefined && { createdAt }) };
};

/** The services of a cluster by the names that its template gives them. */
type Index = ReadonlyMap<string, readonly NameOwner[]>;

/** Kept with the list, which is read anew each minute: a fleet has thousands of services. */
const indexes = new WeakMap<ReadonlySet<string>, Index>();

const indexesOf = (
  services: ReadonlyMap<ClusterArn, ReadonlySet<string>>,
  rules: Config['rules'],
): readonly Index[] =>
  [...services].map(([cluster, names]) => {
    const index = indexes.get(names) ?? toIndex(cluster, names, rules);
    indexes.set(names, index);
    return index;
  });

const toIndex = (
  cluster: ClusterArn,
  names: ReadonlySet<string>,
  rules: Config['rules'],
): Index => {
  // No family is in a name that is somebody's by right, so that nobody is asked for it.
  const all = [...names].map((service) => ({ cluster, service, family: service }));
  const owners = all.filter((owner) => hasPlainRight(owner, rules));
  return Map.groupBy(owners, (owner) => fitName(plainName(owner, rules.names)).toLowerCase());
};

/** When services were created, by their owners' texts. */
const readCreation = async (
  claimants: readonly Claimant[],
  source: ClaimsOptions['source'],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> => {
  const services = claimants.filter(({ owner }) => owner.service !== undefined);
  const byCluster = Map.groupBy(services, ({ owner }) => owner.cluster);
  const created = new Map<string, number>();
  await Promise.all(
    [...byCluster].map(async ([cluster, members]) => {
      if (!isClusterArn(cluster)) return;
      const names = [...new Set(members.flatMap(({ owner }) => owner.service ?? []))];
      const facts = await source.serviceFacts(cluster, names, signal);
      for (const { owner, text } of members) {
        const { createdAt } = facts.get(owner.service ?? '') ?? {};
        // Who was first is not known then: the name is neither lost nor had for it.
        if (createdAt === undefined) throw new Error(`ecs: no createdAt of service ${text}`);
        created.set(text, createdAt);
      }
    }),
  );
  return created;
};
