import {
  type CheckInput,
  checksOn,
  instancesOf,
  keyOf,
  type NodeInput,
  put,
  type ServiceInput,
  servicesOn,
  type Tables,
} from './tables.ts';

/** Consul's complaint: 500 as text, or a 409's What. */
export class CatalogError extends Error {}

const fail = (text: string): never => {
  throw new CatalogError(text);
};

const touch = (tables: Tables, service: string, index: number) =>
  tables.serviceIndex.set(keyOf(service), index);

export const setNode = (tables: Tables, node: NodeInput, index: number): void => {
  const fields = { Node: node.Node, Address: node.Address ?? '', Meta: node.Meta ?? null };
  if (!put(tables.nodes, keyOf(node.Node), { fields, index })) return;
  for (const { Service } of servicesOn(tables, node.Node)) touch(tables, Service, index);
};

export const setService = (
  tables: Tables,
  { node, service }: { node: string; service: ServiceInput },
  index: number,
): void => {
  const home = tables.nodes.get(keyOf(node)) ?? fail('Missing node registration');
  const name = service.Service ?? '';
  const id = service.ID || name;
  checkMeta(service.Meta ?? {}, `Invalid Service Meta for node ${home.Node} and serviceID ${id}`);
  const { ModifyIndex: _, ...given } = service;
  const fields = {
    ...given,
    ID: id,
    Service: name,
    Weights: toWeights(service.Weights),
    node: home.Node,
  };
  const before = tables.services.get(keyOf(home.Node, id));
  if (!put(tables.services, keyOf(home.Node, id), { fields, index })) return;
  touch(tables, name, index);
  if (before && keyOf(before.Service) !== keyOf(name)) forget(tables, before.Service, index);
};

/** Seen in 1.8.7: each out of range turns both into 1. */
const toWeights = ({ Passing = 0, Warning = 0 }: NonNullable<ServiceInput['Weights']> = {}) =>
  Passing < 1 || Passing > 65_535 || Warning < 0 || Warning > 65_535
    ? { Passing: 1, Warning: 1 }
    : { Passing, Warning };

export const setCheck = (tables: Tables, check: CheckInput, index: number): void => {
  const home = tables.nodes.get(keyOf(check.Node ?? '')) ?? fail('Missing node registration');
  const id = check.ServiceID ?? '';
  const service = tables.services.get(keyOf(home.Node, id));
  if (id !== '' && !service) fail('Missing service registration');
  const checkId = check.CheckID || check.Name || '';
  const { ModifyIndex: _, ...given } = check;
  const fields = {
    ...given,
    Node: home.Node,
    CheckID: checkId,
    Status: check.Status || 'critical',
    ServiceID: id,
    ServiceName: service?.Service ?? '',
  };
  if (!put(tables.checks, `${keyOf(home.Node)}\0${checkId}`, { fields, index })) return;
  const seen = service ? [service] : servicesOn(tables, home.Node);
  for (const { Service } of seen) touch(tables, Service, index);
};

/** Succeeds where there is nothing; its checks go with it. */
export const deleteService = (
  tables: Tables,
  ref: { node: string; id: string },
  index: number,
): void => {
  const row = tables.services.get(keyOf(ref.node, ref.id));
  if (!row) return;
  tables.services.delete(keyOf(ref.node, ref.id));
  for (const check of checksOn(tables, ref.node))
    if (keyOf(check.ServiceID) === keyOf(row.ID))
      tables.checks.delete(`${keyOf(check.Node)}\0${check.CheckID}`);
  forget(tables, row.Service, index);
};

export const deleteCheck = (
  tables: Tables,
  ref: { node: string; id: string },
  index: number,
): void => {
  const key = `${keyOf(ref.node)}\0${ref.id}`;
  const row = tables.checks.get(key);
  if (!row) return;
  tables.checks.delete(key);
  for (const { Service, ID } of servicesOn(tables, ref.node))
    if (row.ServiceID === '' || keyOf(row.ServiceID) === keyOf(ID)) touch(tables, Service, index);
  tables.index = index;
};

/** With everything on it. */
export const deleteNode = (tables: Tables, node: string, index: number): void => {
  for (const { ID } of servicesOn(tables, node)) deleteService(tables, { node, id: ID }, index);
  for (const { CheckID } of checksOn(tables, node))
    deleteCheck(tables, { node, id: CheckID }, index);
  if (tables.nodes.delete(keyOf(node))) tables.index = index;
};

const forget = (tables: Tables, service: string, index: number) => {
  tables.index = index;
  if (instancesOf(tables, service).length > 0) touch(tables, service, index);
  else tables.serviceIndex.delete(keyOf(service));
};

const checkMeta = (meta: Readonly<Record<string, string>>, where: string) => {
  const pairs = Object.entries(meta);
  if (pairs.length > 64)
    fail(`${where}: Node metadata cannot contain more than 64 key/value pairs`);
  for (const [key, value] of pairs) {
    const complaint = complain(key, value);
    if (complaint)
      fail(`${where}: Couldn't load metadata pair ('${key}', '${value}'): ${complaint}`);
  }
};

const complain = (key: string, value: string): string | undefined => {
  if (key === '') return 'Key cannot be blank';
  if (!/^[A-Za-z0-9_-]+$/.test(key)) return 'Key contains invalid characters';
  if (key.length > 128) return 'Key is too long (limit: 128 characters)';
  if (key.startsWith('consul-')) return "Key prefix 'consul-' is reserved for internal use";
  return Buffer.byteLength(value) > 512 ? 'Value is too long (limit: 512 characters)' : undefined;
};
