import { isOfName } from '../../derive/fit-name.ts';
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
  state: Running,
): readonly Registration[] => {
  const isUnsure = isUnsureIn(state);
  const kept = Map.groupBy(held.filter(isUnsure), ({ id }) => id);
  if (kept.size === 0) return desired;
  return desired.flatMap((record) => {
    const isLost = (name: string) => (lostOf(record, state)?.get(toKey(name))?.length ?? 0) > 0;
    const stay = (kept.get(record.id) ?? []).filter(
      ({ service }) => !isLost(service) && isSrv(service) === isSrv(record.service),
    );
    if (stay.length === 0) return [record];
    return stay.map((before) => underName(withoutVips(before, isLost), record));
  });
};

/** Whether a record bears a name, or one that is made of it, of which nothing is known. */
export const isUnsureIn =
  (state: Running) =>
  (record: Registration): boolean => {
    const lost = lostOf(record, state);
    if (!lost?.size) return false;
    return keysOf(record).some(
      (key) =>
        isNobodys(lost.get(key)) ||
        (!lost.has(key) &&
          [...lost].some(([name, owners]) => isNobodys(owners) && isOfName(key, name))),
    );
  };

type Running = Pick<ClusterState, 'running'>;

/** What the record's task asks for and others may have, if the task runs: `Derived.lost`. */
const lostOf = (record: Registration, { running }: Running) => {
  const task = namedTask(record);
  return task && running.get(task)?.lost;
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
