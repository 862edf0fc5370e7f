import { type Change, type ChangeResult, refOf } from '../../model/plan.ts';
import { failed, refused } from '../outcome.ts';
import { isProbed, toCheckId, toHealthCheck, toProbedCheck } from './checks.ts';
import { type Connection, ConsulFault } from './client.ts';
import { toNodeName } from './names.ts';
import { fetchNodeChecks, writeNode } from './nodes.ts';
import { fromRecord } from './record.ts';
import type { WireCheck, WireOp } from './wire.ts';

/**
 * A change as operations of a transaction; none for the health of a check that consul-esm decides.
 * `held`: the check as it is now, whose status belongs to consul-esm and is kept.
 */
export const toOperations = (
  change: Change,
  owner: string,
  held?: WireCheck,
): readonly WireOp[] => {
  const node = toNodeName(owner, refOf(change).cluster);
  if (change.kind === 'remove') {
    const named = { Node: node, Service: { ID: change.ref.id, Service: change.ref.service } };
    // Deleting what is absent is no error in Consul; reading it in the same transaction is.
    return [{ Service: { Verb: 'get', ...named } }, { Service: { Verb: 'delete', ...named } }];
  }
  const { record } = change;
  if (change.kind === 'health')
    return isProbed(record) ? [] : [setCheck(toHealthCheck(node, record, change.health))];
  return [
    { Service: { Verb: 'set', Node: node, Service: fromRecord(record) } },
    isProbed(record)
      ? { Check: { Verb: 'cas', Check: toProbedCheck(node, record, held) } }
      : setCheck(toHealthCheck(node, record, record.health ?? 'healthy')),
  ];
};

const setCheck = (check: WireCheck): WireOp => ({ Check: { Verb: 'set', Check: check } });

/**
 * Consul's limits of one transaction: 64 operations, 524,288 bytes; some room is left for
 * namespaces.
 */
const MAX_OPERATIONS = 64;
const MAX_BYTES = 480_000;

/**
 * Keeps the order. A job that is larger than the limits is a batch of its own, which Consul
 * refuses.
 */
export const toBatches = <Job extends { readonly operations: readonly WireOp[] }>(
  jobs: readonly Job[],
): readonly (readonly Job[])[] => {
  const batches: Job[][] = [];
  let operations = 0;
  let bytes = 0;
  for (const job of jobs) {
    const size = Buffer.byteLength(JSON.stringify(job.operations));
    operations += job.operations.length;
    bytes += size;
    const last = batches.at(-1);
    if (last && operations <= MAX_OPERATIONS && bytes <= MAX_BYTES) {
      last.push(job);
    } else {
      batches.push([job]);
      operations = job.operations.length;
      bytes = size;
    }
  }
  return batches;
};

/** One change on its way. */
export interface Job {
  /** Its place among the changes. */
  readonly at: number;
  readonly change: Change;
  readonly operations: readonly WireOp[];
  /** How often it was sent again after its cause of failure was removed. */
  readonly mended: number;
}

const MAX_MENDED = 3;

/**
 * Writes a batch in one transaction. It is atomic: what Consul refuses is taken out and the rest is
 * sent again; a missing node is created first. One result for each job, by its index. Rejects where
 * a whole request failed.
 */
export const commit = async (
  connection: Connection,
  batch: readonly Job[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, ChangeResult>> => {
  const results = new Map<number, ChangeResult>();
  let left = batch;
  while (left.length > 0) {
    const failures = await send(connection, left, signal);
    if (failures.size === 0) {
      for (const { at } of left) results.set(at, { status: 'done' });
      break;
    }
    const mend = await prepare(connection, failures, signal);
    const next: Job[] = [];
    for (const job of left) {
      const after = failures.has(job) ? mend(job) : job;
      if ('status' in after) results.set(job.at, after);
      else next.push(after);
    }
    left = next;
  }
  return results;
};

/** Consul's error for each job that it refuses. Nothing was written if there is any. */
const send = async (
  { client }: Connection,
  jobs: readonly Job[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Job, string>> => {
  const sent = jobs.flatMap((job) => job.operations.map((operation) => ({ job, operation })));
  const errors = await client.transact(
    sent.map(({ operation }) => operation),
    signal,
  );
  // Of one job's errors the first is the cause: a check fails because its service did.
  return new Map(
    errors.toReversed().map(({ OpIndex, What }) => {
      const job = sent[OpIndex]?.job;
      if (!job)
        throw new ConsulFault('retry', 409, `409 for no operation of ours (${OpIndex}): ${What}`);
      return [job, What];
    }),
  );
};

/**
 * Removes the causes of failures, each once, and gives a function that says how a failed job goes
 * on.
 */
const prepare = async (
  connection: Connection,
  failures: ReadonlyMap<Job, string>,
  signal: AbortSignal,
) => {
  const refusals = [...failures].map(([job, what]) => ({ job, what, remedy: toRemedy(job, what) }));
  const toMend = (remedy: Remedy) =>
    Map.groupBy(
      refusals.filter((one) => one.remedy === remedy).map(({ job }) => job),
      ({ change }) => refOf(change).cluster,
    );
  const nodes = new Map<string, ChangeResult | undefined>();
  for (const cluster of toMend('node').keys())
    nodes.set(cluster, await writeNode(connection, { cluster }, signal));
  const checks = new Map<string, ReadonlyMap<string, WireCheck>>();
  for (const [cluster, jobs] of toMend('check'))
    checks.set(cluster, await fetchHeld(connection, { cluster, jobs }, signal));

  return (job: Job): Job | ChangeResult => {
    const { change } = job;
    const what = failures.get(job) ?? '';
    const remedy = toRemedy(job, what);
    if (remedy === 'gone' || remedy === 'unchanged') return { status: remedy };
    if (remedy === 'none') return refused(explain(what, change));
    if (job.mended >= MAX_MENDED) return failed(`${what}, ${MAX_MENDED} times over`);
    const again = { ...job, mended: job.mended + 1 };
    if (remedy === 'node') return nodes.get(refOf(change).cluster) ?? again;
    const held = checks.get(refOf(change).cluster)?.get(toCheckId(refOf(change).id));
    return { ...again, operations: toOperations(change, connection.owner, held) };
  };
};

type Remedy = 'node' | 'check' | 'gone' | 'unchanged' | 'none';

/** By the text of the error: all of them have status 409. */
const toRemedy = ({ change }: Job, what: string): Remedy => {
  if (change.kind === 'health' && /Missing (node|service) registration/.test(what)) return 'gone';
  if (change.kind === 'remove' && what.endsWith("doesn't exist")) return 'unchanged';
  if (what.includes('Missing node registration')) return 'node';
  return what.includes('index is stale') ? 'check' : 'none';
};

const explain = (what: string, change: Change) =>
  what.includes('Permission denied')
    ? `${what}; the token lacks service ${JSON.stringify(refOf(change).service)} { policy = "write" }`
    : what;

/** The checks as they are now: consul-esm has changed them, and their status belongs to it. */
const fetchHeld = async (
  { client, owner }: Connection,
  { cluster, jobs }: { readonly cluster: string; readonly jobs: readonly Job[] },
  signal: AbortSignal,
) => {
  const node = toNodeName(owner, cluster);
  const checks = await fetchNodeChecks(
    client,
    { node, ids: jobs.map(({ change }) => refOf(change).id) },
    signal,
  );
  return checks.of(node);
};
