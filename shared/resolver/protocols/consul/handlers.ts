import type { Target } from '../../../model/registration.ts';
import type { ResolverResponse } from '../../http/message.ts';
import { ownServices, type RequestReader } from '../../lookup/request-reader.ts';
import type { RequestContext } from '../../route.ts';
import { SAMPLE } from '../descriptions.ts';
import { blocking } from './blocking.ts';
import { nodeName, toCatalogEntry, toCheck, toHealthEntry, toNode, toService } from './entries.ts';
import { parseFilter } from './filter/parse.ts';
import { nodeMetaFilter, parseFlag, tagFilter } from './query.ts';

/**
 * The handlers. Each finds the targets that the path and the query ask for, and shows them as
 * Consul's entries. The query is parsed first, since a held request reads many times.
 */

/** Whether the entry that `toEntry` makes of a target matches the query's `filter`. */
const entryFilter = (
  toEntry: (target: Target) => unknown,
  { request: { query } }: RequestContext,
) => {
  const filter = query.get('filter');
  const matches = filter ? parseFilter(filter, toEntry(SAMPLE)) : undefined;
  return (target: Target) => matches === undefined || matches(toEntry(target));
};

/** Makes entries of targets, and drops those that the query's `filter` does not match. */
const entriesOf = <T>(toEntry: (target: Target) => T, context: RequestContext) => {
  const matches = entryFilter(toEntry, context);
  return (targets: readonly Target[]): readonly T[] => targets.filter(matches).map(toEntry);
};

/** Reads the targets that a request asks for. */
type ReadTargets = (reader: RequestReader) => Promise<readonly Target[]>;

const readAll: ReadTargets = async (reader) =>
  (await ownServices(reader)).flatMap(({ targets }) => targets);

/** The targets of the service in the path, on nodes that match `node-meta`. */
const readService = ({ request: { query }, params }: RequestContext): ReadTargets => {
  const matches = nodeMetaFilter(query);
  return async (reader) =>
    ((await reader.instances(params['name'] ?? '')) ?? []).filter((one) =>
      matches(toNode(one).Meta),
    );
};

/** The same, with every `tag` of the query. */
const readTagged = (context: RequestContext): ReadTargets => {
  const [read, hasTags] = [readService(context), tagFilter(context.request.query)];
  return async (reader) => (await read(reader)).filter((one) => hasTags(toService(one).Tags));
};

/** The targets on the node in the path. */
const readNode =
  ({ params }: RequestContext): ReadTargets =>
  async (reader) =>
    (await readAll(reader)).filter((one) => nodeName(one) === params['node']);

/**
 * `/v1/catalog/services`. Consul 1.8 ignores a filter here, but clients that send one, such as
 * Prometheus, mean the instances: it is applied to them.
 */
export const listServices = (context: RequestContext): Promise<ResolverResponse> => {
  const onNode = nodeMetaFilter(context.request.query);
  const matches = entryFilter(toCatalogEntry, context);
  return blocking(context, async (reader) =>
    Object.fromEntries(
      (await ownServices(reader)).flatMap(({ name, targets }) => {
        const matching = targets.filter((one) => onNode(toNode(one).Meta) && matches(one));
        if (matching.length === 0) return [];
        return [[name, [...new Set(matching.flatMap((target) => toService(target).Tags))].sort()]];
      }),
    ),
  );
};

/** `/v1/catalog/service/{name}` */
export const showService = (context: RequestContext): Promise<ResolverResponse> => {
  const [toEntries, read] = [entriesOf(toCatalogEntry, context), readTagged(context)];
  return blocking(context, async (reader) => toEntries(await read(reader)));
};

/** `/v1/health/service/{name}` */
export const showHealth = (context: RequestContext): Promise<ResolverResponse> => {
  const [toEntries, read] = [entriesOf(toHealthEntry, context), readTagged(context)];
  const passing = parseFlag(context.request.query.get('passing'));
  return blocking(context, async (reader) =>
    toEntries((await read(reader)).filter(({ healthy }) => healthy || !passing)),
  );
};

const checks = (context: RequestContext, read: ReadTargets): Promise<ResolverResponse> => {
  const toEntries = entriesOf(toCheck, context);
  return blocking(context, async (reader) => toEntries(await read(reader)));
};

/** `/v1/health/state/{state}` */
export const listChecks = (context: RequestContext): Promise<ResolverResponse> => {
  const onNode = nodeMetaFilter(context.request.query);
  const { state } = context.params;
  return checks(context, async (reader) =>
    (await readAll(reader)).filter(
      (one) => onNode(toNode(one).Meta) && (state === 'any' || toCheck(one).Status === state),
    ),
  );
};

/** `/v1/health/checks/{name}`. Tags are ignored, as Consul does. */
export const listServiceChecks = (context: RequestContext): Promise<ResolverResponse> =>
  checks(context, readService(context));

/** `/v1/health/node/{node}` */
export const listNodeChecks = (context: RequestContext): Promise<ResolverResponse> =>
  checks(context, readNode(context));

/** `/v1/catalog/nodes` */
export const listNodes = (context: RequestContext): Promise<ResolverResponse> => {
  const toEntries = entriesOf(toNode, context);
  const matches = nodeMetaFilter(context.request.query);
  return blocking(context, async (reader) => {
    const byNode = Map.groupBy(await readAll(reader), nodeName);
    const first = [...byNode]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, [target = SAMPLE]]) => target);
    return toEntries(first).filter(({ Meta }) => matches(Meta));
  });
};

type ServiceEntry = ReturnType<typeof toService>;

/** The node in the path, its services as `toShape` shows them; `none` where nothing is there. */
const nodeWith =
  (toShape: (services: readonly ServiceEntry[]) => unknown, none: unknown) =>
  (context: RequestContext): Promise<ResolverResponse> => {
    const toEntries = entriesOf(toService, context);
    return blocking(context, async (reader) => {
      const targets = await readNode(context)(reader);
      const [first] = targets;
      return first ? { Node: toNode(first), Services: toShape(toEntries(targets)) } : none;
    });
  };

/** `/v1/catalog/node/{node}` */
export const showNode = nodeWith(
  (all) => Object.fromEntries(all.map((one) => [one.ID, one])),
  null,
);

/** `/v1/catalog/node-services/{node}` */
export const listNodeServices = nodeWith((all) => all, { Node: null, Services: null });
