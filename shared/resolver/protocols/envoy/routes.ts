import { KEY, type Target } from '../../../model/registration.ts';
import type { ResolverResponse } from '../../http/message.ts';
import { Problem, quote, shorten } from '../../http/problem.ts';
import type { Call, Route, Schema } from '../../pipeline/router.ts';
import { shapeOf } from '../schemas.ts';
import { NO_STORE, SAMPLE, UNREADABLE } from '../shared.ts';

const crypto = process.getBuiltinModule('node:crypto');
const net = process.getBuiltinModule('node:net');

/**
 * Envoy's endpoint discovery over REST. It asks for one cluster at a time, and keeps what it has on every answer that is
 * not 200, so an unknown service is 404 and never an empty list.
 */

const TYPE = 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment';
/** Envoy refuses a locality whose weights pass this in sum. */
const MAX_SUM = 0xffff_ffff;

const discover = async ({ request, reader }: Call): Promise<ResolverResponse> => {
  const { name, version } = parseDiscovery(request.body ?? '');
  const targets = await reader.instances(name);
  if (!targets) throw new Problem(404, `No service ${quote(name)}.`);
  const resource = { '@type': TYPE, cluster_name: name, endpoints: toLocalities(targets) };
  const current = crypto.createHash('sha256').update(JSON.stringify(resource)).digest('hex').slice(0, 16);
  if (version === current) return { status: 304, headers: NO_STORE, body: '' };
  return {
    status: 200,
    headers: { ...NO_STORE, 'content-type': 'application/json' },
    body: JSON.stringify({ version_info: current, type_url: TYPE, resources: [resource] }),
  };
};

/** Throws a 400 that names the field. Keys may come in camel case, as protobuf's JSON allows. */
const parseDiscovery = (body: string): { readonly name: string; readonly version: string } => {
  const fields = parseObject(body);
  const type = fields['type_url'] ?? fields['typeUrl'] ?? TYPE;
  if (type !== TYPE && type !== '') throw new Problem(400, `type_url: expected ${TYPE}, got ${shown(type)}`);
  const names = fields['resource_names'] ?? fields['resourceNames'];
  const [name] = Array.isArray(names) && names.length === 1 ? names : [];
  if (typeof name !== 'string' || name === '')
    throw new Problem(400, `resource_names: expected a list of exactly one name, got ${shown(names)}`);
  const version = fields['version_info'] ?? fields['versionInfo'] ?? '';
  if (typeof version !== 'string')
    throw new Problem(400, `version_info: expected a text, got ${shown(version)}`);
  return { name, version };
};

const parseObject = (body: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return Object.fromEntries(Object.entries(value));
  } catch {
    // Said below.
  }
  throw new Problem(400, `body: expected a DiscoveryRequest as a JSON object, got ${quote(body)}`);
};

const shown = (value: unknown) => shorten(JSON.stringify(value) ?? 'nothing');

/** One group per zone. Envoy refuses the whole list for one address that is a name, so those are left out. */
const toLocalities = (targets: readonly Target[]) => {
  const usable = targets.filter(
    ({ address, port }) => net.isIP(address) > 0 && !address.includes('%') && port > 0 && port <= 65_535,
  );
  const groups = Map.groupBy(usable, ({ zone }) => zone ?? '');
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([zone, group]) => toLocality(zone, group));
};

const toLocality = (zone: string, group: readonly Target[]) => {
  const region = group[0]?.metadata[KEY.region];
  const most = Math.floor(MAX_SUM / group.length);
  return {
    ...(zone !== '' && { locality: { ...(region && { region }), zone } }),
    lb_endpoints: group.map((target) => toEndpoint(target, most)),
  };
};

/** Weight 0 is no weight to Envoy; DEGRADED means what it does elsewhere: taken when no other is left. */
const toEndpoint = ({ address, port, protocol, healthy, weight }: Target, most: number) => ({
  endpoint: {
    address: {
      socket_address: { ...(protocol === 'udp' && { protocol: 'UDP' }), address, port_value: port },
    },
  },
  health_status: !healthy ? 'UNHEALTHY' : weight > 0 ? 'HEALTHY' : 'DEGRADED',
  load_balancing_weight: Math.min(Math.max(Math.round(weight) || 1, 1), most),
});

/** What is read of it, in the names that Envoy writes. To protobuf `null` is what is not there. */
const REQUEST: Schema = {
  title: 'DiscoveryRequest',
  type: 'object',
  required: ['resource_names'],
  properties: {
    resource_names: { type: 'array', minItems: 1, maxItems: 1, items: { type: 'string', minLength: 1 } },
    type_url: { enum: [TYPE, '', null] },
    version_info: { type: ['string', 'null'], description: 'Of the answer that the client holds.' },
  },
  examples: [{ resource_names: ['web'], type_url: TYPE }],
};
const RESOURCE: Schema = {
  title: 'ClusterLoadAssignment',
  type: 'object',
  required: ['@type', 'cluster_name', 'endpoints'],
  properties: {
    '@type': { const: TYPE },
    cluster_name: { type: 'string' },
    endpoints: {
      type: 'array',
      items: {
        type: 'object',
        required: ['lb_endpoints'],
        properties: { lb_endpoints: { type: 'array', items: shapeOf(toEndpoint(SAMPLE, 1)) } },
      },
    },
  },
};
const RESPONSE: Schema = {
  title: 'DiscoveryResponse',
  type: 'object',
  required: ['version_info', 'type_url', 'resources'],
  properties: {
    version_info: { type: 'string' },
    type_url: { const: TYPE },
    resources: { type: 'array', minItems: 1, maxItems: 1, items: RESOURCE },
  },
};

export const envoyRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v3/discovery:endpoints',
    summary: 'One service as Envoy’s ClusterLoadAssignment (REST EDS, API version 3).',
    body: { description: 'A DiscoveryRequest.', required: true, content: { 'application/json': REQUEST } },
    responses: {
      200: {
        description: 'A DiscoveryResponse with one resource.',
        content: { 'application/json': RESPONSE },
      },
      304: { description: 'Nothing has changed since `version_info`.' },
      400: { description: 'The body is no DiscoveryRequest for exactly one cluster.' },
      404: { description: 'No such service; Envoy keeps what it has.' },
      ...UNREADABLE,
    },
    handle: discover,
  },
];
