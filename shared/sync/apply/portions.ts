import type { RegistryName } from '../../model/registration.ts';
import { chunks } from '../../platform/concurrency.ts';
import type { RunningTask, TaskDecision } from '../observe/decide.ts';
import { LOOKS } from '../requeue/requeue.ts';

/** One batch's decisions at one registry. */
interface Batch {
  readonly fetched: readonly RunningTask[];
  readonly unread: readonly TaskDecision[];
}

/**
 * What is read and written one after the other where tasks have so many records that reading alone
 * takes a batch's time: at most `size` records each, so that what was read is written. Each look
 * begins with others. What is written unread goes with the first.
 */
export const inPortions = (
  { fetched, unread }: Batch,
  registry: RegistryName,
  size: number,
): readonly (readonly TaskDecision[])[] => {
  const portions: TaskDecision[][] = [];
  let records = 0;
  for (const part of fetched.flatMap((decision) => split(decision, size))) {
    const last = portions.at(-1);
    records += part.identities.length;
    if (last && records <= size) last.push(part);
    else {
      portions.push([part]);
      records = part.identities.length;
    }
  }
  const looks = [...fetched, ...unread].map(
    ({ trigger }) => trigger.targets.get(registry)?.look ?? 0,
  );
  const look = Math.max(0, ...looks);
  const first = Math.floor((portions.length * (look % LOOKS)) / LOOKS);
  const [one = [], ...rest] = [...portions.slice(first), ...portions.slice(0, first)];
  return [[...unread, ...one], ...rest];
};

const split = (decision: RunningTask, size: number): readonly RunningTask[] => {
  const { derivation } = decision;
  return chunks(decision.identities, size).map((identities) => {
    const ids = new Set(identities.map(({ id }) => id));
    const instances = derivation.instances.filter(({ id }) => ids.has(id));
    return { ...decision, identities, derivation: { ...derivation, identities, instances } };
  });
};
