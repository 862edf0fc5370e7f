import { isTaskArn } from '../../model/arn.ts';
import { KEY, type Registration } from '../../model/registration.ts';
import type { Removal } from '../../plan/plan.ts';
import type { Registry } from '../../registries/registry.ts';
import type { ClusterState } from '../observe/cluster-state.ts';
import { derivationOf } from '../observe/observe.ts';
import { CONTAINER_STOPPED, hasRecord } from '../observe/task-state.ts';
import { isUnsure } from './lost-names.ts';

/**
 * Why our record of a task goes that is not desired any more. Undefined: it stays, since nothing is
 * sure.
 */
export const removalIn =
  ({ tasks, strays }: Pick<ClusterState, 'tasks' | 'strays'>, registry: Registry) =>
  (record: Registration): Removal | undefined => {
    const name = record.metadata[KEY.task] ?? '';
    const observed = isTaskArn(name) ? tasks.get(name) : undefined;
    const state = observed?.state ?? strays.get(name);
    const derivation = derivationOf(observed);
    if (state?.state === 'stopping') return { reason: state.reason };
    if (state?.state === 'expired') return { reason: state.reason, limit: 'missing' };
    if (state?.state !== 'running' || !derivation) return undefined;
    if (derivation.stoppedIds.has(record.id)) return { reason: CONTAINER_STOPPED };
    // One that is named without an instance stays: its address or binding cannot be seen just now.
    if (hasRecord(derivation, record, registry) || isUnsure(record, derivation.lost))
      return undefined;
    const lost = 'its task is not registered under this name any more';
    const nameNow = derivation.identities.find(({ id }) => id === record.id)?.service;
    return { reason: lost, limit: 'renamed', ...(nameNow !== undefined && { nameNow }) };
  };
