import type { Rights } from './acl.ts';
import { checksOn, instancesOf, keyOf, type NodeRow, servicesOn, type Tables } from './tables.ts';
import { catalogView, checkView, DATACENTER, healthView, nodeView, serviceView } from './views.ts';

export interface Read {
  readonly value: unknown;
  /** What X-Consul-Index says, and what a blocking query waits for to move. */
  readonly index: number;
  /** Filters apply to lists, and to the list within where the answer is none. */
  readonly filterable?: (keep: (row: unknown) => boolean) => unknown;
}

export interface ReadRequest {
  readonly tables: Tables;
  readonly query: URLSearchParams;
  readonly rights: Rights;
  /** What stands behind the endpoint's path, decoded. */
  readonly name: string;
}

/** Pure: one endpoint's answer from the tables as they are. */
export type Reader = (request: ReadRequest) => Read;

const list = (rows: readonly unknown[], index: number): Read => ({
  value: rows,
  index,
  filterable: (keep) => rows.filter(keep),
});

const mayRead = ({ rights }: ReadRequest, node: string, service?: string) =>
  rights.may('read', 'node', node) &&
  (service === undefined || rights.may('read', 'service', service));

/** `node-meta=key:value`, as often as it is given: all must hold. */
const hasMeta = ({ query }: ReadRequest, node: NodeRow | undefined) =>
  query.getAll('node-meta').every((pair) => {
    const colon = pair.indexOf(':');
    return (
      node?.Meta?.[colon < 0 ? pair : pair.slice(0, colon)] ===
      (colon < 0 ? '' : pair.slice(colon + 1))
    );
  });

const nodeOf = ({ tables }: ReadRequest, name: string) => tables.nodes.get(keyOf(name));

const catalogNodes: Reader = (request) =>
  list(
    [...request.tables.nodes.values()]
      .filter((node) => mayRead(request, node.Node) && hasMeta(request, node))
      .sort((a, b) => (a.Node < b.Node ? -1 : 1))
      .map(nodeView),
    request.tables.index,
  );

const catalogServices: Reader = (request) => {
  const byName = new Map<string, Set<string>>();
  for (const row of request.tables.services.values()) {
    if (!mayRead(request, row.node, row.Service) || !hasMeta(request, nodeOf(request, row.node)))
      continue;
    const tags = byName.get(row.Service) ?? new Set<string>();
    for (const tag of row.Tags ?? []) tags.add(tag);
    byName.set(row.Service, tags);
  }
  const names = [...byName].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    value: Object.fromEntries(names.map(([name, tags]) => [name, [...tags]])),
    index: request.tables.index,
  };
};

/** The instances of a service that this request may see, filtered by its `tag` and `node-meta`. */
const instances = (request: ReadRequest) =>
  instancesOf(request.tables, request.name).flatMap((row) => {
    const node = nodeOf(request, row.node);
    const tagged = request.query.getAll('tag').every((tag) => row.Tags?.includes(tag));
    return node && tagged && mayRead(request, row.node, row.Service) && hasMeta(request, node)
      ? [{ row, node }]
      : [];
  });

/** Of the service alone while it has instances; of the whole catalog when it has none. */
const serviceIndex = ({ tables, name }: ReadRequest) =>
  tables.serviceIndex.get(keyOf(name)) ?? tables.index;

const catalogService: Reader = (request) =>
  list(
    instances(request).map(({ row, node }) => catalogView(row, node)),
    serviceIndex(request),
  );

const healthService: Reader = (request) => {
  const entries = instances(request).map(({ row, node }) => healthView(row, node, request.tables));
  const given = request.query.get('passing');
  const passing = given !== null && !['false', '0', 'f'].includes(given.toLowerCase());
  const seen = entries.filter(
    ({ Checks }) => !passing || Checks.every(({ Status }) => Status === 'passing'),
  );
  return list(seen, serviceIndex(request));
};

const nodeServices: Reader = (request) => {
  const node = nodeOf(request, request.name);
  if (!node || !mayRead(request, node.Node))
    return { value: { Node: null, Services: null }, index: 1 };
  const all = servicesOn(request.tables, node.Node);
  const rows = all.filter(({ Service }) => mayRead(request, node.Node, Service)).map(serviceView);
  const answer = (Services: readonly unknown[] | null) => ({ Node: nodeView(node), Services });
  return {
    // Consul's own list of nothing is null; one that rights have emptied is not.
    value: answer(all.length === 0 ? null : rows),
    index: request.tables.index,
    filterable: (keep) => answer(rows.filter(keep)),
  };
};

const catalogNode: Reader = (request) => {
  const node = nodeOf(request, request.name);
  if (!node || !mayRead(request, node.Node)) return { value: null, index: 1 };
  const rows = servicesOn(request.tables, node.Node).filter(({ Service }) =>
    mayRead(request, node.Node, Service),
  );
  const Services = Object.fromEntries(rows.map((row) => [row.ID, serviceView(row)]));
  return { value: { Node: nodeView(node), Services }, index: request.tables.index };
};

const healthNode: Reader = (request) =>
  list(
    checksOn(request.tables, request.name)
      .filter((row) => mayRead(request, row.Node, row.ServiceName || undefined))
      .map((row) => checkView(row, request.tables)),
    request.tables.index,
  );

const healthState: Reader = (request) =>
  list(
    [...request.tables.checks.values()]
      .filter((row) => request.name === 'any' || row.Status === request.name)
      .filter((row) => mayRead(request, row.Node, row.ServiceName || undefined))
      .filter((row) => hasMeta(request, nodeOf(request, row.Node)))
      .map((row) => checkView(row, request.tables)),
    request.tables.index,
  );

/** By path; the entry with a slash at its end takes a name behind it. */
export const READERS: Readonly<Record<string, Reader>> = {
  '/v1/catalog/nodes': catalogNodes,
  '/v1/catalog/services': catalogServices,
  '/v1/catalog/datacenters': ({ tables }) => list([DATACENTER], tables.index),
  '/v1/catalog/service/': catalogService,
  '/v1/catalog/node-services/': nodeServices,
  '/v1/catalog/node/': catalogNode,
  '/v1/health/service/': healthService,
  '/v1/health/node/': healthNode,
  '/v1/health/state/': healthState,
};
