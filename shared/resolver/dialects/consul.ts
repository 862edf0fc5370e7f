import type { Target } from '../../model/registration.ts';
import { json, type ResolverResponse } from '../message.ts';
import type { Parameter } from '../parameters.ts';
import type { Reader } from '../reader.ts';
import type { Call, Route } from '../routes.ts';
import { named, shapeOf } from '../schemas.ts';
import { NO_STORE, ownServices, SAMPLE, UNREADABLE } from './common.ts';
import { blocking } from './consul/blocking.ts';
import { nodeName, toCatalogEntry, toHealthEntry, toNode, toService } from './consul/entries.ts';
import { parseFilter } from './consul/filter.ts';
import { DATACENTER, NODE, VERSION } from './consul/names.ts';
import { nodeMetaFilter, parseFlag, QUERY, tagFilter } from './consul/query.ts';

/**
 * Consul's read API, as far as its clients need it to find services. An unknown service is an empty list, as there; a
 * registry that cannot be read is 503.
 */

/** What `filter` asks of the entry that is made of a target, whose fields are its selectors. */
const filterOn = (make: (target: Target) => unknown, { request: { query } }: Call) => {
  const filter = query.get('filter');
  const test = filter ? parseFilter(filter, make(SAMPLE)) : undefined;
  return (target: Target) => test === undefined || test(make(target));
};

/** Entries made of targets, narrowed by `filter`. */
const entriesOf = <T>(make: (target: Target) => T, call: Call) => {
  const keep = filterOn(make, call);
  return (targets: readonly Target[]): readonly T[] => targets.filter(keep).map(make);
};

const everyTarget = async (reader: Reader) => (await ownServices(reader)).flatMap(({ targets }) => targets);

/** Consul 1.8 passes over a filter here. Clients that send one, Prometheus among them, mean the instances. */
const listServices = (call: Call): Promise<ResolverResponse> => {
  const [fits, keep] = [nodeMetaFilter(call.request.query), filterOn(toCatalogEntry, call)];
  return blocking(call, async (reader) =>
    Object.fromEntries(
      (await ownServices(reader)).flatMap(({ name, targets }) => {
        const kept = targets.filter((one) => fits(toNode(one).Meta) && keep(one));
        if (kept.length === 0) return [];
        return [[name, [...new Set(kept.flatMap((target) => toService(target).Tags))].sort()]];
      }),
    ),
  );
};

/** The instances of the service in the path, by tags and node. */
const instancesOf = (call: Call) => {
  const { query } = call.request;
  const [hasTags, onNode] = [tagFilter(query), nodeMetaFilter(query)];
  return async (reader: Reader): Promise<readonly Target[]> => {
    const targets = (await reader.instances(call.params['name'] ?? '')) ?? [];
    return targets.filter((one) => hasTags(toService(one).Tags) && onNode(toNode(one).Meta));
  };
};

const showService = (call: Call): Promise<ResolverResponse> => {
  const [toEntries, targets] = [entriesOf(toCatalogEntry, call), instancesOf(call)];
  return blocking(call, async (reader) => toEntries(await targets(reader)));
};

const showHealth = (call: Call): Promise<ResolverResponse> => {
  const [toEntries, targets] = [entriesOf(toHealthEntry, call), instancesOf(call)];
  const passing = parseFlag(call.request.query.get('passing'));
  return blocking(call, async (reader) =>
    toEntries((await targets(reader)).filter(({ healthy }) => healthy || !passing)),
  );
};

const listNodes = (call: Call): Promise<ResolverResponse> => {
  const toEntries = entriesOf(toNode, call);
  const fits = nodeMetaFilter(call.request.query);
  return blocking(call, async (reader) => {
    const nodes = Map.groupBy(await everyTarget(reader), nodeName);
    const first = [...nodes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, [target = SAMPLE]]) => target);
    return toEntries(first).filter(({ Meta }) => fits(Meta));
  });
};

const showNode = (call: Call): Promise<ResolverResponse> => {
  const toEntries = entriesOf(toService, call);
  return blocking(call, async (reader) => {
    const targets = (await everyTarget(reader)).filter((one) => nodeName(one) === call.params['node']);
    const [first] = targets;
    if (!first) return null;
    const services = toEntries(targets).map((service) => [service.ID, service]);
    return { Node: toNode(first), Services: Object.fromEntries(services) };
  });
};

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
