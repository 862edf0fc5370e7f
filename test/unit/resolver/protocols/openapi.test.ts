import { describe, expect, it } from 'vitest';
import { methodsOf } from '../../../../shared/resolver/pipeline/router.ts';
import { toOpenApi } from '../../../../shared/resolver/protocols/openapi/document.ts';
import type { Route } from '../../../../shared/resolver/route.ts';
import { ROUTES } from '../../../../shared/resolver/routes.ts';
import { CONTENT, requestFor } from '../asking.ts';
import { faultsOf } from '../conforms.ts';
import { answerOf, ask, directoryOf, over, resolverOver, secret } from '../support.ts';

const document = toOpenApi(ROUTES, true);
const operation = (method: string, path: string) => Object(document['paths'])[path][method];

const answered = (route: Route) => answerOf(over(CONTENT)(requestFor(route)));

describe('the OpenAPI document', () => {
  it.each(ROUTES)('has $method $path with its parameters and answers', (route) => {
    const path = route.path.replace('+}', '}');
    for (const method of methodsOf(route).filter((one) => one !== 'HEAD')) {
      const { parameters = [], responses } = operation(method.toLowerCase(), path);
      expect(parameters.map(({ name }: { name: string }) => name)).toEqual(
        expect.arrayContaining((route.parameters ?? []).map(({ name }) => name)),
      );
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(Object.keys(route.responses)));
    }
  });

  it('names every operation once', () => {
    const ids = Object.values(Object(document['paths'])).flatMap((item) =>
      Object.values(Object(item)).map((one) => Object(one).operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z][A-Za-z0-9]+$/.test(id))).toEqual([]);
  });

  it('gives each error as a problem, and asks for a token but where none is needed', () => {
    const { responses, security } = operation('get', '/services/{name}');
    const problem = { schema: { $ref: '#/components/schemas/Problem' } };
    for (const status of [400, 401, 404, 500, 503])
      expect(responses[status].content).toEqual({ 'application/problem+json': problem });
    expect(security).toEqual([{ bearer: [] }, { consulToken: [] }, { basic: [] }]);
    expect(operation('get', '/').security).toContainEqual({ session: [] });
    expect(operation('get', '/health').security).toEqual([]);
  });

  it('speaks of no token where the deployment asks for none', async () => {
    const { body } = await ask(over({}), 'GET /openapi.json');
    const open = JSON.parse(body);
    expect(open.components).not.toHaveProperty('securitySchemes');
    expect(open.paths['/services'].get).not.toHaveProperty('security');
    const closed = resolverOver(directoryOf({}).directory, {
      config: { access: 'token', token: secret('t') },
    });
    expect((await ask(closed, 'GET /openapi.json')).status).toBe(401);
    const { body: told } = await ask(closed, 'GET /openapi.json', { authorization: 'Bearer t' });
    expect(JSON.parse(told).components.securitySchemes).toHaveProperty('basic');
  });

  it('says what a body holds', () => {
    const { requestBody, responses } = operation('post', '/v3/discovery:endpoints');
    expect(requestBody).toMatchObject({
      required: true,
      content: {
        'application/json': { schema: { $ref: '#/components/schemas/DiscoveryRequest' } },
      },
    });
    expect(responses).toHaveProperty('413');
  });

  it('describes keys with a prefix as an object of such keys and no others, where others are refused', () => {
    const withPrefix = ROUTES.filter(({ parameters = [] }) =>
      parameters.some(({ prefix }) => prefix),
    );
    expect(withPrefix.filter(({ strictQuery }) => !strictQuery)).toEqual([]);
    expect(operation('get', '/services').parameters).toContainEqual(
      expect.objectContaining({
        name: 'meta.',
        schema: {
          type: 'object',
          patternProperties: { '^meta\\..': {} },
          additionalProperties: false,
        },
      }),
    );
  });
});

describe('an answer of the resolver', () => {
  it.each(
    ROUTES.map((route) => ({
      route,
      method: route.method === 'ANY' ? 'GET' : route.method,
      path: route.path,
    })),
  )('to $method $path is as described', async ({ route }) => {
    const { status, headers, body } = await answered(route);
    const described = route.responses[status];
    expect([status, described]).toEqual([status, expect.anything()]);
    const type = headers['content-type']?.split(';')[0];
    if (type === undefined) expect(described?.content).toBeUndefined();
    else {
      const schema = described?.content?.[type];
      expect([type, schema]).toEqual([type, expect.anything()]);
      expect(faultsOf(schema ?? {}, type === 'application/json' ? JSON.parse(body) : body)).toEqual(
        [],
      );
    }
  });

  it('that is an error is the problem that is described', async () => {
    const { Problem } = Object(document['components']).schemas;
    const { body } = await ask(over({}), 'GET /services/web');
    expect(faultsOf(Problem, JSON.parse(body))).toEqual([]);
    expect(faultsOf(Problem, { status: 399 })).not.toEqual([]);
  });
});
