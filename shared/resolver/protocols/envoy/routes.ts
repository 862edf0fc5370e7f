import type { Route, Schema } from '../../route.ts';
import { listOf, named, objectOf, SAMPLE, shapeOf, TEXT, UNREADABLE } from '../descriptions.ts';
import { TYPE, toEndpoint } from './entries.ts';
import { discoverEndpoints } from './handlers.ts';

/**
 * Envoy's endpoint discovery over REST. It asks for one cluster at a time, and on every answer that
 * is not 200 keeps what it has: so an unknown service is 404, and never an empty list.
 */

/** What is read of the request, in the names that Envoy writes. `null` means absent (protobuf). */
const REQUEST: Schema = {
  title: 'DiscoveryRequest',
  type: 'object',
  required: ['resource_names'],
  properties: {
    resource_names: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      items: { type: 'string', minLength: 1 },
    },
    type_url: { enum: [TYPE, '', null] },
    version_info: { type: ['string', 'null'], description: 'Of the answer that the client holds.' },
  },
  examples: [{ resource_names: ['web'], type_url: TYPE }],
};
const RESOURCE = named(
  'ClusterLoadAssignment',
  objectOf({
    '@type': { const: TYPE },
    cluster_name: TEXT,
    endpoints: listOf({
      type: 'object',
      required: ['lb_endpoints'],
      properties: { lb_endpoints: listOf(shapeOf(toEndpoint(SAMPLE))) },
    }),
  }),
);
const RESPONSE = named(
  'DiscoveryResponse',
  objectOf({
    version_info: TEXT,
    type_url: { const: TYPE },
    resources: { type: 'array', minItems: 1, maxItems: 1, items: RESOURCE },
  }),
);

export const envoyRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v3/discovery:endpoints',
    summary: 'One service as Envoy’s ClusterLoadAssignment (REST EDS, API version 3).',
    body: {
      // Envoy tells all of itself, with its hundreds of extensions.
      most: 1_000_000,
      description: 'A DiscoveryRequest.',
      required: true,
      content: { 'application/json': REQUEST },
    },
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
    handle: discoverEndpoints,
  },
];
