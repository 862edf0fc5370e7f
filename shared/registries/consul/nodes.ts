import { type ConsulClient, ConsulFault, misread } from './client.ts';
import { toNodeName } from './names.ts';
import { toVerdict, type Verdict } from './outcomes.ts';
import { readServices } from './services.ts';
import type { WireNode } from './wire.ts';

const OWNER = 'rollcall-owner';
const CLUSTER = 'rollcall-cluster';

const UNREADABLE = 'is not visible: the token lacks node_prefix "rollcall-" { policy = "read" }';
const UNWRITABLE = 'the token lacks node_prefix "rollcall-" { policy = "write" }';

/** Consul's limit of a metadata value; an owner that is cut would be somebody else. */
export const MAX_OWNER_BYTES = 512;

/** The parameter by which every node of an owner is found in one call, also those of clusters that are gone. */
export const ownedBy = (owner: string) => ({ 'node-meta': `${OWNER}:${owner}` });

export interface OwnNode {
  readonly name: string;
  /** ARN. */
  readonly cluster: string;
}

export interface OwnNodes {
  readonly nodes: readonly OwnNode[];
  readonly filtered: boolean;
}

export const listNodes = async (
  client: ConsulClient,
  owner: string,
  signal: AbortSignal,
): Promise<OwnNodes> => {
  const { body, filtered } = await client.get('/v1/catalog/nodes', ownedBy(owner), signal);
  if (!Array.isArray(body)) throw misread('a list of nodes');
  const nodes = (body as readonly WireNode[]).flatMap(({ Node, Meta }) => {
    const cluster = Meta?.[CLUSTER];
    // A node that was named otherwise is a stranger's, whatever it says of itself.
    return cluster !== undefined && Node === toNodeName(owner, cluster) ? [{ name: Node, cluster }] : [];
  });
  return { nodes, filtered };
};

/**
 * Writes the node of a cluster; `undefined` once it is there and visible, else why it is not. Called only where it is
 * missing, since a changed node wakes the watchers of every service on it. `external-node` lets consul-esm run the
 * checks on it, and `external-probe` keeps it from pinging 127.0.0.1.
 */
export const makeNode = async (tools: {
  readonly client: ConsulClient;
  readonly owner: string;
  readonly cluster: string;
  readonly signal: AbortSignal;
}): Promise<Verdict | undefined> => {
  const { client, owner, cluster, signal } = tools;
  const name = toNodeName(owner, cluster);
  const meta = { 'external-node': 'true', 'external-probe': 'false', [OWNER]: owner, [CLUSTER]: cluster };
  try {
    await client.put('/v1/catalog/register', { Node: name, Address: '127.0.0.1', NodeMeta: meta }, signal);
    const { visible } = await readServices(client, { node: name, query: {} }, signal);
    return visible ? undefined : { status: 'refused', reason: `node ${name} was written, and ${UNREADABLE}` };
  } catch (error) {
    const { status, reason } = toVerdict(error);
    const hint = error instanceof ConsulFault && error.status === 403 ? `; ${UNWRITABLE}` : '';
    return { status, reason: `creating node ${name}: ${reason}${hint}` };
  }
};
