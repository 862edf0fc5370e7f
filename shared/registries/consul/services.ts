import { type ConsulClient, misread, type Query } from './client.ts';
import type { WireCheck, WireNode, WireNodeServices, WireService } from './wire.ts';

/** Above so many records of a node the whole node is read: a filter's URL must stay short. */
const MAX_FILTER = 24;

/** Services are null where the node has none, is absent, or may not be read; only in the first case there is a node. */
export const readServices = async (
  client: ConsulClient,
  { node, query }: { node: string; query: Query },
  signal: AbortSignal,
): Promise<{ services: readonly WireService[] | null; node: WireNode | null; filtered: boolean }> => {
  const { body, filtered } = await client.get(`/v1/catalog/node-services/${node}`, query, signal);
  if (typeof body !== 'object' || body === null || !('Services' in body)) throw misread('Node and Services');
  const { Node, Services } = body as WireNodeServices;
  return { services: Services, node: Node, filtered };
};

export interface Checks {
  of(node: string): ReadonlyMap<string, WireCheck>;
  readonly filtered: boolean;
}

export const readNodeChecks = (
  client: ConsulClient,
  { node, ids }: { node: string; ids: readonly string[] },
  signal: AbortSignal,
): Promise<Checks> =>
  readChecks(client, { path: `/v1/health/node/${node}`, query: byId('ServiceID', ids) }, signal);

const NONE: ReadonlyMap<string, WireCheck> = new Map();

export const readChecks = async (
  client: ConsulClient,
  { path, query }: { path: string; query: Query },
  signal: AbortSignal,
): Promise<Checks> => {
  const { body, filtered } = await client.get(path, query, signal);
  if (!Array.isArray(body)) throw misread('a list of checks');
  const byNode = new Map<string, Map<string, WireCheck>>();
  for (const check of body as readonly WireCheck[]) {
    const checks = byNode.get(check.Node) ?? new Map<string, WireCheck>();
    byNode.set(check.Node, checks.set(check.CheckID, check));
  }
  return { of: (node) => byNode.get(node) ?? NONE, filtered };
};

/** Only ids that need no quoting: Rollcall's own never do. */
export const byId = (field: 'ID' | 'ServiceID', ids: readonly string[]): Query =>
  ids.length <= MAX_FILTER && ids.every((id) => /^[A-Za-z0-9_-]+$/.test(id))
    ? { filter: ids.map((id) => `${field} == "${id}"`).join(' or ') }
    : {};
