import net from 'node:net';
import { KEY, type Target } from '../../../model/registration.ts';

/** Targets as Envoy's ClusterLoadAssignment. */

export const TYPE = 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment';
/** Envoy refuses a locality whose weights come to more than this. */
const MAX_WEIGHT_SUM = 0xffff_ffff;

export const toAssignment = (name: string, targets: readonly Target[]) => ({
  '@type': TYPE,
  cluster_name: name,
  endpoints: toLocalities(targets),
});

/** One group for each zone. Only IP addresses: for a single name Envoy refuses the whole list. */
const toLocalities = (targets: readonly Target[]) => {
  const usable = targets.filter(
    ({ address, port }) =>
      net.isIP(address) > 0 && !address.includes('%') && port > 0 && port <= 65_535,
  );
  const byZone = Map.groupBy(usable, ({ zone }) => zone ?? '');
  return [...byZone]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([zone, group]) => toLocality(zone, group));
};

const toLocality = (zone: string, group: readonly Target[]) => {
  const region = group[0]?.metadata[KEY.region];
  const maxWeight = Math.floor(MAX_WEIGHT_SUM / group.length);
  return {
    ...(zone !== '' && { locality: { ...(region && { region }), zone } }),
    lb_endpoints: group.map((target) => toEndpoint(target, maxWeight)),
  };
};

/**
 * Envoy knows no weight 0. Such an instance is DEGRADED, which means the same as weight 0
 * elsewhere: it is taken when no other is left.
 */
export const toEndpoint = (
  { address, port, protocol, healthy, weight, metadata }: Target,
  maxWeight = MAX_WEIGHT_SUM,
) => ({
  endpoint: {
    address: {
      socket_address: { ...(protocol === 'udp' && { protocol: 'UDP' }), address, port_value: port },
    },
  },
  health_status: !healthy ? 'UNHEALTHY' : weight > 0 ? 'HEALTHY' : 'DEGRADED',
  load_balancing_weight: Math.min(Math.max(Math.round(weight) || 1, 1), maxWeight),
  ...subsetOf(metadata),
});

/** Under the name by which Envoy's load balancer chooses subsets: a deployment, or a revision. */
const subsetOf = (metadata: Target['metadata']) => {
  const told = [
    ['deployment', metadata[KEY.deployment]],
    ['revision', metadata[KEY.revision]],
  ].filter(([, value]) => value !== undefined);
  return (
    told.length > 0 && { metadata: { filter_metadata: { 'envoy.lb': Object.fromEntries(told) } } }
  );
};
