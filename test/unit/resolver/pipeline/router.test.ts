import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toRequest } from '../../../../shared/resolver/http/message.ts';
import { Problem } from '../../../../shared/resolver/http/problem.ts';
import { createRouter } from '../../../../shared/resolver/pipeline/router.ts';
import type { RequestContext, Route } from '../../../../shared/resolver/route.ts';
import { ROUTES } from '../../../../shared/resolver/routes.ts';

const route = (method: Route['method'], path: string): Route => ({
  method,
  path,
  summary: '',
  responses: {},
  handle: () => ({ status: 200, headers: {}, body: '' }),
});
const routes = [
  route('GET', '/'),
  route('GET', '/services'),
  route('GET', '/services/{name}'),
  route('POST', '/services/{name}'),
  route('ANY', '/go/{name}/{path+}'),
];
const createFinder = (of: readonly Route[]) => {
  const find = createRouter(of);
  return ({ method, path }: { readonly method: string; readonly path: string }) =>
    find(toRequest({ method, target: path }));
};
const findRoute = createFinder(routes);
/** What the route that is found answers with instead of a response, if it does. */
const problemOf = async ({ handle }: Route): Promise<Problem | undefined> => {
  try {
    await handle({} as RequestContext);
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
};
const match = async (method: string, path: string) => {
  const found = findRoute({ method, path });
  const problem = await problemOf(found.route);
  return problem
    ? { status: problem.status, ...problem.headers }
    : { path: found.route.path, ...found.params };
};

describe('the router', () => {
  it.each([
    ['GET', '/', { path: '/' }],
    ['GET', '/services', { path: '/services' }],
    ['GET', '/%73ervices', { path: '/services' }],
    ['HEAD', '/services', { path: '/services' }],
    ['GET', '/services/web', { path: '/services/{name}', name: 'web' }],
    ['GET', '/services/a%2Fb%20%C3%A9', { path: '/services/{name}', name: 'a/b é' }],
    ['GET', '/services/%252F', { path: '/services/{name}', name: '%2F' }],
  ])('finds %s %s', async (method, path, expected) => {
    expect(await match(method, path)).toEqual(expected);
  });

  it.each([
    ['/go/web/', ''],
    ['/go/web/a/b', 'a/b'],
    ['/go/web//a//', '/a//'],
    ['/go/web/a%2Fb%20c', 'a%2Fb%20c'],
  ])('hands over the rest of %s as it came', (path, rest) => {
    expect(findRoute({ method: 'PATCH', path })).toMatchObject({
      params: { name: 'web', path: rest },
    });
  });

  it.each([
    '/nothing',
    '/services/',
    '/services/a/b',
    '/go',
    '/go/web',
    '/go//x',
    '//services',
    '',
  ])('knows no path %j', async (path) => {
    expect(await match('GET', path)).toEqual({ status: 404 });
  });

  it('takes the first in order, whether or not its first part is a parameter', () => {
    const first = ['/{a}/x', '/b/x', '/b/{c}'];
    const find = createFinder(first.map((path) => route('GET', path)));
    const found = (path: string) => find({ method: 'GET', path }).route.path;
    expect(['/b/x', '/b/y', '/c/x', '/c/y'].map(found)).toEqual(['/{a}/x', '/b/{c}', '/{a}/x', '']);
  });

  it('says what there is beside a path that is not there', async () => {
    const detailOf = async (path: string) =>
      (await problemOf(findRoute({ method: 'GET', path }).route))?.message;
    expect(await detailOf('/services/a/b')).toBe(
      'No such path. Under /services there are: /services, /services/{name}.',
    );
    expect(await detailOf('/nothing')).toBe(
      'No such path. GET /openapi.json says which there are.',
    );
    expect(await detailOf('//services')).toBe(
      'No such path. GET /openapi.json says which there are.',
    );
  });

  it('names the methods of a path that is asked with another', async () => {
    expect(await match('DELETE', '/services/web')).toEqual({
      status: 405,
      allow: 'GET, HEAD, POST',
    });
  });

  it.each(['/services/%', '/services/%zz', '/services/%ff', '/%e0%a4', '/go/web/%c3%28'])(
    'refuses the broken escape in %s',
    async (path) => {
      expect(await match('GET', path)).toEqual({ status: 400 });
    },
  );

  it('gives back every name that was percent-encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
        const { route, params } = findRoute({
          method: 'GET',
          path: `/services/${encodeURIComponent(name)}`,
        });
        expect({ path: route.path, ...params }).toEqual({ path: '/services/{name}', name });
      }),
    );
  });

  it('never throws, whatever the path', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (path) => {
        expect(() => findRoute({ method: 'GET', path })).not.toThrow();
      }),
    );
  });
});

describe('the route table', () => {
  it('describes each parameter of each path', () => {
    for (const { path, parameters = [] } of ROUTES) {
      const described = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
      expect(described).toEqual([...path.matchAll(/\{(\w+)\+?\}/g)].map(([, name]) => name));
    }
  });

  it('has no two routes of one method and path', () => {
    const keys = ROUTES.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('makes nothing public but /health, /ready and the form’s own paths', () => {
    expect(
      ROUTES.filter(({ access }) => access === 'public').map(
        ({ method, path }) => `${method} ${path}`,
      ),
    ).toEqual(['GET /health', 'GET /ready', 'POST /login', 'GET /login', 'POST /logout']);
  });

  it('opens nothing but reading the page by its cookie', () => {
    expect(
      ROUTES.filter(({ access }) => access && access !== 'public').map(
        ({ method, path }) => `${method} ${path}`,
      ),
    ).toEqual(['GET /']);
  });
});
