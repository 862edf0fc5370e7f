import { methodsOf } from '../../pipeline/router.ts';
import type { Parameter, ResponseDescription, Route, Schema } from '../../route.ts';
import { named, objectOf, TEXT } from '../descriptions.ts';
import { headersOf } from './headers.ts';

/** The surface as an OpenAPI 3.1 document, made from the same data that requests are checked by. */

type Fields = Readonly<Record<string, unknown>>;

/** The ways to send the token, one for each kind of client, and the page's cookie. */
const SCHEMES: Fields = {
  bearer: { type: 'http', scheme: 'bearer', description: 'Prometheus, Envoy, curl.' },
  consulToken: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Consul-Token',
    description: 'Clients of Consul’s.',
  },
  basic: {
    type: 'http',
    scheme: 'basic',
    description: 'Clients of Eureka’s: any user, the token is the password.',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-rollcall',
    description: 'Set by the page’s form.',
  },
};
const TOKEN = [{ bearer: [] }, { consulToken: [] }, { basic: [] }];

/** RFC 9457, as `problemResponse` writes it. */
const PROBLEM = named(
  'Problem',
  objectOf({
    type: TEXT,
    title: TEXT,
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: TEXT,
    instance: TEXT,
  }),
);
const PROBLEM_CONTENT = { 'application/problem+json': PROBLEM };

/** `byToken`: whether this deployment asks for one. */
export const toOpenApi = (routes: readonly Route[], byToken: boolean): Fields => {
  const byPath = Map.groupBy(routes, ({ path }) => templateOf(path));
  const schemas: Record<string, unknown> = {};
  const paths = [...byPath].map(([path, group]) => [
    path,
    collectSchemas(toPathItem(group, byToken), schemas),
  ]);
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

/** Moves every schema that has a title into `schemas`, and leaves a reference in its place. */
const collectSchemas = (value: unknown, schemas: Record<string, unknown>): unknown => {
  if (Array.isArray(value)) return value.map((one) => collectSchemas(one, schemas));
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, collectSchemas(one, schemas)]),
  );
  const { title } = inner;
  if (typeof title !== 'string') return inner;
  schemas[title] = inner;
  return { $ref: `#/components/schemas/${title}` };
};

/** OpenAPI has no parameter that takes the rest of a path. */
const templateOf = (path: string) => path.replace('+}', '}');

const toPathItem = (routes: readonly Route[], byToken: boolean): Fields =>
  Object.fromEntries(
    routes.flatMap((route) =>
      // HEAD is GET without a body: describing it again would double the document.
      methodsOf(route)
        .filter((method) => method !== 'HEAD' || route.method === 'ANY')
        .map((method) => [method.toLowerCase(), toOperation(route, method, byToken)]),
    ),
  );

const toOperation = (route: Route, method: string, byToken: boolean): Fields => {
  const { path, summary, body, access } = route;
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
    ...(byToken && { security: securityOf(access) }),
  };
};

const securityOf = (access: Route['access']) => {
  if (access === 'public') return [];
  return access ? [...TOKEN, { session: [] }] : TOKEN;
};

/** `getServicesName`: unique, and a valid name in every language. */
const operationId = (method: string, path: string) =>
  method.toLowerCase() +
  (path === '/' ? 'Page' : path).replace(/[^A-Za-z0-9]+(.?)/g, (_, next) => next.toUpperCase());

/** A route that can answer 304 takes If-None-Match. */
const parametersOf = ({ method, parameters = [], responses }: Route): readonly Parameter[] =>
  method === 'GET' && responses[304] ? [...parameters, IF_NONE_MATCH] : parameters;

const IF_NONE_MATCH: Parameter = {
  name: 'If-None-Match',
  in: 'header',
  description: 'The ETag of the answer that the client holds.',
  schema: { type: 'string' },
};

const toParameter = ({
  name,
  in: place,
  description,
  schema,
  repeatable,
  prefix,
}: Parameter): Fields => ({
  name,
  in: place,
  description,
  ...(place === 'path' && { required: true }),
  // In a query, an object's keys are parameters of their own. Keys with another beginning are
  // refused; any value is right, since all are texts.
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

/** The route's own answers, and those that every route may give. */
const responsesOf = (
  { responses, parameters, body, access }: Route,
  byToken: boolean,
): Route['responses'] => ({
  ...(parameters && {
    400: { description: 'The path or a parameter is not valid; the detail says which.' },
  }),
  ...(byToken &&
    access !== 'public' && { 401: { description: 'No token came, or one that is not valid.' } }),
  ...(body && { 413: { description: 'The body is larger than any that makes sense.' } }),
  500: { description: 'A fault of the resolver’s own, or an answer too large for Lambda.' },
  ...responses,
});

const toResponse = (
  { description, content = {}, isEmpty }: ResponseDescription,
  status: number,
  headers: Fields,
): Fields => {
  const all = { ...(status >= 400 && !isEmpty && PROBLEM_CONTENT), ...content };
  return {
    description,
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(Object.keys(all).length > 0 && { content: withSchemas(all) }),
  };
};

const withSchemas = (content: Readonly<Record<string, Schema>>): Fields =>
  Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }]));
