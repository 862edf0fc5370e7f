import { KEY, type Ref, type Registration } from '../../model/registration.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import type { Listing } from '../registry.ts';
import type { Connection, ConsulClient } from './client.ts';
import { keyOf, toNodeName } from './names.ts';
import {
  bearsMark,
  clusterOfNode,
  fetchChecks,
  fetchNodeChecks,
  fetchNodeServices,
  fetchNodes,
  flawOf,
  idFilter,
  isForeign,
  isSound,
  ownedBy,
} from './nodes.ts';
import { toRecord } from './record.ts';
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
  const seen = await mapBounded(held, CONCURRENCY, async ({ node, cluster, answer }) => {
    const path = `/v1/health/node/${node.Node}`;
    const checks = bearsMark(node, owner)
      ? marked
      : await fetchChecks(client, { path, query: {} }, signal);
    const records = (answer.services ?? []).map((service) =>
      toRecord(service, cluster, checks.of(node.Node)),
    );
    return { records, filtered: answer.filtered || checks.filtered };
  });
  // A node without services has null; an empty list means that its services are hidden.
  const hidden = held.find(({ answer }) => !answer.node || answer.services?.length === 0);
  const cut = marked.filtered || seen.some(({ filtered }) => filtered);
  const unknown = cut
    ? FILTERED
    : hidden && `the services of node ${hidden.node.Node} are not visible`;
  return { records: seen.flatMap(({ records }) => records), ...flaw, ...(unknown && { unknown }) };
};

/** Nothing where no node has a flaw. */
const flawFinder = (nodes: readonly WireNode[], owner: string): Pick<Listing, 'flaw'> => {
  const doubtful = nodes.filter((node) => !isSound(node));
  if (doubtful.length === 0) return {};
  return {
    flaw(cluster) {
      const name = toNodeName(owner, cluster);
      const node = doubtful.find(({ Node }) => Node === name);
      return node && flawOf(node, owner, cluster);
    },
  };
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
  const cluster = clusterOfNode(node, owner, recorded);
  return cluster === undefined ? undefined : { node, cluster, answer };
};

/** The named records, read node by node. Rejects where the server says that it hides some. */
export const get = async (
  { client, owner }: Connection,
  refs: readonly Ref[],
  signal: AbortSignal,
): Promise<readonly Registration[]> => {
  const wanted = new Set(refs.map(keyOf));
  const nodes = [...new Set(refs.map(({ cluster }) => cluster))].map((cluster) => ({
    cluster,
    name: toNodeName(owner, cluster),
  }));
  const found = await mapBounded(nodes, CONCURRENCY, async (node) => {
    const ids = refs.filter(({ cluster }) => cluster === node.cluster).map(({ id }) => id);
    return readNode(client, { node, ids }, signal);
  });
  return found.flat().filter((record) => wanted.has(keyOf(record)));
};

const readNode = async (
  client: ConsulClient,
  { node, ids }: { node: { name: string; cluster: string }; ids: readonly string[] },
  signal: AbortSignal,
): Promise<readonly Registration[]> => {
  const answer = await fetchNodeServices(
    client,
    { node: node.name, query: idFilter('ID', ids) },
    signal,
  );
  if (!answer.services?.length && !answer.filtered) return [];
  const checks = await fetchNodeChecks(client, { node: node.name, ids }, signal);
  if (answer.filtered || checks.filtered) throw new Error(`consul: ${FILTERED}`);
  return (answer.services ?? []).map((service) =>
    toRecord(service, node.cluster, checks.of(node.name)),
  );
};
