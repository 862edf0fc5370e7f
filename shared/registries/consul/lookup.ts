import { type ConsulClient, type QueryParams, unexpectedJson } from './client.ts';
import { NODE_PREFIX } from './names.ts';
import type { WireCheck, WireNode, WireNodeServices, WireService } from './wire.ts';

/**
 * Every node with a name that can be ours, whoever wrote it. By name, since anybody who registers a
 * node again without metadata removes its marks. Such a name can stand in a path, which others,
 * `rollcall-/../x`, would change. Since 1.20.2 servers call every list with a filter
 * incomplete, so that flag is not read here.
 */
export const fetchNodes = async (
  client: ConsulClient,
  signal: AbortSignal,
): Promise<readonly WireNode[]> => {
  const filter = `Node matches "^${NODE_PREFIX}[a-z0-9-]+$"`;
  const { body } = await client.get('/v1/catalog/nodes', { filter }, signal);
  if (!Array.isArray(body)) throw unexpectedJson('a list of nodes');
  return body;
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
