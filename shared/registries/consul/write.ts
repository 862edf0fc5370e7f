import { type Change, type ChangeResult, type Outcome, refOf } from '../../model/plan.ts';
import { NoAnswer } from '../../platform/http/client.ts';
import { failed, refused, toOutcome } from '../outcome.ts';
import { type Connection, ConsulFault, toResult } from './client.ts';
import { commit, type Job, toBatches, toOperations } from './transactions.ts';

/**
 * One write call per batch and no read before it. Batches go one after another, so changes of one
 * record keep their order.
 */
export const apply = async (
  connection: Connection,
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> => {
  const results = new Map<number, ChangeResult>();
  const jobs: Job[] = [];
  for (const [at, change] of changes.entries()) {
    const { id, cluster } = refOf(change);
    const operations = toOperations(change, connection.owner);
    if (id === '' || cluster === '')
      results.set(at, refused('expected an id and a cluster, got an empty value'));
    else jobs.push({ at, change, operations, mended: 0 });
  }
  let down: ChangeResult | undefined;
  for (const batch of toBatches(jobs)) {
    if (signal.aborted) down = toResult(signal.reason);
    // No address has answered: the other batches would only take the caller's time.
    const committed = down ? alike(batch, down) : await commitOrSplit(connection, batch, signal);
    for (const [at, result] of committed.results) results.set(at, result);
    down ??= committed.down;
  }
  return changes.map((change, at) =>
    toOutcome(change, results.get(at) ?? failed('no result'), { registry: 'consul' }),
  );
};

interface Committed {
  readonly results: ReadonlyMap<number, ChangeResult>;
  /** Set where Consul did not answer at all. */
  readonly down?: ChangeResult;
}

const alike = (batch: readonly Job[], result: ChangeResult): Committed => ({
  results: new Map(batch.map(({ at }) => [at, result])),
});

/**
 * Consul refuses a body that it cannot decode as a whole, without naming an operation. Halves are
 * sent until the bad one is found.
 */
const commitOrSplit = async (
  connection: Connection,
  batch: readonly Job[],
  signal: AbortSignal,
): Promise<Committed> => {
  try {
    return { results: await commit(connection, batch, signal) };
  } catch (error) {
    const whole = error instanceof ConsulFault && (error.status === 400 || error.status === 413);
    const result = toResult(error);
    if (!whole || batch.length === 1)
      return { ...alike(batch, result), ...(error instanceof NoAnswer && { down: result }) };
    const middle = Math.ceil(batch.length / 2);
    const first = await commitOrSplit(connection, batch.slice(0, middle), signal);
    const second = await commitOrSplit(connection, batch.slice(middle), signal);
    const down = first.down ?? second.down;
    return { results: new Map([...first.results, ...second.results]), ...(down && { down }) };
  }
};
