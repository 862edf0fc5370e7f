import type { Change, ChangeResult } from '../../model/plan.ts';
import { failed, refused } from '../outcome.ts';
import { toCheckId } from './check.ts';
import { type ConsulClient, ConsulFault } from './client.ts';
import { toNodeName } from './names.ts';
import { writeNode } from './nodes.ts';
import { clusterOf, idOf, serviceOf, toOperations } from './operations.ts';
import { readNodeChecks } from './services.ts';
import type { WireCheck, WireOp } from './wire.ts';

/** One change on its way. */
export interface Job {
  /** Its place among the changes. */
  readonly at: number;
  readonly change: Change;
  readonly operations: readonly WireOp[];
  /** How often something was put right for it and it was sent again. */
  readonly mended: number;
}

export interface Tools {
  readonly client: ConsulClient;
  readonly owner: string;
  readonly signal: AbortSignal;
}

const MAX_MENDED = 3;

/**
 * Writes a batch in one transaction. It is atomic, so what Consul refuses is taken out and the rest is sent again;
 * a missing node is created. One result for each job, by its place. Rejects where a whole request failed.
 */
export const commit = async (
  batch: readonly Job[],
  tools: Tools,
): Promise<ReadonlyMap<number, ChangeResult>> => {
  const results = new Map<number, ChangeResult>();
  let left = batch;
  while (left.length > 0) {
    const failures = await send(left, tools);
    if (failures.size === 0) {
      for (const { at } of left) results.set(at, { status: 'done' });
      break;
    }
    const mend = await prepare(failures, tools);
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

/** What Consul says against each job; nothing was written if it says anything at all. */
const send = async (jobs: readonly Job[], { client, signal }: Tools): Promise<ReadonlyMap<Job, string>> => {
  const sent = jobs.flatMap((job) => job.operations.map((operation) => ({ job, operation })));
  const errors = await client.transact(
    sent.map(({ operation }) => operation),
    signal,
  );
  // Of one job's errors the first is the cause: a check fails because its service did.
  return new Map(
    errors.toReversed().map(({ OpIndex, What }) => {
      const job = sent[OpIndex]?.job;
      if (!job) throw new ConsulFault('retry', 409, `409 for no operation of ours (${OpIndex}): ${What}`);
      return [job, What];
    }),
  );
};

/** Does what can be done about the failures, each thing once, and gives what becomes of a failed job then. */
const prepare = async (failures: ReadonlyMap<Job, string>, tools: Tools) => {
  const refusals = [...failures].map(([job, what]) => ({ job, what, remedy: toRemedy(job, what) }));
  const toMend = (remedy: Remedy) =>
    Map.groupBy(
      refusals.filter((one) => one.remedy === remedy).map(({ job }) => job),
      ({ change }) => clusterOf(change),
    );
  const nodes = new Map<string, ChangeResult | undefined>();
  for (const cluster of toMend('node').keys()) nodes.set(cluster, await writeNode({ ...tools, cluster }));
  const checks = new Map<string, ReadonlyMap<string, WireCheck>>();
  for (const [cluster, jobs] of toMend('check')) checks.set(cluster, await readHeld(cluster, jobs, tools));

  return (job: Job): Job | ChangeResult => {
    const { change } = job;
    const what = failures.get(job) ?? '';
    const remedy = toRemedy(job, what);
    if (remedy === 'gone' || remedy === 'unchanged') return { status: remedy };
    if (remedy === 'none') return refused(explain(what, change));
    if (job.mended >= MAX_MENDED) return failed(`${what}, ${MAX_MENDED} times over`);
    const again = { ...job, mended: job.mended + 1 };
    if (remedy === 'node') return nodes.get(clusterOf(change)) ?? again;
    const held = checks.get(clusterOf(change))?.get(toCheckId(idOf(change)));
    return { ...again, operations: toOperations(change, { owner: tools.owner, ...(held && { held }) }) };
  };
};

type Remedy = 'node' | 'check' | 'gone' | 'unchanged' | 'none';

/** By Consul's texts, the only thing that tells its 409s apart. */
const toRemedy = ({ change }: Job, what: string): Remedy => {
  if (change.kind === 'health' && /Missing (node|service) registration/.test(what)) return 'gone';
  if (change.kind === 'remove' && what.endsWith("doesn't exist")) return 'unchanged';
  if (what.includes('Missing node registration')) return 'node';
  return what.includes('index is stale') ? 'check' : 'none';
};

const explain = (what: string, change: Change) =>
  what.includes('Permission denied')
    ? `${what}; the token lacks service ${JSON.stringify(serviceOf(change))} { policy = "write" }`
    : what;

/** The checks as they stand: consul-esm has written them since, and their status is its own. */
const readHeld = async (cluster: string, jobs: readonly Job[], { client, owner, signal }: Tools) => {
  const node = toNodeName(owner, cluster);
  const checks = await readNodeChecks(client, { node, ids: jobs.map(({ change }) => idOf(change)) }, signal);
  return checks.of(node);
};
