import { isDeepStrictEqual } from 'node:util';

export interface NodeInput {
  readonly Node: string;
  readonly Address?: string;
  readonly Meta?: Readonly<Record<string, string>> | null;
}
export interface ServiceInput {
  readonly ID?: string;
  readonly Service?: string;
  readonly Tags?: readonly string[];
  readonly Address?: string;
  readonly TaggedAddresses?: Readonly<Record<string, unknown>>;
  readonly Meta?: Readonly<Record<string, string>>;
  readonly Port?: number;
  readonly Weights?: { readonly Passing?: number; readonly Warning?: number };
  readonly EnableTagOverride?: boolean;
  readonly ModifyIndex?: number;
}
export interface CheckInput {
  readonly Node?: string;
  readonly CheckID?: string;
  readonly Name?: string;
  readonly Status?: string;
  readonly Notes?: string;
  readonly Output?: string;
  readonly ServiceID?: string;
  readonly ServiceName?: string;
  readonly Definition?: Readonly<Record<string, unknown>>;
  readonly ModifyIndex?: number;
}
interface Indexed {
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}
export type NodeRow = Required<NodeInput> & Indexed;
export type ServiceRow = ServiceInput &
  Indexed & { readonly ID: string; readonly Service: string; readonly node: string };
export type CheckRow = CheckInput &
  Indexed & {
    readonly Node: string;
    readonly CheckID: string;
    readonly Status: string;
    readonly ServiceID: string;
    readonly ServiceName: string;
  };

/** What one request changes: a copy, put in place only when the whole request succeeded. */
export interface Tables {
  /** Of the last change; each change of a request gets the next one. */
  index: number;
  readonly nodes: Map<string, NodeRow>;
  readonly services: Map<string, ServiceRow>;
  readonly checks: Map<string, CheckRow>;
  /**
   * By service name: what blocking queries of one service see move. Gone with the last instance.
   */
  readonly serviceIndex: Map<string, number>;
}

export const emptyTables = (): Tables => ({
  index: 1,
  nodes: new Map(),
  services: new Map(),
  checks: new Map(),
  serviceIndex: new Map(),
});

export const copyTables = (tables: Tables): Tables => ({
  index: tables.index,
  nodes: new Map(tables.nodes),
  services: new Map(tables.services),
  checks: new Map(tables.checks),
  serviceIndex: new Map(tables.serviceIndex),
});

/** Names of nodes, services and service ids match without case. */
export const keyOf = (...parts: readonly string[]) =>
  parts.map((part) => part.toLowerCase()).join('\0');

/**
 * Writes a row unless it is the same already: an identical write moves no index and wakes nobody.
 */
export const put = <Row extends Indexed>(
  rows: Map<string, Row>,
  key: string,
  { fields, index }: { fields: Omit<Row, keyof Indexed>; index: number },
): boolean => {
  const before = rows.get(key);
  const row = {
    ...fields,
    CreateIndex: before?.CreateIndex ?? index,
    ModifyIndex: before?.ModifyIndex ?? index,
  } as Row;
  if (before && isDeepStrictEqual(before, row)) return false;
  rows.set(key, { ...row, ModifyIndex: index });
  return true;
};

export const servicesOn = (tables: Tables, node: string) =>
  [...tables.services.values()]
    .filter((row) => keyOf(row.node) === keyOf(node))
    .sort((a, b) => (a.ID < b.ID ? -1 : 1));

export const checksOn = (tables: Tables, node: string) =>
  [...tables.checks.values()].filter((row) => keyOf(row.Node) === keyOf(node));

export const instancesOf = (tables: Tables, service: string) =>
  [...tables.services.values()].filter((row) => keyOf(row.Service) === keyOf(service));
