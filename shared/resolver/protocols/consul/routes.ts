import type { Target } from '../../../model/registration.ts';
import { json, NO_STORE } from '../../http/message.ts';
import type { Parameter, Route, Schema } from '../../route.ts';
import {
  listOf,
  named,
  pathParameter,
  SAMPLE,
  shapeOf,
  TEXT,
  UNREADABLE,
} from '../descriptions.ts';
import { readEmptyStore } from './blocking.ts';
import {
  DATACENTER,
  toCatalogEntry,
  toCheck,
  toHealthEntry,
  toNode,
  toService,
} from './entries.ts';
import {
  listChecks,
  listNodeChecks,
  listNodeServices,
  listNodes,
  listServiceChecks,
  listServices,
  showHealth,
  showNode,
  showService,
} from './handlers.ts';
import { QUERY } from './query.ts';

/**
 * Consul's read API, as far as clients need it to find services. An unknown service is an empty
 * list, as in Consul; a registry that cannot be read is 503.
 */

const HELD: readonly Parameter[] = [QUERY.filter, QUERY.index, QUERY.wait];
const BLOCKING: readonly Parameter[] = [...HELD, QUERY.nodeMeta];
const NAME = pathParameter('name', 'The service’s name.');
const OF_SERVICE: readonly Parameter[] = [NAME, QUERY.tag, ...BLOCKING];
const OF_NODE: readonly Parameter[] = [pathParameter('node', 'The node’s name.'), ...HELD];

const TOO_MANY = {
  429: { description: 'It cannot be held: too many are, none of them for longer than a second.' },
};
const answers = (schema: Schema): Route['responses'] => ({
  200: {
    description: 'Retry-After: it was not held, as none is.',
    content: { 'application/json': schema },
  },
  ...TOO_MANY,
  ...UNREADABLE,
});
const answersWithList = (title: string, toEntry: (target: Target) => unknown) =>
  answers(listOf(named(title, shapeOf(toEntry(SAMPLE)))));
const CHECKS = answersWithList('ConsulCheck', toCheck);
const NODE_SHAPE = shapeOf(toNode(SAMPLE));
const SERVICE_SHAPE = shapeOf(toService(SAMPLE));
const answersWithNode = (type: unknown, Node: Schema, Services: Schema) =>
  answers({ type, required: ['Node', 'Services'], properties: { Node, Services } });

const NODE = 'rollcall';
/** The version whose read API this is: some clients choose their calls by it. */
const VERSION = '1.8.7';
const LEADER = '127.0.0.1:8300';

/** Clients in Java refuse an agent without any of these. The numbers are those of that version. */
const MEMBER = {
  Name: NODE,
  Addr: '127.0.0.1',
  Port: 8301,
  Tags: { dc: DATACENTER },
  // Alive.
  Status: 1,
  ProtocolMin: 1,
  ProtocolMax: 5,
  ProtocolCur: 2,
  DelegateMin: 2,
  DelegateMax: 5,
  DelegateCur: 4,
};
const KEY: Parameter = {
  name: 'path',
  in: 'path',
  description: 'Any key.',
  schema: { type: 'string' },
};

/** An answer that never changes. */
const constant = (value: unknown) => ({
  responses: {
    200: { description: 'Always the same.', content: { 'application/json': { const: value } } },
  },
  handle: () => json(value, NO_STORE),
});

export const consulRoutes: readonly Route[] = (
  [
    {
      path: '/v1/catalog/services',
      summary: 'Every service that has instances, with their tags.',
      parameters: BLOCKING,
      responses: answers({
        type: 'object',
        additionalProperties: listOf(TEXT),
      }),
      handle: listServices,
    },
    {
      path: '/v1/catalog/service/{name}',
      summary: 'The instances of a service, whatever their health.',
      parameters: OF_SERVICE,
      responses: answersWithList('ConsulCatalogEntry', toCatalogEntry),
      handle: showService,
    },
    {
      path: '/v1/health/service/{name}',
      summary: 'The instances of a service with their health.',
      parameters: [...OF_SERVICE, QUERY.passing],
      responses: answersWithList('ConsulHealthEntry', toHealthEntry),
      handle: showHealth,
    },
    {
      path: '/v1/health/state/{state}',
      summary: 'The checks of all instances that are in a state.',
      parameters: [
        pathParameter('state', 'any, passing or critical; none is in another.'),
        ...BLOCKING,
      ],
      responses: CHECKS,
      handle: listChecks,
    },
    {
      path: '/v1/health/checks/{name}',
      summary: 'The checks of a service’s instances.',
      parameters: [NAME, ...BLOCKING],
      responses: CHECKS,
      handle: listServiceChecks,
    },
    {
      path: '/v1/health/node/{node}',
      summary: 'The checks of the instances at one address.',
      parameters: OF_NODE,
      responses: CHECKS,
      handle: listNodeChecks,
    },
    {
      path: '/v1/catalog/nodes',
      summary: 'One node for each address.',
      parameters: BLOCKING,
      responses: answersWithList('ConsulNode', toNode),
      handle: listNodes,
    },
    {
      path: '/v1/catalog/node/{node}',
      summary: 'The services at one address; null where there is none.',
      parameters: OF_NODE,
      responses: answersWithNode(['object', 'null'], NODE_SHAPE, {
        type: 'object',
        additionalProperties: SERVICE_SHAPE,
      }),
      handle: showNode,
    },
    {
      path: '/v1/catalog/node-services/{node}',
      summary: 'The same as a list.',
      parameters: OF_NODE,
      responses: answersWithNode(
        'object',
        { ...NODE_SHAPE, type: ['object', 'null'] },
        { type: ['array', 'null'], items: SERVICE_SHAPE },
      ),
      handle: listNodeServices,
    },
    { path: '/v1/catalog/datacenters', summary: 'The one datacenter.', ...constant([DATACENTER]) },
    { path: '/v1/status/leader', summary: 'That there is a leader.', ...constant(LEADER) },
    { path: '/v1/status/peers', summary: 'The leader, alone.', ...constant([LEADER]) },
    {
      path: '/v1/agent/self',
      summary: 'Who answers, as far as clients read it.',
      ...constant({
        Config: {
          Datacenter: DATACENTER,
          NodeName: NODE,
          Revision: '',
          Server: true,
          Version: VERSION,
        },
        Member: MEMBER,
        Meta: {},
      }),
    },
    {
      path: '/v1/kv/{path+}',
      summary: 'The key-value store, which is empty.',
      parameters: [KEY, QUERY.index, QUERY.wait],
      responses: { 404: { description: 'There is no such key.', isEmpty: true }, ...TOO_MANY },
      handle: readEmptyStore,
    },
  ] satisfies readonly Omit<Route, 'method'>[]
).map((route): Route => ({ method: 'GET', ...route }));
