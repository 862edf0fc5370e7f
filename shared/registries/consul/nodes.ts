import type { ChangeResult } from '../../model/plan.ts';
import { type NotWritten, refused } from '../outcome.ts';
import type { Flaw } from '../registry.ts';
import {
  type Connection,
  type ConsulClient,
  ConsulFault,
  type QueryParams,
  toResult,
  unexpectedJson,
} from './client.ts';
import { NODE_PREFIX, toNodeName } from './names.ts';
import type { WireCheck, WireNode, WireNodeServices, WireService } from './wire.ts';

const OWNER = 'rollcall-owner';
const CLUSTER = 'rollcall-cluster';
const ADDRESS = '127.0.0.1';

const UNREADABLE = 'is not visible: the token lacks node_prefix "rollcall-" { policy = "read" }';
const UNWRITABLE = 'the token lacks node_prefix "rollcall-" { policy = "write" }';

/** Consul's limit of a metadata value. A cut owner would be another owner. */
export const MAX_OWNER_BYTES = 512;

/** The parameter by which everything on an owner's nodes is found in one call. */
export const ownedBy = (owner: string) => ({ 'node-meta': `${OWNER}:${owner}` });

/**
 * Every node with a name of ours, whoever wrote it. By name, since anybody who registers a node
 * again without metadata removes its marks. Since 1.20.2 servers call every list with a filter
 * incomplete, so that flag is not read here.
 */
export const fetchNodes = async (
  client: ConsulClient,
  signal: AbortSignal,
): Promise<readonly WireNode[]> => {
  const filter = `Node matches "^${NODE_PREFIX}"`;
  const { body } = await client.get('/v1/catalog/nodes', { filter }, signal);
  if (!Array.isArray(body)) throw unexpectedJson('a list of nodes');
  return body;
};

const markOf = ({ Meta }: WireNode) => Meta?.[OWNER];

export const bearsMark = (node: WireNode, owner: string) => markOf(node) === owner;

/** Another owner's, by its mark. */
export const isForeign = (node: WireNode, owner: string) => (markOf(node) ?? owner) !== owner;

/**
 * The cluster of a node of ours: one that its mark or its records name, and that gives the node
 * this name. A node with another name is foreign, whatever its metadata says.
 */
export const clusterOfNode = (
  node: WireNode,
  owner: string,
  recorded: readonly string[],
): string | undefined =>
  [node.Meta?.[CLUSTER], ...recorded].find(
    (cluster) => cluster !== undefined && node.Node === toNodeName(owner, cluster),
  );

/** Its address and metadata are what its own marks ask for, whoever the owner is. */
export const isSound = (node: WireNode): boolean => {
  const { [OWNER]: owner, [CLUSTER]: cluster } = node.Meta ?? {};
  if (owner === undefined || cluster === undefined || node.Node !== toNodeName(owner, cluster))
    return false;
  return flawOf(node, owner, cluster) === undefined;
};

/**
 * `external-node` lets consul-esm run the checks on a node, and `external-probe` keeps it from
 * pinging 127.0.0.1.
 */
const toMeta = (owner: string, cluster: string): Readonly<Record<string, string>> => ({
  'external-node': 'true',
  'external-probe': 'false',
  [OWNER]: owner,
  [CLUSTER]: cluster,
});

/** What is wrong with a node that is named as ours for this cluster. */
export const flawOf = (node: WireNode, owner: string, cluster: string): Flaw | undefined => {
  if (isForeign(node, owner)) {
    const whose = JSON.stringify(markOf(node));
    return { reason: `node ${node.Node} bears the mark of another owner, ${whose}`, foreign: true };
  }
  const lost = Object.entries(toMeta(owner, cluster)).filter(
    ([key, value]) => node.Meta?.[key] !== value,
  );
  const wrong = [
    ...(node.Address === ADDRESS ? [] : [`the address ${ADDRESS}`]),
    ...lost.map(([key]) => `the metadata ${key}`),
  ];
  if (wrong.length === 0) return undefined;
  return { reason: `somebody has written node ${node.Node} anew: it lacks ${wrong.join(', ')}` };
};

