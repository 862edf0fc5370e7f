import { toRequest } from '../../../shared/resolver/http/message.ts';
import type { Route } from '../../../shared/resolver/route.ts';
import { target } from './support.ts';

/** A registry with something to show on every route. */
export const CONTENT = {
  dns: [target({ id: 'd', service: 'dns', port: 53, protocol: 'udp', zone: null, weight: 0 })],
  web: [
    target({ tags: ['v1'], metadata: { version: '1', 'management.port': '81' } }),
    target({ id: 'b', healthy: false, address: 'fd00::1', weight: 2.5 }),
  ],
};

/** Of what is in `CONTENT`. */
const VALUES: Readonly<Record<string, string>> = {
  name: 'web',
  node: 'ip-10-0-0-1',
  app: 'WEB',
  id: 'a',
  vip: 'web',
  state: 'any',
  path: 'x',
};

export interface Asking {
  readonly values?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** A request that the route answers with what is there, unless it is said otherwise. */
export const requestFor = (
  { method, path }: Pick<Route, 'method' | 'path'>,
  { values = VALUES, query = '', headers = {}, body = {} }: Asking = {},
) =>
  toRequest({
    method: method === 'ANY' ? 'GET' : method,
    target: path.replace(/\{(\w+)\+?\}/g, (_, name) => values[name] ?? '') + query,
    headers: { accept: 'application/json', ...headers },
    ...(path.startsWith('/v3/') && {
      body: JSON.stringify({ resource_names: [values['name']], ...body }),
    }),
  });
