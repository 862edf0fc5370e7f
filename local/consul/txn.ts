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
import { TXN } from './shapes.ts';
import {
  type CheckInput,
  type CheckRow,
  copyTables,
  keyOf,
  type NodeInput,
  type NodeRow,
  type ServiceInput,
  type ServiceRow,
  type Tables,
} from './tables.ts';
import { checkView, nodeView, serviceView } from './views.ts';
import { refuseService, settleIndex, type Written } from './writes.ts';

interface Operation {
  readonly Node?: {
    readonly Verb?: string;
    readonly Node?: NodeInput & { readonly ModifyIndex?: number };
  };
  readonly Service?: {
    readonly Verb?: string;
    readonly Node?: string;
    readonly Service?: ServiceInput;
  };
  readonly Check?: { readonly Verb?: string; readonly Check?: CheckInput };
}

const MAX_OPERATIONS = 64;
export const MAX_TXN_BYTES = 524_288;
const SAFE = new Set(['get', 'set', 'cas', 'delete', 'delete-cas']);

/** All operations or none; what fails is named by its place. */
export const transact = (tables: Tables, body: unknown, rights: Rights): Written => {
  let operations: readonly Operation[];
  try {
    operations = (decode(body, TXN) ?? []) as readonly Operation[];
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { reply: reply.text(400, `Failed to parse body: ${error.message}`) };
  }
  const count = operations.length;
  if (count > MAX_OPERATIONS)
    return {
      reply: reply.text(
        413,
        `Transaction contains too many operations (${count} > ${MAX_OPERATIONS})`,
      ),
    };
  const complaints = collect(operations, (operation) => refuse(operation, rights, tables));
  if (complaints.length > 0) return { reply: conflict(complaints) };
  const after = copyTables(tables);
  const index = after.index + 1;
  const results: unknown[] = [];
  const failures = collect(operations, (operation) => {
    results.push(...act(after, operation, index));
    return undefined;
  });
  if (failures.length > 0) return { reply: conflict(failures) };
  return {
    reply: reply.json({ Results: results, Errors: null }),
    tables: settleIndex(after, index),
  };
};

interface Failure {
  readonly OpIndex: number;
  readonly What: string;
}

const conflict = (errors: readonly Failure[]): Reply =>
  reply.json({ Results: null, Errors: errors }, { status: 409 });

const collect = (
  operations: readonly Operation[],
  complain: (operation: Operation) => string | undefined,
): readonly Failure[] =>
  operations.flatMap((operation, OpIndex) => {
    try {
      const What = complain(operation);
      return What === undefined ? [] : [{ OpIndex, What }];
    } catch (error) {
      if (error instanceof CatalogError) return [{ OpIndex, What: error.message }];
      throw error;
    }
  });

/** What is said before any table is looked at. */
const refuse = (
  { Node, Service, Check }: Operation,
  rights: Rights,
  tables: Tables,
): string | undefined => {
  const verb = Node?.Verb ?? Service?.Verb ?? Check?.Verb ?? '';
  const kind = Node ? 'Node' : Service ? 'Service' : 'Check';
  if (!SAFE.has(verb)) return `unknown ${kind} verb ${JSON.stringify(verb)}`;
  if (verb === 'get') return undefined;
  if (Service) {
    const complaint = refuseService(Service.Service ?? {});
    if (complaint) return complaint;
  }
  return mayWrite({ Node, Service, Check }, rights, tables) ? undefined : 'Permission denied';
};

const mayWrite = (
  { Node, Service, Check }: { [Key in keyof Operation]-?: Operation[Key] | undefined },
  rights: Rights,
  tables: Tables,
): boolean => {
  if (Node) return rights.may('write', 'node', Node.Node?.Node ?? '');
  if (Service) {
    const held = tables.services.get(keyOf(Service.Node ?? '', Service.Service?.ID ?? ''));
    const names = [Service.Service?.Service ?? '', ...(held ? [held.Service] : [])];
    return names.every((name) => rights.may('write', 'service', name));
  }
  // The name that the operation itself gives, as in Consul's vetCheckTxnOp.
  return Check?.Check?.ServiceID
    ? rights.may('write', 'service', Check.Check.ServiceName ?? '')
    : rights.may('write', 'node', Check?.Check?.Node ?? '');
};

const act = (tables: Tables, operation: Operation, index: number): readonly unknown[] => {
  if (operation.Node) return actOnNode(tables, operation.Node, index);
  if (operation.Service) return actOnService(tables, operation.Service, index);
  return operation.Check ? actOnCheck(tables, operation.Check, index) : [];
};

const actOnNode = (
  tables: Tables,
  { Verb = '', Node }: NonNullable<Operation['Node']>,
  index: number,
) => {
  const name = Node?.Node ?? '';
  const held = (): NodeRow | undefined => tables.nodes.get(keyOf(name));
  const { ModifyIndex, ...fields } = Node ?? { Node: '' };
  guard(Verb, { held: held(), asked: ModifyIndex, what: `node "${name}"` });
  if (Verb.startsWith('delete')) {
    deleteNode(tables, name, index);
    return [];
  }
  if (Verb !== 'get') setNode(tables, fields, index);
  return found(held(), `node "${name}"`, (row) => ({ Node: nodeView(row) }));
};

const actOnService = (
  tables: Tables,
  { Verb = '', Node = '', Service }: NonNullable<Operation['Service']>,
  index: number,
) => {
  // Dropped without a word by Consul, too: what `register` had set is gone after this.
  const { TaggedAddresses: _, ...service } = Service ?? {};
  const id = service.ID || service.Service || '';
  const held = (): ServiceRow | undefined => tables.services.get(keyOf(Node, id));
  const what = `service "${id}" on node "${Node}"`;
  guard(Verb, { held: held(), asked: service.ModifyIndex, what });
  if (Verb.startsWith('delete')) {
    deleteService(tables, { node: Node, id }, index);
    return [];
  }
  if (Verb !== 'get') setService(tables, { node: Node, service }, index);
  return found(held(), what, (row) => ({ Service: serviceView(row) }));
};

const actOnCheck = (
  tables: Tables,
  { Verb = '', Check }: NonNullable<Operation['Check']>,
  index: number,
) => {
  const { GRPC: _, GRPCUseTLS: __, ...definition } = Check?.Definition ?? {};
  const check = { ...Check, Definition: definition };
  const node = check.Node ?? '';
  const id = check.CheckID || check.Name || '';
  const held = (): CheckRow | undefined => tables.checks.get(`${keyOf(node)}\0${id}`);
  const what = `check "${id}" on node "${node}"`;
  guard(Verb, { held: held(), asked: check.ModifyIndex, what });
  if (Verb.startsWith('delete')) {
    deleteCheck(tables, { node, id }, index);
    return [];
  }
  if (Verb !== 'get') setCheck(tables, check, index);
  return found(held(), what, (row) => ({ Check: checkView(row, tables) }));
};

/** Check-and-set: 0 means "only where there is none". */
const guard = (
  verb: string,
  {
    held,
    asked = 0,
    what,
  }: { held: { ModifyIndex: number } | undefined; asked: number | undefined; what: string },
) => {
  const action = verb === 'cas' ? 'set' : verb === 'delete-cas' ? 'delete' : undefined;
  if (action && (held?.ModifyIndex ?? 0) !== asked)
    throw new CatalogError(`failed to ${action} ${what}, index is stale`);
};

const found = <Row>(
  row: Row | undefined,
  what: string,
  view: (row: Row) => unknown,
): readonly unknown[] => {
  if (!row) throw new CatalogError(`${what} doesn't exist`);
  return [view(row)];
};
