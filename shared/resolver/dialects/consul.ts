import type { Target } from '../../model/registration.ts';
import { json } from '../message.ts';
import type { Parameter } from '../parameters.ts';
import type { Route } from '../routes.ts';
import { named, shapeOf } from '../schemas.ts';
import { NO_STORE, SAMPLE, UNREADABLE } from './common.ts';
import { toCatalogEntry, toCheck, toHealthEntry, toNode, toService } from './consul/entries.ts';
import { DATACENTER, NODE, VERSION } from './consul/names.ts';
import { QUERY } from './consul/query.ts';
import { listChecks, listNodes, listServices, showHealth, showNode, showService } from './consul/reads.ts';

/**
 * Consul's read API, as far as its clients need it to find services. An unknown service is an empty list, as there; a
 * registry that cannot be read is 503.
 */

const inPath = (name: string, description: string): Parameter => ({
  name,
  in: 'path',
  description,
  schema: { type: 'string', minLength: 1 },
});

const BLOCKING: readonly Parameter[] = [QUERY.index, QUERY.wait, QUERY.nodeMeta];
const OF_SERVICE: readonly Parameter[] = [
  inPath('name', 'The service’s name.'),
  QUERY.tag,
  QUERY.filter,
  ...BLOCKING,
];

const answers = (schema: Readonly<Record<string, unknown>>): Route['responses'] => ({
  200: {
    description: 'With X-Consul-Index. Retry-After: it was not held, as too many are.',
    content: { 'application/json': schema },
  },
  ...UNREADABLE,
});
const listOf = (title: string, make: (target: Target) => unknown) =>
  answers({ type: 'array', items: named(title, shapeOf(make(SAMPLE))) });
const fixed = (value: unknown) => ({
  responses: { 200: { description: 'Always the same.', content: { 'application/json': { const: value } } } },
  handle: () => json(value, NO_STORE),
});

export const consulRoutes: readonly Route[] = (
  [
    {
      path: '/v1/catalog/services',
      summary: 'Every service that has instances, with their tags.',
      parameters: [QUERY.filter, ...BLOCKING],
      responses: answers({
        type: 'object',
        additionalProperties: { type: 'array', items: { type: 'string' } },
      }),
      handle: listServices,
    },
    {
      path: '/v1/catalog/service/{name}',
      summary: 'The instances of a service, whatever their health.',
      parameters: OF_SERVICE,
      responses: listOf('ConsulCatalogEntry', toCatalogEntry),
      handle: showService,
    },
    {
      path: '/v1/health/service/{name}',
      summary: 'The instances of a service with their health.',
      parameters: [...OF_SERVICE, QUERY.passing],
      responses: listOf('ConsulHealthEntry', toHealthEntry),
      handle: showHealth,
    },
    {
      path: '/v1/health/state/{state}',
      summary: 'The checks of all instances that are in a state.',
      parameters: [
        inPath('state', 'any, passing or critical; none is in another.'),
        QUERY.filter,
        ...BLOCKING,
      ],
      responses: listOf('ConsulCheck', toCheck),
      handle: listChecks,
    },
    {
      path: '/v1/catalog/nodes',
      summary: 'One node for each address.',
      parameters: [QUERY.filter, ...BLOCKING],
      responses: listOf('ConsulNode', toNode),
      handle: listNodes,
    },
    {
      path: '/v1/catalog/node/{node}',
      summary: 'The services at one address; null where there is none.',
      parameters: [inPath('node', 'The node’s name.'), QUERY.filter, ...BLOCKING],
      responses: answers({
        type: ['object', 'null'],
        required: ['Node', 'Services'],
        properties: {
          Node: shapeOf(toNode(SAMPLE)),
          Services: { type: 'object', additionalProperties: shapeOf(toService(SAMPLE)) },
        },
      }),
      handle: showNode,
    },
    { path: '/v1/catalog/datacenters', summary: 'The one datacenter.', ...fixed([DATACENTER]) },
    { path: '/v1/status/leader', summary: 'That there is a leader.', ...fixed('127.0.0.1:8300') },
    {
      path: '/v1/agent/self',
      summary: 'Who answers, as far as clients read it.',
      ...fixed({
        Config: { Datacenter: DATACENTER, NodeName: NODE, Server: true, Version: VERSION },
        Member: { Name: NODE, Tags: { dc: DATACENTER } },
        Meta: {},
      }),
    },
  ] satisfies readonly Omit<Route, 'method'>[]
).map((route): Route => ({ method: 'GET', ...route }));
