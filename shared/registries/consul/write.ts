import type { Change, Outcome } from '../../model/plan.ts';
import { NoAnswer } from '../../platform/http/client.ts';
import { toBatches } from './batches.ts';
import { ConsulFault } from './client.ts';
import { clusterOf, idOf, toOperations } from './operations.ts';
import { toOutcome, toVerdict, type Verdict } from './outcomes.ts';
import { commit, type Job, type Tools } from './transaction.ts';

/** One write call per batch and no read before it. Batches go one after another, so changes of one record keep their order. */
export const applyChanges = async (changes: readonly Change[], tools: Tools): Promise<readonly Outcome[]> => {
  const verdicts = new Map<number, Verdict>();
  const jobs: Job[] = [];
  for (const [at, change] of changes.entries()) {
    const operations = toOperations(change, tools);
    if (idOf(change) === '' || clusterOf(change) === '')
      verdicts.set(at, { status: 'refused', reason: 'expected an id and a cluster, came an empty one' });
    else if (operations.length === 0) verdicts.set(at, { status: 'unchanged' });
    else jobs.push({ at, change, operations, mended: 0 });
  }
  let down: Verdict | undefined;
  for (const batch of toBatches(jobs)) {
    if (tools.signal.aborted) down = toVerdict(tools.signal.reason);
    // No address answered: the other batches would only spend the caller's time.
    const result = down ? alike(batch, down) : await commitOrSplit(batch, tools);
    for (const [at, verdict] of result.verdicts) verdicts.set(at, verdict);
    down ??= result.down;
  }
  return changes.map((change, at) =>
    toOutcome(change, verdicts.get(at) ?? { status: 'retry', reason: 'no verdict' }),
  );
};

interface Result {
  readonly verdicts: ReadonlyMap<number, Verdict>;
  /** Set where Consul did not answer at all. */
  readonly down?: Verdict;
}

const alike = (batch: readonly Job[], verdict: Verdict): Result => ({
  verdicts: new Map(batch.map(({ at }) => [at, verdict])),
});

/** A body that Consul cannot decode is refused whole, and no operation is named: halves find the one to blame. */
const commitOrSplit = async (batch: readonly Job[], tools: Tools): Promise<Result> => {
  try {
    return { verdicts: await commit(batch, tools) };
  } catch (error) {
    const whole = error instanceof ConsulFault && (error.status === 400 || error.status === 413);
    const verdict = toVerdict(error);
    if (!whole || batch.length === 1)
      return { ...alike(batch, verdict), ...(error instanceof NoAnswer && { down: verdict }) };
    const middle = Math.ceil(batch.length / 2);
    const first = await commitOrSplit(batch.slice(0, middle), tools);
    const second = await commitOrSplit(batch.slice(middle), tools);
    const down = first.down ?? second.down;
    return { verdicts: new Map([...first.verdicts, ...second.verdicts]), ...(down && { down }) };
  }
};
