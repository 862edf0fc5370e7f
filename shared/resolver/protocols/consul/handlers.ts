import type { Target } from '../../../model/registration.ts';
import type { Awaitable } from '../../../platform/awaitable.ts';
import { memoize } from '../../../platform/memoize.ts';
import type { ResolverResponse } from '../../http/message.ts';
import { jsonList, jsonObject } from '../../http/render.ts';
import { type Catalogue, groupByKeys } from '../../lookup/catalogue.ts';
import type { RequestReader } from '../../lookup/request-reader.ts';
import type { RequestContext } from '../../route.ts';
import { SAMPLE } from '../descriptions.ts';
import { blocking } from './blocking.ts';
import {
  CATALOG,
  CHECKS,
  type EntryKind,
  filteredBy,
  HEALTH,
  NODES,
  nodeMetaOf,
  nodeName,
  SERVICES,
  shownTags,
  stateOf,
  toNode,
  toService,
} from './entries.ts';
import { compileFilter } from './filter/parse.ts';
import { nodeMetaFilter, parseFlag, tagFilter } from './query.ts';

/**
 * The handlers. Each finds the targets that the path and the query ask for, and shows them as
 * Consul's entries. The query is read where they are shown, and not where the answer is kept.
 */

type TargetTest = (target: Target) => boolean;

/** Whether a target's entry of this kind matches the query's `filter`. */
const entryFilter = async (
  kind: EntryKind,
  {
    request: {
      target: { query },
    },
  }: RequestContext,
): Promise<TargetTest> => {
  const filter = query.get('filter');
  if (!filter) return () => true;
  const { entry, sample } = filteredBy(kind);
  const matches = await compileFilter(filter, sample(SAMPLE));
  return (target) => matches(entry(target));
};

/** Whether the target's node matches the query's `node-meta`. */
const nodeFilter = ({
  request: {
    target: { query },
  },
}: RequestContext): TargetTest => {
  const matches = nodeMetaFilter(query);
  return matches ? (target) => matches(nodeMetaOf(target)) : () => true;
};

/** Finds the targets that a request asks for. */
type FindTargets = (context: RequestContext, reader: RequestReader) => Promise<readonly Target[]>;

/** Those of the service in the path, on nodes that match `node-meta`. */
const ofService: FindTargets = async (context, reader) =>
  ((await reader.instances(context.params['name'] ?? '')) ?? []).filter(nodeFilter(context));

/** The same, with every `tag` of the query. */
const tagged: FindTargets = async (context, reader) => {
  const hasTags = tagFilter(context.request.target.query);
  return (await ofService(context, reader)).filter((one) => hasTags(shownTags(one)));
};

const byNode = memoize(({ targets }: Catalogue) =>
  groupByKeys(targets, (target) => [nodeName(target)]),
);

/** Those on the node in the path. */
const onNode: FindTargets = async ({ params }, reader) =>
  byNode(await reader.catalogue()).get(params['node'] ?? '') ?? [];

/** A list of the targets' entries, without those that the query's `filter` does not match. */
const list = (kind: EntryKind, find: FindTargets) => (context: RequestContext) =>
  blocking(context, async (reader) => {
    const matches = await entryFilter(kind, context);
    const targets = (await find(context, reader)).values();
    return jsonList(
      targets.map((one) => (matches(one) ? one : undefined)),
      kind.show,
    );
  });

/**
 * `/v1/catalog/services`. Consul 1.8 ignores a filter here, but clients that send one, such as
 * Prometheus, mean the instances: it is applied to them.
 */
export const listServices = (context: RequestContext): Awaitable<ResolverResponse> =>
  blocking(context, async (reader) => {
    const isOnNode = nodeFilter(context);
    const matches = await entryFilter(CATALOG, context);
    return jsonObject(
      (await reader.catalogue()).services.values().flatMap(({ name, targets }) => {
        const matching = targets.filter((one) => isOnNode(one) && matches(one));
        if (matching.length === 0) return [];
        return [[name, [...new Set(matching.flatMap(shownTags))].sort()] as const];
      }),
    );
  });

/** `/v1/catalog/service/{name}` */
export const showService = list(CATALOG, tagged);

/** `/v1/health/service/{name}` */
export const showHealth = list(HEALTH, async (context, reader) => {
  const passing = parseFlag(context.request.target.query.get('passing'));
  return (await tagged(context, reader)).filter(({ healthy }) => healthy || !passing);
});

/** `/v1/health/state/{state}` */
export const listChecks = list(CHECKS, async (context, reader) => {
  const isOnNode = nodeFilter(context);
  const { state } = context.params;
  return (await reader.catalogue()).targets.filter(
    (one) => (state === 'any' || stateOf(one) === state) && isOnNode(one),
  );
});

/** `/v1/health/checks/{name}`. Tags are ignored, as Consul does. */
export const listServiceChecks = list(CHECKS, ofService);

/** `/v1/health/node/{node}` */
export const listNodeChecks = list(CHECKS, onNode);

/** `/v1/catalog/nodes` */
export const listNodes = list(NODES, async (context, reader) =>
  [...byNode(await reader.catalogue())]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, [target = SAMPLE]]) => target)
    .filter(nodeFilter(context)),
);

type ServiceEntry = ReturnType<typeof toService>;

/** The node in the path, its services as `toShape` shows them; `none` where nothing is there. */
const nodeWith =
  (toShape: (services: readonly ServiceEntry[]) => unknown, none: unknown) =>
  (context: RequestContext): Awaitable<ResolverResponse> =>
    blocking(context, async (reader) => {
      const matches = await entryFilter(SERVICES, context);
      const targets = await onNode(context, reader);
      const [first] = targets;
      const services = targets.filter(matches).map(toService);
      return [JSON.stringify(first ? { Node: toNode(first), Services: toShape(services) } : none)];
    });

/** `/v1/catalog/node/{node}` */
export const showNode = nodeWith(
  (all) => Object.fromEntries(all.map((one) => [one.ID, one])),
  null,
);

/** `/v1/catalog/node-services/{node}` */
export const listNodeServices = nodeWith((all) => all, { Node: null, Services: null });
