import type { Parameter, Route } from '../../route.ts';
import { listOf, NOT_MODIFIED, objectOf, TEXT, UNREADABLE } from '../descriptions.ts';
import { LIST_PARAMETERS } from '../filters.ts';
import { discoverTargets } from './handlers.ts';

/**
 * Prometheus' HTTP service discovery. A registry that cannot be read is an error and never an empty
 * list: so Prometheus keeps its targets.
 */

const SERVICE: Parameter = {
  name: 'service',
  in: 'query',
  description: 'Only instances of this service; given several times, of each of them.',
  schema: { type: 'string', minLength: 1 },
  repeatable: true,
};

const TARGET_GROUP = objectOf({
  targets: listOf(TEXT),
  labels: { type: 'object', additionalProperties: TEXT },
});

export const prometheusRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/prometheus/sd',
    summary:
      'Every instance for Prometheus’ http_sd_configs, the unhealthy ones included and labelled.',
    parameters: [SERVICE, ...LIST_PARAMETERS],
    strictQuery: true,
    responses: {
      200: {
        description: 'One group per instance; labels are `__meta_rollcall_*`.',
        content: { 'application/json': listOf(TARGET_GROUP) },
      },
      ...NOT_MODIFIED,
      ...UNREADABLE,
    },
    handle: discoverTargets,
  },
];
