import type { RegistryName } from '../../model/registration.ts';
import { chunks } from '../../platform/concurrency.ts';
import type { TaskDecision } from '../observe/decide.ts';
import { LOOKS } from '../trigger/looks.ts';

/**
 * What is read and written one after the other where tasks have so many records that reading alone
 * takes a batch's time: at most `size` records each, so that what was read is written. Each look
 * begins with others. What is written unread, and what goes, goes with the first.
 */
export const inPortions = (
  decisions: readonly TaskDecision[],
  registry: RegistryName,
  size: number,
): readonly (readonly TaskDecision[])[] => {
  const portions: TaskDecision[][] = [];
  let records = 0;
  for (const part of decisions.flatMap((decision) => split(decision, size))) {
    const last = portions.at(-1);
    const { length } = part.derivation.instances;
    records += length;
    if (last && records <= size) last.push(part);
    else {
      portions.push([part]);
      records = length;
    }
  }
  const looks = decisions.map(({ trigger }) => trigger.targets.get(registry)?.look ?? 0);
  const look = Math.max(0, ...looks);
  const first = Math.floor((portions.length * (look % LOOKS)) / LOOKS);
  const [one = [], ...rest] = [...portions.slice(first), ...portions.slice(0, first)];
  return [[...decisions.map(withoutReads), ...one], ...rest];
};

const split = (decision: TaskDecision, size: number) => {
  if (decision.action !== 'register' || decision.actual === 'unread') return [];
  const { derivation } = decision;
  return chunks(derivation.instances, size).map((instances) => ({
    ...decision,
    gone: [],
    derivation: { ...derivation, instances },
  }));
};

const withoutReads = (decision: TaskDecision): TaskDecision => {
  if (decision.action !== 'register' || decision.actual === 'unread') return decision;
  const { trigger, gone, reason } = decision;
  return { action: 'remove', trigger, gone, reason };
};
