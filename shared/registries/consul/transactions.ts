import { type Change, type ChangeResult, refOf } from '../../model/plan.ts';
import type { Registration } from '../../model/registration.ts';
import { packed } from '../../platform/concurrency.ts';
import { failed, refused } from '../outcome.ts';
import { isProbed, toHealthCheck, toProbeCheck, toProbeCheckId } from './checks.ts';
import { type Connection, ConsulFault } from './client.ts';
import { fetchNodeChecks } from './lookup.ts';
import { type OwnNode, otherKind, toNodeName } from './names.ts';
import { writeNode } from './nodes.ts';
import { fromRecord, nodeKindOf } from './record.ts';
import type { WireCheck, WireOp } from './wire.ts';

/** What was learnt from Consul since the change was planned. */
interface Learnt {
  /** The probe as it is now. */
  readonly held?: WireCheck | undefined;
  /** The record is not where it was looked for first. */
  readonly elsewhere?: boolean;
}

/**
 * A change as operations of a transaction, which is atomic. A record that stands on the other node
 * of its cluster goes from there with the same transaction, so that it is never missing and never
 * left behind; to delete what is absent is no error in Consul.
 */
export const toOperations = (
  change: Change,
  owner: string,
  { held, elsewhere = false }: Learnt = {},
): readonly WireOp[] => {
  const own = nodeOf(change);
  const here = toNodeName(owner, own);
  const there = toNodeName(owner, { ...own, kind: otherKind(own.kind) });
  if (change.kind === 'remove') {
    const [first, second] = elsewhere ? [there, here] : [here, there];
    // Reading what is absent is an error, which tells whether there was anything to delete.
    return [toGet(first, change.ref), toDelete(first, change.ref), toDelete(second, change.ref)];
  }
  const { record } = change;
  if (change.kind === 'health') return [setCheck(toHealthCheck(here, record, change.health))];
  const probe = () => toProbeCheck(here, record, { held, before: change.before });
  return [
    { Service: { Verb: 'set', Node: here, Service: fromRecord(record) } },
    setCheck(toHealthCheck(here, record, record.health ?? 'healthy')),
    ...(isProbed(record) ? [{ Check: { Verb: 'cas', Check: probe() } } as const] : []),
    ...(mayStandElsewhere(change) ? [toDelete(there, record)] : []),
  ];
};

/**
 * A probed record may be where the version before wrote it. Any other is on one node all its life,
 * unless it was read elsewhere: no third of each transaction is spent on what is not there.
 */
const mayStandElsewhere = ({ record, before }: Extract<Change, { kind: 'upsert' }>) =>
  isProbed(record) || before?.detail['node'] !== undefined;

/** Where a record is to stand, or where it is looked for first. */
const nodeOf = (change: Change): OwnNode => {
  const record = change.kind === 'remove' ? change.before : change.record;
  return { cluster: refOf(change).cluster, kind: record ? nodeKindOf(record) : 'plain' };
};

type Named = Pick<Registration, 'id' | 'service'>;

const toGet = (node: string, { id, service }: Named): WireOp => ({
  Service: { Verb: 'get', Node: node, Service: { ID: id, Service: service } },
});

const toDelete = (node: string, { id, service }: Named): WireOp => ({
  Service: { Verb: 'delete', Node: node, Service: { ID: id, Service: service } },
});

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
): readonly (readonly Job[])[] =>
  packed(jobs, [MAX_OPERATIONS, MAX_BYTES], ({ operations }) => [
    operations.length,
    Buffer.byteLength(JSON.stringify(operations)),
  ]);

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
  const { owner } = connection;
  const nameOf = ({ change }: Job) => toNodeName(owner, nodeOf(change));
  const toMend = (remedy: Remedy) =>
    Map.groupBy(
      [...failures].filter(([job, what]) => toRemedy(job, what) === remedy).map(([job]) => job),
      nameOf,
    );
  const nodes = new Map<string, ChangeResult | undefined>();
  for (const [name, [job]] of toMend('node'))
    if (job) nodes.set(name, await writeNode(connection, { own: nodeOf(job.change) }, signal));
  const probes = new Map<string, ReadonlyMap<string, WireCheck>>();
  for (const [node, jobs] of toMend('probe')) {
    const ids = jobs.map(({ change }) => refOf(change).id);
    const checks = await fetchNodeChecks(connection.client, { node, ids }, signal);
    probes.set(node, checks.of(node));
  }

  return (job: Job): Job | ChangeResult => {
    const { change } = job;
    const what = failures.get(job) ?? '';
    const remedy = toRemedy(job, what);
    if (remedy === 'gone' || remedy === 'unchanged') return { status: remedy };
    if (remedy === 'none') return refused(explain(what, change));
    if (job.mended >= MAX_MENDED) return failed(`${what}, ${MAX_MENDED} times over`);
    const again = { ...job, mended: job.mended + 1 };
    if (remedy === 'node') return nodes.get(nameOf(job)) ?? again;
    // consul-esm has changed the probe, and its status belongs to it.
    const held = probes.get(nameOf(job))?.get(toProbeCheckId(refOf(change).id));
    const elsewhere = remedy === 'elsewhere';
    return { ...again, operations: toOperations(change, owner, { held, elsewhere }) };
  };
};

type Remedy = 'node' | 'probe' | 'elsewhere' | 'gone' | 'unchanged' | 'none';

/** By the text of the error: all of them have status 409. */
const toRemedy = ({ change, mended }: Job, what: string): Remedy => {
  if (change.kind === 'health' && /Missing (node|service) registration/.test(what)) return 'gone';
  if (change.kind === 'remove' && what.endsWith("doesn't exist"))
    return mended === 0 ? 'elsewhere' : 'unchanged';
  if (what.includes('Missing node registration')) return 'node';
  return what.includes('index is stale') ? 'probe' : 'none';
};

const explain = (what: string, change: Change) =>
  what.includes('Permission denied')
    ? `${what}; the token lacks service ${JSON.stringify(refOf(change).service)} { policy = "write" }`
    : what;
