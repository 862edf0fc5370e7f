import { mapBounded } from '../../bounded.ts';
import type { Ref, Registration } from '../../model/registration.ts';
import type { Listing } from '../registry.ts';
import type { ConsulClient } from './client.ts';
import { toKey, toNodeName } from './names.ts';
import { listNodes, type OwnNode, ownedBy } from './nodes.ts';
import { toRegistration } from './record.ts';
import { byId, readChecks, readNodeChecks, readServices } from './services.ts';

const PARALLEL = 8;

const INVISIBLE =
  'no node of ours is visible: nothing was registered yet, or the token lacks node_prefix "rollcall-" { policy = "read" }';
const FILTERED =
  'Consul left out what the token may not read: it needs read on node_prefix "rollcall-" and on service_prefix ""';

/** Everything on our nodes, in two calls and one per node. An empty answer may be a missing right: then removals are off. */
export const listRecords = async (
  client: ConsulClient,
  owner: string,
  signal: AbortSignal,
): Promise<Listing> => {
  const { nodes, filtered } = await listNodes(client, owner, signal);
  if (nodes.length === 0) return { records: [], unknown: filtered ? FILTERED : INVISIBLE };
  const held = await mapBounded(nodes, PARALLEL, async (node) => ({
    node,
    answer: await readServices(client, { node: node.name, query: {} }, signal),
  }));
  // After the services, so that each has its check here that had one there.
  const checks = await readChecks(client, { path: '/v1/health/state/any', query: ownedBy(owner) }, signal);
  // Of a node without services the list is null; one that is there and empty is what is left of hidden ones.
  const hidden = held.find(({ answer }) => !answer.visible || answer.services?.length === 0);
  const cut = filtered || checks.filtered || held.some(({ answer }) => answer.filtered);
  const unknown = cut ? FILTERED : hidden && `the services of node ${hidden.node.name} are not visible`;
  const records = held.flatMap(({ node, answer }) =>
    (answer.services ?? []).map((service) => toRegistration(service, node.cluster, checks.of(node.name))),
  );
  return { records, ...(unknown && { unknown }) };
};

/** The named records, read node by node. Rejects where the server says that it hides some. */
export const getRecords = async (
  client: ConsulClient,
  { owner, refs }: { owner: string; refs: readonly Ref[] },
  signal: AbortSignal,
): Promise<readonly Registration[]> => {
  const wanted = new Set(refs.map(toKey));
  const nodes = [...new Set(refs.map(({ cluster }) => cluster))].map((cluster) => ({
    cluster,
    name: toNodeName(owner, cluster),
  }));
  const found = await mapBounded(nodes, PARALLEL, async (node) => {
    const ids = refs.filter(({ cluster }) => cluster === node.cluster).map(({ id }) => id);
    return readNode(client, { node, ids }, signal);
  });
  return found.flat().filter((record) => wanted.has(toKey(record)));
};

const readNode = async (
  client: ConsulClient,
  { node, ids }: { node: OwnNode; ids: readonly string[] },
  signal: AbortSignal,
): Promise<readonly Registration[]> => {
  const answer = await readServices(client, { node: node.name, query: byId('ID', ids) }, signal);
  if (!answer.services?.length && !answer.filtered) return [];
  const checks = await readNodeChecks(client, { node: node.name, ids }, signal);
  if (answer.filtered || checks.filtered) throw new Error(`consul: ${FILTERED}`);
  return (answer.services ?? []).map((service) =>
    toRegistration(service, node.cluster, checks.of(node.name)),
  );
};
