import type { Change } from '../../model/plan.ts';
import { isProbed, toHealthCheck, toProbedCheck } from './check.ts';
import { toNodeName } from './names.ts';
import { toWireService } from './record.ts';
import type { WireCheck, WireOp } from './wire.ts';

const placeOf = (change: Change) => (change.kind === 'remove' ? change.ref : change.record);
export const serviceOf = (change: Change) => placeOf(change).service;
export const clusterOf = (change: Change) => placeOf(change).cluster;
export const idOf = (change: Change) => placeOf(change).id;

/** Where and with what a change is written. `held`: the check there now, read because it is consul-esm's to keep. */
export interface Place {
  readonly owner: string;
  readonly held?: WireCheck;
}

/** What a change is in Consul's terms; nothing where there is nothing to say (the health of a check that is not ours). */
export const toOperations = (change: Change, { owner, held }: Place): readonly WireOp[] => {
  const node = toNodeName(owner, clusterOf(change));
  if (change.kind === 'remove') {
    const named = { Node: node, Service: { ID: change.ref.id, Service: change.ref.service } };
    // Consul deletes what is absent without a word: reading it in the same transaction is what tells.
    return [{ Service: { Verb: 'get', ...named } }, { Service: { Verb: 'delete', ...named } }];
  }
  const { record } = change;
  if (change.kind === 'health')
    return isProbed(record) ? [] : [setCheck(toHealthCheck(node, record, change.health))];
  return [
    { Service: { Verb: 'set', Node: node, Service: toWireService(record) } },
    isProbed(record)
      ? { Check: { Verb: 'cas', Check: toProbedCheck(node, record, held) } }
      : setCheck(toHealthCheck(node, record, record.health ?? 'healthy')),
  ];
};

const setCheck = (check: WireCheck): WireOp => ({ Check: { Verb: 'set', Check: check } });