/**
 * Writes the node of a cluster; `undefined` once it exists and is visible, else the reason. Only
 * for a node that is missing or has a flaw, since a changed node wakes the watchers of every
 * service on it. Its services stay.
 */
export const writeNode = async (
  { client, owner }: Connection,
  { cluster, held }: { readonly cluster: string; readonly held?: WireNode },
  signal: AbortSignal,
): Promise<NotWritten | undefined> => {
  const name = toNodeName(owner, cluster);
  const meta = { ...held?.Meta, ...toMeta(owner, cluster) };
  try {
    await client.put(
      '/v1/catalog/register',
      { Node: name, Address: ADDRESS, NodeMeta: meta },
      signal,
    );
    const { node } = await fetchNodeServices(client, { node: name, query: {} }, signal);
    return node ? undefined : refused(`node ${name} was written, and ${UNREADABLE}`);
  } catch (error) {
    const result = toResult(error);
    const hint = error instanceof ConsulFault && error.status === 403 ? `; ${UNWRITABLE}` : '';
    return {
      ...result,
      reason: `${held ? 'writing' : 'creating'} node ${name}: ${result.reason}${hint}`,
    };
  }
};

/** Repairs the node of a cluster, unless it is another owner's. Never throws. */
export const mend = async (
  connection: Connection,
  cluster: string,
  signal: AbortSignal,
): Promise<ChangeResult> => {
  const { client, owner } = connection;
  try {
    const { node } = await fetchNodeServices(
      client,
      { node: toNodeName(owner, cluster), query: {} },
      signal,
    );
    const flaw = node ? flawOf(node, owner, cluster) : undefined;
    if (!node || !flaw) return { status: 'unchanged' };
    if (flaw.foreign) return refused(flaw.reason);
    return (await writeNode(connection, { cluster, held: node }, signal)) ?? { status: 'done' };
  } catch (error) {
    return toResult(error);
  }
};

/** For more records of a node than this the whole node is read: a filter's URL must stay short. */
const MAX_FILTER = 24;

/**
 * `services` is null where the node has none, is absent, or may not be read; `node` is set only in
 * the first case.
 */
export const fetchNodeServices = async (
  client: ConsulClient,
  { node, query }: { node: string; query: QueryParams },
  signal: AbortSignal,
): Promise<{
  services: readonly WireService[] | null;
  node: WireNode | null;
  filtered: boolean;
}> => {
  const { body, filtered } = await client.get(`/v1/catalog/node-services/${node}`, query, signal);
  if (typeof body !== 'object' || body === null || !('Services' in body))
    throw unexpectedJson('Node and Services');
  const { Node, Services } = body as WireNodeServices;
  return { services: Services, node: Node, filtered };
};

export interface Checks {
  of(node: string): ReadonlyMap<string, WireCheck>;
  readonly filtered: boolean;
}

export const fetchNodeChecks = (
  client: ConsulClient,
  { node, ids }: { node: string; ids: readonly string[] },
  signal: AbortSignal,
): Promise<Checks> =>
  fetchChecks(
    client,
    { path: `/v1/health/node/${node}`, query: idFilter('ServiceID', ids) },
    signal,
  );

const NONE: ReadonlyMap<string, WireCheck> = new Map();

export const fetchChecks = async (
  client: ConsulClient,
  { path, query }: { path: string; query: QueryParams },
  signal: AbortSignal,
): Promise<Checks> => {
  const { body, filtered } = await client.get(path, query, signal);
  if (!Array.isArray(body)) throw unexpectedJson('a list of checks');
  const byNode = new Map<string, Map<string, WireCheck>>();
  for (const check of body as readonly WireCheck[]) {
    const checks = byNode.get(check.Node) ?? new Map<string, WireCheck>();
    byNode.set(check.Node, checks.set(check.CheckID, check));
  }
  return { of: (node) => byNode.get(node) ?? NONE, filtered };
};

/** Only ids that need no quoting: Rollcall's own never do. */
export const idFilter = (field: 'ID' | 'ServiceID', ids: readonly string[]): QueryParams =>
  ids.length <= MAX_FILTER && ids.every((id) => /^[A-Za-z0-9_-]+$/.test(id))
    ? { filter: ids.map((id) => `${field} == "${id}"`).join(' or ') }
    : {};
