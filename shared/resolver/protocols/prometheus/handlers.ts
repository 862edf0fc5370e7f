import { KEY, type Target } from '../../../model/registration.ts';
import type { Awaitable } from '../../../platform/awaitable.ts';
import type { ResolverResponse } from '../../http/message.ts';
import { jsonList } from '../../http/render.ts';
import type { RequestReader } from '../../lookup/request-reader.ts';
import { clusterNameOf, hasValidAddress } from '../../lookup/target.ts';
import type { RequestContext } from '../../route.ts';
import { limitOf, listFilter } from '../filters.ts';
import { keptList } from '../list.ts';
import { type Exporter, exporterOf } from './exporter.ts';

/** `GET /prometheus/sd`: one target group for each instance. */
export const discoverTargets = (context: RequestContext): Awaitable<ResolverResponse> =>
  keptList(context, async (reader) => {
    const { query } = context.request.target;
    const filter = listFilter(query) ?? (() => true);
    const targets = await targetsOf(reader, query.getAll('service'));
    const matching = targets.values().filter((one) => hasValidAddress(one) && filter(one));
    return jsonList(withoutRepeats(matching).take(limitOf(query)), toGroup);
  });

interface Scraped extends Exporter {
  readonly target: Target;
}

/** Of the ports of a task that all name one exporter the first stands for it. */
function* withoutRepeats(targets: Iterable<Target>): Generator<Scraped> {
  const seen = new Set<string>();
  for (const target of targets) {
    const exporter = exporterOf(target);
    const key = `${target.metadata[KEY.task]} ${exporter.address}`;
    if (exporter.isNamed && seen.has(key)) continue;
    seen.add(key);
    yield { target, ...exporter };
  }
}

const toGroup = ({ target, address, labels }: Scraped) => ({
  targets: [address],
  labels: { ...labels, ...labelsOf(target) },
});

/** A service that does not exist (yet) has no instances: that is no failure. */
const targetsOf = async (
  reader: RequestReader,
  names: readonly string[],
): Promise<readonly Target[]> => {
  if (names.length === 0) return (await reader.catalogue()).targets;
  const read = await Promise.all([...new Set(names)].map((name) => reader.instances(name)));
  return read.flatMap((targets) => targets ?? []);
};

const PREFIX = '__meta_rollcall_';

const labelsOf = (target: Target): Readonly<Record<string, string>> => {
  const { id, service, zone, protocol, healthy, tags, metadata, weight } = target;
  const labels = {
    service,
    id,
    cluster: clusterNameOf(target),
    ecs_service: metadata[KEY.serviceName],
    task: metadata[KEY.task],
    zone,
    protocol,
    healthy: String(healthy),
    weight: String(weight),
    // As in Prometheus' own discoveries: with commas at both ends `.*,blue,.*` finds a whole tag.
    tags: tags.length > 0 ? `,${tags.join(',')},` : undefined,
  };
  return Object.fromEntries([
    ...Object.entries(labels).flatMap(([name, value]) => (value ? [[PREFIX + name, value]] : [])),
    ...metadataLabels(metadata),
  ]);
};

/**
 * A label for each metadata key. Label names hold letters, digits and `_` only, so keys can become
 * equal: the key that is spelled like the label keeps the name, the others get `_2`, `_3` and so
 * on, in the order of the keys.
 */
export const metadataLabels = (
  metadata: Target['metadata'],
): readonly (readonly [string, string])[] => {
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
