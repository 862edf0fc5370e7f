import type { ConsulConfig } from '../../config/config.ts';
import {
  type HttpReply,
  type HttpRequest,
  httpClient,
  NoAnswer,
} from '../../platform/http/client.ts';
import { parseShallowJson } from '../../platform/http/json.ts';
import type { Pulse } from '../../platform/http/pulse.ts';
import { failed, type NotWritten, refused } from '../outcome.ts';
import { tlsSettings } from '../tls.ts';
import type { WireOp, WireTxnError } from './wire.ts';

/** An answer that is no success. The message starts with the status. */
export class ConsulFault extends Error {
  override readonly name = 'ConsulFault';
  readonly kind: 'retry' | 'refused';
  readonly status: number;
  constructor(kind: 'retry' | 'refused', status: number, message: string) {
    super(message);
    this.kind = kind;
    this.status = status;
  }
}

/**
 * What a failed request means for the changes it carried. Without an answer they may have landed: a
 * resend is harmless.
 */
export const toResult = (error: unknown): NotWritten => {
  const reason = error instanceof Error ? error.message : String(error);
  return error instanceof ConsulFault && error.kind === 'refused'
    ? refused(reason)
    : failed(reason);
};

export interface JsonReply {
  /** Parsed when it is first asked for; throws ConsulFault where it is no JSON. */
  readonly body: unknown;
  /** The same, as it came. */
  readonly bytes: Buffer;
  /** X-Consul-Index; 0 where the answer carries none. */
  readonly index: string;
  /** Records were left out because the token lacks rights. Servers before 1.11 do not say so. */
  readonly filtered: boolean;
}

export type QueryParams = Readonly<Record<string, string>>;

export interface ConsulClient {
  /**
   * Rejects with ConsulFault, NoAnswer or the signal's reason.
   */
  get(path: string, query: QueryParams, signal: AbortSignal): Promise<JsonReply>;
  put(path: string, body: unknown, signal: AbortSignal): Promise<JsonReply>;
  /** All or nothing: the errors, if any, of a transaction that was rolled back. */
  transact(operations: readonly WireOp[], signal: AbortSignal): Promise<readonly WireTxnError[]>;
}

export const createClient = (config: ConsulConfig, pulse?: Pulse): ConsulClient => {
  const http = httpClient({
    pulse,
    bases: () => config.addresses,
    headers: () => ({ ...(config.token && { 'x-consul-token': config.token.reveal() }) }),
    ...tlsSettings(config, [config.addressSource, config.token]),
    tryNextPeer: ({ status, text }) =>
      [502, 503, 504].includes(status) || (status === 500 && isLeaderless(text)),
  });
  const scope: QueryParams = {
    ...(config.datacenter && { dc: config.datacenter }),
    ...(config.namespace && { ns: config.namespace }),
    ...(config.partition && { partition: config.partition }),
  };
  const send = (
    method: HttpRequest['method'],
    path: string,
    query: QueryParams,
    { signal, ...rest }: Pick<HttpRequest, 'body' | 'answer'> & { signal: AbortSignal },
  ) => http.request({ method, path: path + toQuery({ ...scope, ...query }), ...rest }, signal);

  return {
    async get(path, query, signal) {
      try {
        const reply = await send('GET', path, query, { answer: 'list', signal });
        return toJsonReply(reply, { where: path });
      } catch (error) {
        signal.throwIfAborted();
        throw inContext(error, path);
      }
    },
    put: async (path, body, signal) => toJsonReply(await send('PUT', path, {}, { body, signal })),
    async transact(operations, signal) {
      const body = operations.map((operation) => inScope(operation, config));
      const reply = await send('PUT', '/v1/txn', {}, { body, signal });
      const { body: result } = toJsonReply(reply, { accepted: [200, 409] });
      return readTxn(result, reply);
    },
  };
};

/**
 * Transactions take namespace and partition from each operation's body, not from the query
 * (Consul's txn_endpoint.go).
 */
const inScope = (operation: WireOp, { namespace, partition }: ConsulConfig) => {
  const scope = {
    ...(namespace && { Namespace: namespace }),
    ...(partition && { Partition: partition }),
  };
  return 'Service' in operation
    ? { Service: { ...operation.Service, Service: { ...operation.Service.Service, ...scope } } }
    : { Check: { ...operation.Check, Check: { ...operation.Check.Check, ...scope } } };
};

/** Errors of reads reach the caller as they are, so they must name the request. */
const inContext = (error: unknown, path: string): unknown => {
  if (error instanceof ConsulFault)
    return new ConsulFault(error.kind, error.status, `consul: reading ${path}: ${error.message}`);
  return error instanceof NoAnswer
    ? new NoAnswer(`consul: reading ${path}: ${error.message}`)
    : error;
};

const toQuery = (query: QueryParams): string => {
  const pairs = Object.entries(query).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
};

interface Expected {
  readonly accepted?: readonly number[];
  /** The path of a read, which its errors name. */
  readonly where?: string;
}

const toJsonReply = (reply: HttpReply, { accepted = [200], where }: Expected = {}): JsonReply => {
  if (!accepted.includes(reply.status))
    throw new ConsulFault(classify(reply), reply.status, `${reply.status} ${excerpt(reply.text)}`);
  let parsed: { readonly body: unknown } | undefined;
  return {
    get body() {
      parsed ??= { body: bodyOf(reply, where) };
      return parsed.body;
    },
    bytes: reply.bytes,
    index: String(reply.headers['x-consul-index'] ?? '0'),
    filtered: reply.headers['x-consul-results-filtered-by-acls'] === 'true',
  };
};

const isLeaderless = (text: string) => text.includes('No cluster leader');

/**
 * Consul answers 500 to some requests that can never succeed. These texts have not changed since
 * 1.0.
 */
const PERMANENT =
  /invalid |must (provide|be|specify)|no path to datacenter|couldn't load metadata|missing (node|service) registration|permission denied|acl not found/i;

const classify = ({ status, text }: HttpReply): ConsulFault['kind'] => {
  if (status === 408 || status === 429) return 'retry';
  if (status >= 500) return status === 500 && PERMANENT.test(text) ? 'refused' : 'retry';
  return 'refused';
};

const bodyOf = (reply: HttpReply, where: string | undefined): unknown => {
  try {
    return parseShallowJson(reply.text);
  } catch {
    const type = String(reply.headers['content-type'] ?? 'no content type');
    const fault = unexpected(`JSON, came ${type}: ${excerpt(reply.text)}`, reply.status);
    throw where === undefined ? fault : inContext(fault, where);
  }
};

const readTxn = (result: unknown, { status, text }: HttpReply): readonly WireTxnError[] => {
  if (typeof result === 'object' && result !== null && 'Errors' in result) {
    const { Errors: errors } = result;
    if (Array.isArray(errors) && errors.length > 0) return errors;
    if (status === 200 && errors === null) return [];
  }
  throw unexpected(`a transaction's Results and Errors, came ${excerpt(text)}`, status);
};

/** Something other than Consul has answered, perhaps a proxy: nothing is known of what it did. */
const unexpected = (what: string, status: number) =>
  new ConsulFault('retry', status, `${status}, but expected ${what}`);

/** JSON, but not what was asked for. */
export const unexpectedJson = (what: string) =>
  new ConsulFault('retry', 200, `consul: expected ${what}, came other JSON`);

const excerpt = (text: string) => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line === '' ? '(empty)' : line.length > 200 ? `${line.slice(0, 200)}…` : line;
};

/** What every read and write needs. */
export interface Connection {
  readonly client: ConsulClient;
  readonly owner: string;
}
