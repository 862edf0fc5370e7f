import { KEY, type Target } from '../../../model/registration.ts';
import { json, type ResolverResponse } from '../../http/message.ts';
import type { Reader } from '../../lookup/request-reader.ts';
import { authorityOf } from '../../lookup/target.ts';
import type { Call, Route } from '../../pipeline/router.ts';
import type { Parameter } from '../../pipeline/validation.ts';
import { filterList, LIST_PARAMETERS, limited } from '../filters.ts';
import { clusterOf, isReachable, ownServices, UNCHANGED, UNREADABLE } from '../shared.ts';

/** Prometheus' HTTP service discovery: a failure is never an empty list, so that Prometheus keeps its targets. */

const SERVICE: Parameter = {
  name: 'service',
  in: 'query',
  description: 'Only instances of this service; given several times, of each of them.',
  schema: { type: 'string', minLength: 1 },
  repeatable: true,
};

const PREFIX = '__meta_rollcall_';

const discover = async ({ request: { query }, reader }: Call): Promise<ResolverResponse> => {
  const keep = filterList(query) ?? (() => true);
  const targets = await targetsOf(reader, query.getAll('service'));
  const kept = targets.filter((target) => isReachable(target) && keep(target));
  return json(limited(kept, query).map((one) => ({ targets: [authorityOf(one)], labels: labelsOf(one) })));
};

/** A service that is not there (yet) has no instances; that is no failure of the registry's. */
const targetsOf = async (reader: Reader, names: readonly string[]): Promise<readonly Target[]> => {
  if (names.length === 0) return (await ownServices(reader)).flatMap(({ targets }) => targets);
  const read = await Promise.all([...new Set(names)].map(reader.instances));
  return read.flatMap((targets) => targets ?? []);
};

const labelsOf = (target: Target): Readonly<Record<string, string>> => {
  const { id, service, zone, protocol, healthy, tags, metadata, weight } = target;
  const labels = {
    service,
    id,
    cluster: clusterOf(target),
    ecs_service: metadata[KEY.serviceName],
    task: metadata[KEY.task],
    zone,
    protocol,
    healthy: String(healthy),
    weight: String(weight),
    // As Prometheus' own discoveries have it: a comma on both ends, so that `.*,blue,.*` finds a whole tag.
    tags: tags.length > 0 ? `,${tags.join(',')},` : undefined,
  };
  return Object.fromEntries([
    ...Object.entries(labels).flatMap(([name, value]) => (value ? [[PREFIX + name, value]] : [])),
    ...metadataLabels(metadata),
  ]);
};

/**
 * Label names hold letters, digits and `_` only. Keys that become equal lose nothing: the key that is spelled so keeps
 * the name, the others, in order, get `_2`, `_3` and so on.
 */
export const metadataLabels = (metadata: Target['metadata']): readonly (readonly [string, string])[] => {
  const keys = Object.keys(metadata).sort();
  const isPlain = (key: string) => toLabel(key) === key;
  const taken = new Set<string>();
  const nameOf = (key: string) => {
    const wanted = toLabel(key);
    let name = wanted;
    for (let next = 2; taken.has(name); next++) name = `${wanted}_${next}`;
    taken.add(name);
    return name;
  };
  return [...keys.filter(isPlain), ...keys.filter((key) => !isPlain(key))].map((key) => [
    `${PREFIX}metadata_${nameOf(key)}`,
    (metadata[key] ?? '').toWellFormed(),
  ]);
};

const toLabel = (key: string) => key.replace(/[^A-Za-z0-9_]/gu, '_');

export const prometheusRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/prometheus/sd',
    summary: 'Every instance for Prometheus’ http_sd_configs, the unhealthy ones included and labelled.',
    parameters: [SERVICE, ...LIST_PARAMETERS],
    exact: true,
    responses: {
      200: {
        description: 'One group per instance; labels are `__meta_rollcall_*`.',
        content: {
          'application/json': {
            type: 'array',
            items: {
              type: 'object',
              required: ['targets', 'labels'],
              properties: {
                targets: { type: 'array', items: { type: 'string' } },
                labels: { type: 'object', additionalProperties: { type: 'string' } },
              },
            },
          },
        },
      },
      ...UNCHANGED,
      ...UNREADABLE,
    },
    handle: discover,
  },
];
