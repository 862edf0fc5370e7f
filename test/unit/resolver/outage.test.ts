import { describe, expect, it } from 'vitest';
import { toRequest } from '../../../shared/resolver/http/message.ts';
import { ROUTES } from '../../../shared/resolver/routes.ts';
import { directoryOf, resolverOver } from './support.ts';

/** Paths that read no registry, and the page, which says which one it could not read. */
const APART = [
  ...['/', '/login', '/logout', '/health', '/metrics', '/openapi.json'],
  ...['/v1/catalog/datacenters', '/v1/status/leader', '/v1/status/peers', '/v1/agent/self'],
  '/v1/kv/{path+}',
];
const READING = ROUTES.filter(({ path }) => !APART.includes(path)).map(
  ({ method, path, strictQuery }) => ({
    method: method === 'POST' ? 'POST' : 'GET',
    // Other paths ignore keys that they do not know.
    queries: strictQuery ? ['', '?tag=v1'] : ['', '?index=7&wait=1s', '?passing', '?service=web'],
    path: path.replace(/\{\w+\+?\}/g, 'web'),
  }),
);
const BODY = '{"resource_names":["web"]}';

describe('with nothing in the cache and a registry that is down', () => {
  it.each(READING)(
    '$method $path is 503, held or not, and never an empty list',
    async ({ method, path, queries }) => {
      const { state, directory } = directoryOf({});
      state.failure = new Error('down');
      const resolver = resolverOver(directory);
      for (const query of queries)
        expect(
          await resolver(toRequest({ method, target: path + query, body: BODY })),
        ).toMatchObject({
          status: 503,
          headers: { 'retry-after': '5', 'content-type': 'application/problem+json' },
        });
    },
  );
});
