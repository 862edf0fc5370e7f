import { randomInt } from 'node:crypto';

export type RecordType = 'A' | 'AAAA' | 'SRV' | 'CNAME';
export type Attributes = Readonly<Record<string, string>>;

interface Resource {
  readonly id: string;
  readonly arn: string;
  /** Order of creation: what pages go by. */
  readonly seq: number;
  readonly created: number;
}

export interface Namespace extends Resource {
  readonly name: string;
  readonly httpName: string;
  readonly type: 'HTTP' | 'DNS_PRIVATE' | 'DNS_PUBLIC';
  readonly vpc?: string | undefined;
  /** The account that made it: another's is one that it shares with ours. */
  readonly account: string;
  readonly tags: Map<string, string>;
}

export interface Service extends Resource {
  readonly name: string;
  readonly namespace: Namespace;
  readonly description?: string | undefined;
  readonly creatorRequestId?: string | undefined;
  readonly records: readonly { readonly Type: RecordType; readonly TTL: number }[];
  readonly routingPolicy: 'MULTIVALUE' | 'WEIGHTED';
  readonly healthCheck: 'custom' | 'route53' | 'none';
  readonly tags: Map<string, string>;
  readonly instances: Map<string, Instance>;
  /** InstancesRevision: rises with registrations, not with health. */
  revision: number;
}

export interface Instance {
  readonly id: string;
  readonly seq: number;
  readonly attributes: Attributes;
  readonly creatorRequestId?: string | undefined;
  health: Health;
  /** A custom health status that was accepted and is not in force yet. */
  next?: { readonly health: Health; readonly due: number };
}

export type Health = 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN';

export interface Operation {
  readonly id: string;
  readonly seq: number;
  readonly type: string;
  readonly targets: Readonly<Partial<Record<'NAMESPACE' | 'SERVICE' | 'INSTANCE', string>>>;
  readonly creatorRequestId?: string | undefined;
  readonly created: number;
  updated: number;
  status: 'SUBMITTED' | 'PENDING' | 'SUCCESS' | 'FAIL';
  error?: OperationFault;
  /** What becomes true once the operation has succeeded. */
  readonly effect: () => void;
}

/**
 * `code` as AWS names them: THROTTLED_REQUEST, ACCESS_DENIED, INVALID_CHANGE_BATCH,
 * INTERNAL_FAILURE …
 */
export interface OperationFault {
  readonly code: string;
  readonly message: string;
}

export interface State {
  readonly namespaces: Map<string, Namespace>;
  readonly services: Map<string, Service>;
  readonly operations: Map<string, Operation>;
  /** Those of them that have not ended. */
  readonly open: Set<Operation>;
  readonly now: () => number;
  /** Milliseconds until an operation ends; Infinity while operations are held. */
  operationDelay: number;
  readonly healthDelay: number;
  /** Whether registering an id again moves InstancesRevision: AWS does not say. */
  readonly revisionOnUpdate: boolean;
  readonly instancesPerNamespace: number;
  /** How the next operations end that are not to succeed. */
  readonly failures: OperationFault[];
  seq: number;
}

/** Those of the world beside it, unless told otherwise there. */
export const ACCOUNT = '111122223333';
const REGION = 'eu-central-1';

/** `srv-` and 16 lower-case characters, as AWS makes them. */
export const newResource = (state: State, prefix: 'ns' | 'srv', account = ACCOUNT): Resource => {
  const id = `${prefix}-${Array.from({ length: 16 }, () => randomInt(36).toString(36)).join('')}`;
  const kind = prefix === 'ns' ? 'namespace' : 'service';
  const arn = `arn:aws:servicediscovery:${REGION}:${account}:${kind}/${id}`;
  return { id, arn, seq: ++state.seq, created: state.now() };
};
