import { methodsOf, type ResponseDoc, type Route, type Schema } from '../../pipeline/router.ts';
import type { Parameter } from '../../pipeline/validation.ts';
import { PROBLEM } from '../schemas.ts';
import { headersOf } from './headers.ts';

/** The surface as an OpenAPI 3.1 document, made from what the routes are matched and checked by. */

type Fields = Readonly<Record<string, unknown>>;

/** The carriers of the token, one for each kind of client, and the cookie of the page. */
const SCHEMES: Fields = {
  bearer: { type: 'http', scheme: 'bearer', description: 'Prometheus, Envoy, curl.' },
  consulToken: { type: 'apiKey', in: 'header', name: 'X-Consul-Token', description: 'Clients of Consul’s.' },
  basic: {
    type: 'http',
    scheme: 'basic',
    description: 'Clients of Eureka’s: any user, the token is the password.',
  },
  session: { type: 'apiKey', in: 'cookie', name: '__Host-rollcall', description: 'Set by the page’s form.' },
};
const TOKEN = [{ bearer: [] }, { consulToken: [] }, { basic: [] }];

const PROBLEM_CONTENT = { 'application/problem+json': PROBLEM };

/** `byToken`: whether this deployment asks for one. */
export const toOpenApi = (routes: readonly Route[], byToken: boolean): Fields => {
  const byPath = Map.groupBy(routes, ({ path }) => templateOf(path));
  const schemas: Record<string, unknown> = {};
  const paths = [...byPath].map(([path, group]) => [path, byName(toPathItem(group, byToken), schemas)]);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Rollcall',
      version: '1',
      description:
        'Finds the tasks of Amazon ECS, in our own words and in those of Prometheus, Consul, Eureka and Envoy. ' +
        'Query keys that are not described are ignored; our own filters refuse them, but for those that begin with _. ' +
        'HEAD is answered wherever GET is. Eureka’s paths may end with a slash. ' +
        'API Gateway, where it stands before this, answers 429 above its rate and knows no problem+json.',
    },
    servers: [{ url: '.', description: 'Where this document lies.' }],
    paths: Object.fromEntries(paths),
    components: { schemas, ...(byToken && { securitySchemes: SCHEMES }) },
  };
};

/** A schema that has a title stands once, under that name. */
const byName = (value: unknown, schemas: Record<string, unknown>): unknown => {
  if (Array.isArray(value)) return value.map((one) => byName(one, schemas));
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, byName(one, schemas)]));
  const { title } = inner;
  if (typeof title !== 'string') return inner;
  schemas[title] = inner;
  return { $ref: `#/components/schemas/${title}` };
};

/** OpenAPI knows no parameter that takes the rest of a path. */
const templateOf = (path: string) => path.replace('+}', '}');

const toPathItem = (routes: readonly Route[], byToken: boolean): Fields =>
  Object.fromEntries(
    routes.flatMap((route) =>
      // HEAD is GET without a body: to describe it again would double the document.
      methodsOf(route)
        .filter((method) => method !== 'HEAD' || route.method === 'ANY')
        .map((method) => [method.toLowerCase(), toOperation(route, method, byToken)]),
    ),
  );

const toOperation = (route: Route, method: string, byToken: boolean): Fields => {
  const { path, summary, body, free, signIn } = route;
  const parameters = parametersOf(route);
  return {
    operationId: operationId(method, path),
    summary,
    ...(parameters.length > 0 && { parameters: parameters.map(toParameter) }),
    ...(body && {
      requestBody: {
        description: body.description,
        required: body.required,
        content: withSchemas(body.content),
      },
    }),
    responses: Object.fromEntries(
      Object.entries(responsesOf(route, byToken)).map(([status, doc]) => [
        status,
        toResponse(doc, +status, headersOf(route, +status)),
      ]),
    ),
    ...(byToken && { security: free ? [] : signIn ? [...TOKEN, { session: [] }] : TOKEN }),
  };
};

/** `getServicesName`: unique, and a name in every language. */
const operationId = (method: string, path: string) =>
  method.toLowerCase() +
  (path === '/' ? 'Page' : path).replace(/[^A-Za-z0-9]+(.?)/g, (_, next) => next.toUpperCase());

/** Whatever is told apart by its ETag is so for every client. */
const parametersOf = ({ method, parameters = [], responses }: Route): readonly Parameter[] =>
  method === 'GET' && responses[304] ? [...parameters, IF_NONE_MATCH] : parameters;

const IF_NONE_MATCH: Parameter = {
  name: 'If-None-Match',
  in: 'header',
  description: 'The ETag of the answer that the client holds.',
  schema: { type: 'string' },
};

const toParameter = ({ name, in: place, description, schema, repeatable, prefix }: Parameter): Fields => ({
  name,
  in: place,
  description,
  ...(place === 'path' && { required: true }),
  // An object in a query is its keys, one by one; those with another beginning are refused.
  // Their values are text, whatever was put in, so none is wrong.
  schema: prefix
    ? {
        type: 'object',
        patternProperties: { [`^${name.replaceAll('.', '\\.')}.`]: {} },
        additionalProperties: false,
      }
    : repeatable
      ? { type: 'array', items: schema }
      : schema,
});

/** What every route may answer stands here and not in each of them. */
const responsesOf = ({ responses, parameters, body, free }: Route, byToken: boolean): Route['responses'] => ({
  ...(parameters && { 400: { description: 'The path or a parameter is not valid; the detail says which.' } }),
  ...(byToken && !free && { 401: { description: 'No token came, or one that is not valid.' } }),
  ...(body && { 413: { description: 'The body is larger than any that makes sense.' } }),
  500: { description: 'A fault of the resolver’s own, or an answer too large for Lambda.' },
  ...responses,
});

const toResponse = ({ description, content = {} }: ResponseDoc, status: number, headers: Fields): Fields => {
  const all = { ...(status >= 400 && PROBLEM_CONTENT), ...content };
  return {
    description,
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(Object.keys(all).length > 0 && { content: withSchemas(all) }),
  };
};

const withSchemas = (content: Readonly<Record<string, Schema>>): Fields =>
  Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }]));
