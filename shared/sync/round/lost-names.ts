import type { Derived } from '../../derive/derived.ts';
import { isOfName } from '../../derive/fit-name.ts';
import { type Registration, VIPS, vipsIn } from '../../model/registration.ts';
import { namedTask, underName } from '../../plan/plan.ts';
import type { ClusterState } from '../observe/cluster-state.ts';
import type { Derivation } from '../observe/task-request.ts';
import { isSrv, keysOf, toKey } from './holders.ts';

type Running = Pick<ClusterState, 'running'>;

/** What a record's task derives, if it runs. */
export const derivationIn = (
  { running }: Running,
  record: Pick<Registration, 'metadata'>,
): Derivation | undefined => {
  const task = namedTask(record);
  return task && running.get(task);
};

/**
 * Whose a name is that a task has lost, or those of which it is made, as further ports' are: for
 * each of them its owners. None of them: it is nobody else's. No owners: that is not known.
 */
export const claimsIn = (lost: Derived['lost'], key: string): readonly (readonly string[])[] => {
  const owners = lost.get(key);
  if (owners) return [owners];
  return [...lost].flatMap(([name, theirs]) => (isOfName(key, name) ? [theirs] : []));
};

/** Whether a record bears a name, or one that is made of it, of which nothing is known. */
export const isUnsure = (record: Registration, lost: Derived['lost']): boolean =>
  lost.size > 0 &&
  keysOf(record).some((key) => claimsIn(lost, key).some(({ length }) => length === 0));

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
  const lostOf = (record: Registration) => derivationIn(state, record)?.lost ?? NONE;
  const kept = Map.groupBy(
    held.filter((record) => isUnsure(record, lostOf(record))),
    ({ id }) => id,
  );
  if (kept.size === 0) return desired;
  return desired.flatMap((record) => {
    const isLost = (name: string) => (lostOf(record).get(toKey(name))?.length ?? 0) > 0;
    const stay = (kept.get(record.id) ?? []).filter(
      ({ service }) => !isLost(service) && isSrv(service) === isSrv(record.service),
    );
    if (stay.length === 0) return [record];
    return stay.map((before) => underName(withoutVips(before, isLost), record));
  });
};

const NONE: Derived['lost'] = new Map();

const withoutVips = (before: Registration, isLost: (name: string) => boolean): Registration => {
  const detail = { ...before.detail };
  for (const key of VIPS) {
    const vips = vipsIn(detail[key] ?? '').filter((vip) => !isLost(vip));
    if (vips.length > 0) detail[key] = vips.join(',');
    else delete detail[key];
  }
  return { ...before, detail };
};
