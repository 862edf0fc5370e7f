import type { Rights } from './acl.ts';
import { DecodeError, decode } from './decode.ts';
import {
  CatalogError,
  deleteCheck,
  deleteNode,
  deleteService,
  setCheck,
  setNode,
  setService,
} from './mutations.ts';
import { type Reply, reply } from './reply.ts';
import { DEREGISTER, REGISTER } from './shapes.ts';
import {
  type CheckInput,
  copyTables,
  keyOf,
  type NodeInput,
  type ServiceInput,
  type Tables,
} from './tables.ts';

/** A write's answer, and the tables after it where it succeeded. */
export interface Written {
  readonly reply: Reply;
  readonly tables?: Tables;
}

interface Registration {
  readonly Node?: string;
  readonly Address?: string;
  readonly NodeMeta?: NodeInput['Meta'];
  readonly Service?: ServiceInput;
  readonly Check?: CheckInput;
  readonly Checks?: readonly CheckInput[];
  readonly SkipNodeUpdate?: boolean;
}

export const register = (tables: Tables, body: unknown, rights: Rights): Written =>
  guarded(() => {
    const given = decode(body, REGISTER) as Registration;
    const node = given.Node || need('Must provide node');
    if (!given.Address && !given.SkipNodeUpdate)
      need('Must provide address if SkipNodeUpdate is not set');
    const after = copyTables(tables);
    const index = after.index + 1;
    const exists = after.nodes.has(keyOf(node));
    if (!exists || !given.SkipNodeUpdate) {
      if (!rights.may('write', 'node', node)) return DENIED;
      setNode(
        after,
        { Node: node, Address: given.Address ?? '', Meta: given.NodeMeta ?? null },
        index,
      );
    }
    if (given.Service) {
      const complaint = refuseService(given.Service);
      if (complaint) need(complaint);
      if (!rights.may('write', 'service', given.Service.Service ?? '')) return DENIED;
      prefixed('failed inserting service: ', () =>
        setService(after, { node, service: given.Service ?? {} }, index),
      );
    }
    for (const check of [...(given.Check ? [given.Check] : []), ...(given.Checks ?? [])]) {
      const home = after.services.get(keyOf(node, check.ServiceID ?? ''));
      const allowed = check.ServiceID
        ? rights.may('write', 'service', home?.Service ?? '')
        : rights.may('write', 'node', node);
      if (!allowed) return DENIED;
      if (check.ServiceID && !home)
        need(`failed inserting check: Missing service registration on node "${node}"`);
      setCheck(after, { ...check, Node: node }, index);
    }
    return done(after, index);
  });

export const deregister = (tables: Tables, body: unknown, rights: Rights): Written =>
  guarded(() => {
    const given = decode(body, DEREGISTER) as {
      Node?: string;
      ServiceID?: string;
      CheckID?: string;
    };
    const node = given.Node || need('Must provide node');
    const after = copyTables(tables);
    const index = after.index + 1;
    const service = given.ServiceID && after.services.get(keyOf(node, given.ServiceID));
    if (
      !(service
        ? rights.may('write', 'service', service.Service)
        : rights.may('write', 'node', node))
    )
      return DENIED;
    if (given.ServiceID) deleteService(after, { node, id: given.ServiceID }, index);
    else if (given.CheckID) deleteCheck(after, { node, id: given.CheckID }, index);
    else deleteNode(after, node, index);
    return done(after, index);
  });

/** What Consul says of a service before it looks at any table. */
export const refuseService = ({ Service, Address }: ServiceInput): string | undefined => {
  if (!Service) return 'Must provide service name with ID';
  return Address === '0.0.0.0' || Address === '::' || Address === '[::]'
    ? 'Invalid service address'
    : undefined;
};

/** The counter of the whole catalog moves only if something did. */
export const settleIndex = (tables: Tables, index: number): Tables => {
  const rows = [...tables.nodes.values(), ...tables.services.values(), ...tables.checks.values()];
  if (rows.some(({ ModifyIndex }) => ModifyIndex === index)) tables.index = index;
  return tables;
};

const DENIED: Written = { reply: reply.text(403, 'Permission denied') };

const done = (tables: Tables, index: number): Written => ({
  reply: reply.json(true),
  tables: settleIndex(tables, index),
});

const need = (text: string): never => {
  throw new CatalogError(text);
};

const prefixed = (prefix: string, work: () => void) => {
  try {
    work();
  } catch (error) {
    throw error instanceof CatalogError ? new CatalogError(prefix + error.message) : error;
  }
};

const guarded = (work: () => Written): Written => {
  try {
    return work();
  } catch (error) {
    if (error instanceof DecodeError)
      return { reply: reply.text(400, `Request decode failed: ${error.message}`) };
    if (error instanceof CatalogError) return { reply: reply.text(500, error.message) };
    throw error;
  }
};
