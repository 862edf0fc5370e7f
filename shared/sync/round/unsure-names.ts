import { type Registration, VIPS, vipsIn } from '../../model/registration.ts';
import { namedTask, underName } from '../../plan/plan.ts';
import type { ClusterState } from '../observe/cluster-state.ts';
import { isSrv, keysOf, toKey } from './holders.ts';

/**
 * What is desired, with the names that stay while nobody can say whose they are: a record that
 * bears one keeps it, in place of the name that its port has otherwise, and is kept true. Names
 * that are known to be others' stay with nobody for that.
 */
export const withUnsureNames = (
  desired: readonly Registration[],
  held: readonly Registration[],
  { running }: Pick<ClusterState, 'running'>,
): readonly Registration[] => {
  const lostOf = (record: Registration) => {
    const task = namedTask(record);
    return task && running.get(task)?.lost;
  };
  const isUnsure = isUnsureIn({ running });
  const kept = Map.groupBy(held.filter(isUnsure), ({ id }) => id);
  if (kept.size === 0) return desired;
  return desired.flatMap((record) => {
    const isLost = (name: string) => (lostOf(record)?.get(toKey(name))?.length ?? 0) > 0;
    const stay = (kept.get(record.id) ?? []).filter(
      ({ service }) => !isLost(service) && isSrv(service) === isSrv(record.service),
    );
    if (stay.length === 0) return [record];
    return stay.map((before) => underName(withoutVips(before, isLost), record));
  });
};

/** Whether a record bears a name, or one that is made of it, of which nothing is known. */
export const isUnsureIn =
  ({ running }: Pick<ClusterState, 'running'>) =>
  (record: Registration): boolean => {
    const task = namedTask(record);
    const lost = task && running.get(task)?.lost;
    if (!lost?.size) return false;
    return keysOf(record).some(
      (key) =>
        isNobodys(lost.get(key)) ||
        (!lost.has(key) &&
          [...lost].some(([name, owners]) => isNobodys(owners) && key.startsWith(`${name}-`))),
    );
  };

const isNobodys = (owners: readonly string[] | undefined) => owners?.length === 0;

const withoutVips = (before: Registration, isLost: (name: string) => boolean): Registration => {
  const detail = { ...before.detail };
  for (const key of VIPS) {
    const vips = vipsIn(detail[key] ?? '').filter((vip) => !isLost(vip));
    if (vips.length > 0) detail[key] = vips.join(',');
    else delete detail[key];
  }
  return { ...before, detail };
};
