import {
  type CheckRow,
  checksOn,
  keyOf,
  type NodeRow,
  type ServiceRow,
  type Tables,
} from './tables.ts';

export const DATACENTER = 'dc1';

/** Rows as Consul's API shows them, which differs from place to place. */
export const nodeView = ({ Node, Address, Meta, CreateIndex, ModifyIndex }: NodeRow) => ({
  ID: '',
  Node,
  Address,
  Datacenter: DATACENTER,
  TaggedAddresses: null,
  Meta,
  CreateIndex,
  ModifyIndex,
});

export const serviceView = (row: ServiceRow) => ({
  ID: row.ID,
  Service: row.Service,
  Tags: row.Tags ?? [],
  Address: row.Address ?? '',
  ...(row.TaggedAddresses && { TaggedAddresses: row.TaggedAddresses }),
  Meta: row.Meta ?? null,
  Port: row.Port ?? 0,
  Weights: row.Weights,
  EnableTagOverride: row.EnableTagOverride ?? false,
  Proxy: { MeshGateway: {}, Expose: {} },
  Connect: {},
  CreateIndex: row.CreateIndex,
  ModifyIndex: row.ModifyIndex,
});

export const checkView = (row: CheckRow, tables: Tables) => ({
  Node: row.Node,
  CheckID: row.CheckID,
  Name: row.Name ?? '',
  Status: row.Status,
  Notes: row.Notes ?? '',
  Output: row.Output ?? '',
  ServiceID: row.ServiceID,
  ServiceName: row.ServiceName,
  ServiceTags: tables.services.get(keyOf(row.Node, row.ServiceID))?.Tags ?? [],
  Type: '',
  Definition: row.Definition ?? {},
  CreateIndex: row.CreateIndex,
  ModifyIndex: row.ModifyIndex,
});

/** `/v1/catalog/service/<name>`: node and service in one flat row. */
export const catalogView = (row: ServiceRow, node: NodeRow) => ({
  ID: '',
  Node: node.Node,
  Address: node.Address,
  Datacenter: DATACENTER,
  TaggedAddresses: null,
  NodeMeta: node.Meta,
  ServiceKind: '',
  ServiceID: row.ID,
  ServiceName: row.Service,
  ServiceTags: row.Tags ?? [],
  ServiceAddress: row.Address ?? '',
  ServiceWeights: row.Weights,
  ServiceMeta: row.Meta ?? {},
  ServicePort: row.Port ?? 0,
  ServiceEnableTagOverride: row.EnableTagOverride ?? false,
  ServiceProxy: { MeshGateway: {}, Expose: {} },
  ServiceConnect: {},
  CreateIndex: row.CreateIndex,
  ModifyIndex: row.ModifyIndex,
});

/** `/v1/health/service/<name>`: with the node's own checks and the service's. */
export const healthView = (row: ServiceRow, node: NodeRow, tables: Tables) => ({
  Node: nodeView(node),
  Service: serviceView(row),
  Checks: checksOn(tables, row.node)
    .filter(({ ServiceID }) => ServiceID === '' || keyOf(ServiceID) === keyOf(row.ID))
    .map((check) => checkView(check, tables)),
});
