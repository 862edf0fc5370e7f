import { KEY, type Ref, type Registration } from '../../model/registration.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import type { Listing } from '../registry.ts';
import type { Connection, ConsulClient } from './client.ts';
import { fetchChecks, fetchNodeChecks, fetchNodeServices, fetchNodes, idFilter } from './lookup.ts';
import { keyOf, nodesOf, type OwnNode, toNodeName } from './names.ts';
import { bearsMark, flawOfCluster, isForeign, isSound, ownedBy, toOwnNode } from './nodes.ts';
import { toRecord, unite } from './record.ts';
import type { WireNode } from './wire.ts';

const CONCURRENCY = 8;

const INVISIBLE =
  'no node of ours is visible: nothing was registered yet, or the token lacks node_prefix "rollcall-" { policy = "read" }';
const FILTERED =
  'Consul left out what the token may not read: it needs read on node_prefix "rollcall-" and on service_prefix ""';

/**
 * Everything on our nodes, in two calls and one per node. An empty answer may come of a missing
 * right, so it is `unknown`. A node that has lost our mark is ours by its name and by its records.
 */
export const list = async (
  { client, owner }: Connection,
  signal: AbortSignal,
): Promise<Listing> => {
  const nodes = await fetchNodes(client, signal);
  const flaw = flawFinder(nodes, owner);
  const candidates = nodes.filter((node) => !isForeign(node, owner));
  const read = await mapBounded(candidates, CONCURRENCY, (node) =>
    readOwn(client, { node, owner }, signal),
  );
  const held = read.filter((one) => one !== undefined);
  if (held.length === 0) return { records: [], unknown: INVISIBLE, ...flaw };
  // Read after the services, so that no service is here without its check.
  const marked = await fetchChecks(
    client,
    { path: '/v1/health/state/any', query: ownedBy(owner) },
    signal,
  );
  const seen = await mapBounded(held, CONCURRENCY, async ({ node, own, answer }) => {
    const path = `/v1/health/node/${node.Node}`;
    const checks = bearsMark(node, owner)
      ? marked
      : await fetchChecks(client, { path, query: {} }, signal);
    const records = (answer.services ?? []).map((service) =>
      toRecord(service, own, checks.of(node.Node)),
    );
    return { records, filtered: answer.filtered || checks.filtered };
  });
  // A node without services has null; an empty list means that its services are hidden.
  const hidden = held.find(({ answer }) => !answer.node || answer.services?.length === 0);
  const cut = marked.filtered || seen.some(({ filtered }) => filtered);
  const unknown = cut
    ? FILTERED
    : hidden && `the services of node ${hidden.node.Node} are not visible`;
  const records = unite(seen.flatMap((one) => one.records));
  return { records, ...flaw, ...(unknown && { unknown }) };
};

/** Nothing where no node has a flaw. */
const flawFinder = (nodes: readonly WireNode[], owner: string): Pick<Listing, 'flaw'> => {
  const doubtful = nodes.filter((node) => !isSound(node));
  if (doubtful.length === 0) return {};
  return { flaw: (cluster) => flawOfCluster(doubtful, owner, cluster) };
};

/** A node with its services, if it is ours by its mark or by its records. */
const readOwn = async (
  client: ConsulClient,
  { node, owner }: { node: WireNode; owner: string },
  signal: AbortSignal,
) => {
  const answer = await fetchNodeServices(client, { node: node.Node, query: {} }, signal);
  const recorded = (answer.services ?? [])
    .filter(({ Meta }) => Meta?.[KEY.owner] === owner)
    .flatMap(({ Meta }) => Meta?.[KEY.cluster] ?? []);
  const own = toOwnNode(node, owner, recorded);
  return own && { node, own, answer };
};

/**
 * The named records, read node by node: on which of its cluster's two a record stands is not known.
 * Rejects where the server says that it hides some.
 */
export const get = async (
  connection: Connection,
  refs: readonly Ref[],
  signal: AbortSignal,
): Promise<readonly Registration[]> => {
  const wanted = new Set(refs.map(keyOf));
  const clusters = Map.groupBy(refs, ({ cluster }) => cluster);
  const found = await mapBounded([...clusters.keys()].flatMap(nodesOf), CONCURRENCY, (own) => {
    const ids = clusters.get(own.cluster)?.map(({ id }) => id) ?? [];
    return readNode(connection, { own, ids }, signal);
  });
  return unite(found.flat()).filter((record) => wanted.has(keyOf(record)));
};

const readNode = async (
  { client, owner }: Connection,
  { own, ids }: { own: OwnNode; ids: readonly string[] },
  signal: AbortSignal,
): Promise<readonly Registration[]> => {
  const node = toNodeName(owner, own);
  const answer = await fetchNodeServices(client, { node, query: idFilter('ID', ids) }, signal);
  if (!answer.services?.length && !answer.filtered) return [];
  const checks = await fetchNodeChecks(client, { node, ids }, signal);
  if (answer.filtered || checks.filtered) throw new Error(`consul: ${FILTERED}`);
  return (answer.services ?? []).map((service) => toRecord(service, own, checks.of(node)));
};
