import type { ChangeResult } from '../../model/plan.ts';
import { type NotWritten, refused } from '../outcome.ts';
import type { Flaw } from '../registry.ts';
import { type Connection, ConsulFault, toResult } from './client.ts';
import { fetchNodeServices } from './lookup.ts';
import { nodesOf, type OwnNode, toNodeName } from './names.ts';
import type { WireNode } from './wire.ts';

const OWNER = 'rollcall-owner';
const CLUSTER = 'rollcall-cluster';
const ADDRESS = '127.0.0.1';

const UNREADABLE = 'is not visible: the token lacks node_prefix "rollcall-" { policy = "read" }';
const UNWRITABLE = 'the token lacks node_prefix "rollcall-" { policy = "write" }';

/** Consul's limit of a metadata value. A cut owner would be another owner. */
export const MAX_OWNER_BYTES = 512;

/** The parameter by which everything on an owner's nodes is found in one call. */
export const ownedBy = (owner: string) => ({ 'node-meta': `${OWNER}:${owner}` });

const markOf = ({ Meta }: WireNode) => Meta?.[OWNER];

export const bearsMark = (node: WireNode, owner: string) => markOf(node) === owner;

/** Another owner's, by its mark. */
export const isForeign = (node: WireNode, owner: string) => (markOf(node) ?? owner) !== owner;

/**
 * Which node of ours it is: of a cluster that its mark or its records name, and that gives it this
 * name. A node with another name is foreign, whatever its metadata says.
 */
export const toOwnNode = (
  node: WireNode,
  owner: string,
  recorded: readonly string[],
): OwnNode | undefined =>
  [node.Meta?.[CLUSTER], ...recorded]
    .flatMap((cluster) => (cluster === undefined ? [] : nodesOf(cluster)))
    .find((own) => node.Node === toNodeName(owner, own));

/** Its address and metadata are what its own marks ask for, whoever the owner is. */
export const isSound = (node: WireNode): boolean => {
  const owner = markOf(node);
  const own = owner === undefined ? undefined : toOwnNode(node, owner, []);
  return owner !== undefined && own !== undefined && flawOf(node, owner, own) === undefined;
};

type Meta = Readonly<Record<string, string>>;

/**
 * `external-node` lets consul-esm run the checks on a node, and `external-probe` keeps it from
 * pinging 127.0.0.1.
 */
const FOR_ESM: Meta = { 'external-node': 'true', 'external-probe': 'false' };

const toMeta = (owner: string, { cluster, kind }: OwnNode): Meta => ({
  ...(kind === 'esm' && FOR_ESM),
  [OWNER]: owner,
  [CLUSTER]: cluster,
});

/**
 * What a node of this kind must not bear. Earlier versions had one node for each cluster, which
 * bore consul-esm's marks.
 */
const strayKeys = (meta: WireNode['Meta'], { kind }: OwnNode): readonly string[] =>
  kind === 'plain' ? Object.keys(FOR_ESM).filter((key) => meta?.[key] !== undefined) : [];

/** What is wrong with a node that is named as this one of ours. */
export const flawOf = (node: WireNode, owner: string, own: OwnNode): Flaw | undefined => {
  if (isForeign(node, owner)) {
    const whose = JSON.stringify(markOf(node));
    return { reason: `node ${node.Node} bears the mark of another owner, ${whose}`, foreign: true };
  }
  const lost = Object.entries(toMeta(owner, own)).filter(
    ([key, value]) => node.Meta?.[key] !== value,
  );
  const missing = [
    ...(node.Address === ADDRESS ? [] : [`the address ${ADDRESS}`]),
    ...lost.map(([key]) => `the metadata ${key}`),
  ];
  if (missing.length > 0)
    return {
      reason: `somebody has written node ${node.Node} anew: it lacks ${missing.join(', ')}`,
    };
  const stray = strayKeys(node.Meta, own);
  if (stray.length === 0) return undefined;
  return {
    reason: `node ${node.Node} bears the metadata ${stray.join(', ')}, as an earlier version wrote it, and consul-esm is to leave it alone`,
  };
};

/** What is wrong with the nodes of a cluster, of which those are given that exist. */
export const flawOfCluster = (
  nodes: readonly WireNode[],
  owner: string,
  cluster: string,
): Flaw | undefined => {
  const flaws = nodesOf(cluster).flatMap((own) => {
    const node = nodes.find(({ Node }) => Node === toNodeName(owner, own));
    return (node && flawOf(node, owner, own)) ?? [];
  });
  const reason = flaws.map((flaw) => flaw.reason).join('; ');
  if (flaws.some(({ foreign }) => foreign)) return { reason, foreign: true };
  return flaws.length > 0 ? { reason } : undefined;
};

/**
 * Writes a node of ours; `undefined` once it exists and is visible, else the reason. Only for a
 * node that is missing or has a flaw, since a changed node wakes the watchers of every service on
 * it. Its services stay.
 */
export const writeNode = async (
  { client, owner }: Connection,
  { own, held }: { readonly own: OwnNode; readonly held?: WireNode },
  signal: AbortSignal,
): Promise<NotWritten | undefined> => {
  const name = toNodeName(owner, own);
  const stray = strayKeys(held?.Meta ?? null, own);
  const kept = Object.entries(held?.Meta ?? {}).filter(([key]) => !stray.includes(key));
  const meta = { ...Object.fromEntries(kept), ...toMeta(owner, own) };
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

/** Repairs the nodes of a cluster, except for another owner's. Never throws. */
export const repair = async (
  connection: Connection,
  cluster: string,
  signal: AbortSignal,
): Promise<ChangeResult> => {
  const results: ChangeResult[] = [];
  for (const own of nodesOf(cluster)) results.push(await mendNode(connection, own, signal));
  const statusIs = (status: ChangeResult['status']) => (one: ChangeResult) => one.status === status;
  return (
    results.find((one) => 'reason' in one) ??
    results.find(statusIs('done')) ?? { status: 'unchanged' }
  );
};

const mendNode = async (
  connection: Connection,
  own: OwnNode,
  signal: AbortSignal,
): Promise<ChangeResult> => {
  const { client, owner } = connection;
  try {
    const { node } = await fetchNodeServices(
      client,
      { node: toNodeName(owner, own), query: {} },
      signal,
    );
    const flaw = node ? flawOf(node, owner, own) : undefined;
    if (!node || !flaw) return { status: 'unchanged' };
    if (flaw.foreign) return refused(flaw.reason);
    return (await writeNode(connection, { own, held: node }, signal)) ?? { status: 'done' };
  } catch (error) {
    return toResult(error);
  }
};
