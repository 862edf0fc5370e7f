import { posix } from 'node:path';
import { type Acl, type Rights, rightsOf } from './acl.ts';
import { FilterError, parseFilter } from './filter.ts';
import { READERS, type Read, type Reader } from './reads.ts';
import { type Reply, reply } from './reply.ts';
import type { Tables } from './tables.ts';
import { MAX_TXN_BYTES, transact } from './txn.ts';
import { DATACENTER } from './views.ts';
import { deregister, register, type Written } from './writes.ts';

export interface ConsulRequest {
  readonly method: string;
  readonly url: URL;
  readonly token: string;
  readonly body: string;
}

const WRITERS: Readonly<
  Record<string, (tables: Tables, body: unknown, rights: Rights) => Written>
> = {
  '/v1/catalog/register': register,
  '/v1/catalog/deregister': deregister,
  '/v1/txn': transact,
};

/**
 * What a request asks: something to write, something to read (again, if it waits), or an answer at
 * once.
 */
export type Route =
  | { readonly kind: 'write'; run(tables: Tables): Written }
  | { readonly kind: 'read'; run(tables: Tables): Read; finish(read: Read): Reply }
  | { readonly kind: 'answer'; readonly reply: Reply };

const answer = (given: Reply): Route => ({ kind: 'answer', reply: given });

export const route = (request: ConsulRequest, acl: Acl | undefined): Route => {
  const { searchParams: query, pathname } = request.url;
  const path = decodeURIComponent(pathname);
  const moved = cleaned(path);
  if (moved !== path)
    return answer(
      reply.text(301, `<a href="${moved}">Moved Permanently</a>.`, { location: moved }),
    );
  const endpoint = endpointAt(path);
  if (!endpoint) return answer(reply.text(404, ''));
  const method = 'write' in endpoint ? 'PUT' : 'GET';
  if (request.method !== method)
    return answer(
      reply.text(405, `method ${request.method} not allowed`, { allow: `OPTIONS,${method}` }),
    );
  if ((query.get('dc') ?? DATACENTER) !== DATACENTER)
    return answer(reply.text(500, 'No path to datacenter'));
  const rights = rightsOf(acl, request.token);
  if ('fixed' in endpoint) return answer(reply.json(endpoint.fixed));
  if (!rights) return answer(reply.text(403, 'ACL not found'));
  if ('write' in endpoint)
    return writing(request, (tables, body) => endpoint.write(tables, body, rights));
  return reading(query, (tables) => endpoint.read({ tables, query, rights, name: endpoint.name }));
};

/** Consul's router cleans the decoded path, and sends the client to the clean one. */
const cleaned = (path: string) => {
  const clean = posix.normalize(path);
  return path.endsWith('/') || !clean.endsWith('/') ? clean : clean.slice(0, -1);
};

type Endpoint =
  | { readonly write: (tables: Tables, body: unknown, rights: Rights) => Written }
  | { readonly read: Reader; readonly name: string }
  | { readonly fixed: unknown };

const FIXED: Readonly<Record<string, unknown>> = {
  '/v1/status/leader': '127.0.0.1:8300',
  '/v1/agent/self': {
    Config: { Datacenter: DATACENTER, NodeName: 'consul', Server: true, Version: '1.8.7' },
  },
};

const endpointAt = (path: string): Endpoint | undefined => {
  if (FIXED[path] !== undefined) return { fixed: FIXED[path] };
  const write = WRITERS[path];
  if (write) return { write };
  const [key, read] =
    Object.entries(READERS).find(([each]) =>
      each.endsWith('/') ? path.startsWith(each) : path === each,
    ) ?? [];
  return key !== undefined && read ? { read, name: path.slice(key.length) } : undefined;
};

const writing = (
  request: ConsulRequest,
  write: (tables: Tables, body: unknown) => Written,
): Route => {
  const txn = request.url.pathname === '/v1/txn';
  const bytes = Buffer.byteLength(request.body);
  if (txn && bytes > MAX_TXN_BYTES)
    return answer(reply.text(413, `Request body too large, max size: ${MAX_TXN_BYTES} bytes`));
  try {
    const body: unknown = JSON.parse(request.body);
    return { kind: 'write', run: (tables) => write(tables, body) };
  } catch (error) {
    const words = request.body === '' ? 'EOF' : (error as Error).message;
    return answer(
      reply.text(400, `${txn ? 'Failed to parse body' : 'Request decode failed'}: ${words}`),
    );
  }
};

const reading = (query: URLSearchParams, read: (tables: Tables) => Read): Route => {
  if (query.has('stale') && query.has('consistent'))
    return answer(
      reply.text(400, 'Cannot specify ?stale with ?consistent, conflicting semantics.'),
    );
  if (!/^\d*$/.test(query.get('index') ?? '')) return answer(reply.text(400, 'Invalid index'));
  if (!/^(\d+(\.\d+)?(ms|s|m|h))*$/.test(query.get('wait') ?? ''))
    return answer(reply.text(400, 'Invalid wait time'));
  const expression = query.get('filter');
  try {
    const keep = expression ? parseFilter(expression) : undefined;
    return {
      kind: 'read',
      run: read,
      finish: ({ value, index, filterable }) =>
        reply.json(keep && filterable ? filterable(keep) : value, {
          headers: {
            'x-consul-index': `${index}`,
            'x-consul-knownleader': 'true',
            'x-consul-lastcontact': '0',
          },
        }),
    };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return answer(
      reply.text(500, `Failed to create boolean expression evaluator: ${error.message}`),
    );
  }
};
