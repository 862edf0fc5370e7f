import { nameOwner, ownerText } from '../../derive/name-owner.ts';
import { type Identity, KEY, vipsOf } from '../../model/registration.ts';
import type { SharedName } from '../../model/summary.ts';
import { byText } from '../../model/text.ts';
import type { SyncContext } from '../context.ts';
import type { ClusterState } from '../observe/cluster-state.ts';
import { listedAmong, type RegistrySnapshot } from '../observe/snapshot.ts';
import { namesOf, ownerOf } from './holders.ts';

/** Owners of one name that are told. */
const MOST_OWNERS = 10;

type Context = Pick<SyncContext, 'config' | 'registries'>;

/**
 * The names that several have, as registries have them, each with its owners: services and families
 * that run in these clusters, and those on record in others and of other installations, where
 * everybody's records are listed. Neither those that `names` gives to all of them, nor any with
 * `sharedNames=allow`.
 */
export const sharedNames = (
  states: readonly ClusterState[],
  snapshots: readonly RegistrySnapshot[],
  { config, registries }: Context,
): readonly SharedName[] => {
  const { shared, pinned } = config.rules.names;
  if (shared === 'allow') return [];
  const met = new Map<string, { readonly name: string; readonly owners: Set<string> }>();
  const namesAt = inRegistries(registries);
  for (const { running } of states)
    for (const { task, definition, instances } of running.values()) {
      const owner = ownerText(nameOwner(task, definition));
      for (const { service, protocol, cluster, id, eureka } of instances) {
        const add = (key: string, name: string) => {
          const known = met.get(key) ?? { name, owners: new Set() };
          met.set(key, known);
          known.owners.add(owner);
        };
        for (const key of namesAt({ service, protocol, cluster, id })) add(key, service);
        for (const vip of vipsOf(eureka)) add(vip.toLowerCase(), vip);
      }
    }
  const seen = new Set(states.map(({ cluster }) => cluster));
  for (const [key, owner] of recordedIn(snapshots, config.owner, seen))
    met.get(key)?.owners.add(owner);
  const byName = new Map<string, SharedName>();
  for (const { name, owners } of met.values()) {
    const theirs = pinned.get(name.toLowerCase()) ?? [];
    if (owners.size < 2 || [...owners].every((owner) => theirs.includes(owner))) continue;
    byName.set(name, { name, owners: [...owners].sort(byText).slice(0, MOST_OWNERS) });
  }
  return [...byName.values()].sort((a, b) => byText(a.name, b.name));
};

/** The names of an identity in any registry, in lower case, which none tells apart. */
const inRegistries = (registries: Context['registries']) => {
  const known = new Map<string, readonly string[]>();
  return (identity: Identity): readonly string[] => {
    const key = `${identity.service} ${identity.protocol}`;
    const names =
      known.get(key) ??
      registries.flatMap((one) => one.refs(identity).map(({ service }) => service.toLowerCase()));
    known.set(key, names);
    return names;
  };
};

/**
 * Names on record, each with its owner: of other installations, and of clusters of which no more is
 * known just now.
 */
const recordedIn = (
  snapshots: readonly RegistrySnapshot[],
  own: string,
  seen: ReadonlySet<string>,
) =>
  listedAmong(snapshots).flatMap(({ listing }) =>
    listing.records.flatMap((record) => {
      const { [KEY.owner]: installation, [KEY.cluster]: cluster = '' } = record.metadata;
      const isOurs = installation === own;
      if (installation === undefined || (isOurs && seen.has(cluster))) return [];
      const owner = ownerText(ownerOf(record));
      const text = isOurs ? owner : `${owner} of ${installation}`;
      return namesOf(record).map((name) => [name.toLowerCase(), text] as const);
    }),
  );
