import { nameKey } from '../../derive/fit-name.ts';
import { ownerText } from '../../derive/name-owner.ts';
import type { Change } from '../../model/plan.ts';
import type { Registration } from '../../model/registration.ts';
import type { Loss } from '../../plan/by-right.ts';
import { namedTask } from '../../plan/plan.ts';
import type { ClusterState } from '../observe/cluster-state.ts';
import { derivationOf } from '../observe/observe.ts';
import type { ListedRegistry } from '../observe/snapshot.ts';
import { namesOf, ownerOf } from './holders.ts';

/**
 * What a change takes at a registry of the names that a task of the cluster still asks for and
 * others have a better right to. What these serve goes before what they do not.
 */
export const lossAt =
  ({ ours }: Records, { tasks }: Pick<ClusterState, 'tasks'>) =>
  (change: Change): Loss | undefined => {
    const { before } = change;
    const task = before && namedTask(before);
    const lost = task && derivationOf(tasks.get(task))?.lost;
    if (!before || !lost?.size) return undefined;
    const kept = new Set(change.kind === 'remove' ? [] : keysOf(change.record));
    const keys = keysOf(before).filter((key) => !kept.has(key));
    const served = servedIn(ours);
    const losses = [...lost]
      .filter(([name, owners]) => owners.length > 0 && keys.some((key) => isOf(key, name)))
      .map(([name, owners]) => ({
        owners: owners.join(' and '),
        isServed: owners.some((one) => served.get(one)?.some((own) => isOf(name, own)) === true),
      }));
    return losses.find(({ isServed }) => isServed) ?? losses[0];
  };

type Records = Pick<ListedRegistry, 'ours'>;

/** The names under which owners are registered and healthy, by the owners' texts. */
const servedIn = (ours: Records['ours']): ReadonlyMap<string, readonly string[]> => {
  const known = servedBy.get(ours);
  if (known) return known;
  const records = [...ours.values()].flat();
  const healthy = records.filter(({ health = 'healthy' }) => health === 'healthy');
  const byOwner = Map.groupBy(healthy, (record) => ownerText(ownerOf(record)));
  const names = [...byOwner].map(([owner, all]) => [owner, unique(all.flatMap(keysOf))] as const);
  const made = new Map(names);
  servedBy.set(ours, made);
  return made;
};

/** Kept with the list, which all clusters of a round share. */
const servedBy = new WeakMap<Records['ours'], ReadonlyMap<string, readonly string[]>>();

const unique = (keys: readonly string[]) => [...new Set(keys)];

/** A name, or one that is made of it. */
const isOf = (key: string, name: string) => key === name || key.startsWith(`${name}-`);

/** Of both kinds of DNS records that Cloud Map has. */
const keysOf = (record: Registration): readonly string[] =>
  namesOf(record).map((name) => nameKey(name.replace(/^_(.+)\._(?:tcp|udp)$/i, '$1')));
