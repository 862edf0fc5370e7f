import type { Target } from '../../../model/registration.ts';
import type { ResolverResponse } from '../../http/message.ts';
import type { Reader } from '../../lookup/request-reader.ts';
import type { Call } from '../../pipeline/router.ts';
import { ownServices, SAMPLE } from '../shared.ts';
import { blocking } from './blocking.ts';
import { nodeName, toCatalogEntry, toCheck, toHealthEntry, toNode, toService } from './entries.ts';
import { parseFilter } from './filter/parse.ts';
import { nodeMetaFilter, parseFlag, tagFilter } from './query.ts';

/** The handlers: each narrows the targets by what the query asks, and shows what is left in Consul's shapes. */

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
export const listServices = (call: Call): Promise<ResolverResponse> => {
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

/** How a request finds the instances that it asks for. */
type Find = (reader: Reader) => Promise<readonly Target[]>;

/** Those of the service in the path, by node. */
const inService = ({ request: { query }, params }: Call): Find => {
  const fits = nodeMetaFilter(query);
  return async (reader) =>
    ((await reader.instances(params['name'] ?? '')) ?? []).filter((one) => fits(toNode(one).Meta));
};

/** By tags too. */
const instancesOf = (call: Call): Find => {
  const [find, hasTags] = [inService(call), tagFilter(call.request.query)];
  return async (reader) => (await find(reader)).filter((one) => hasTags(toService(one).Tags));
};

/** Those at the node in the path. */
const onNode =
  ({ params }: Call): Find =>
  async (reader) =>
    (await everyTarget(reader)).filter((one) => nodeName(one) === params['node']);

export const showService = (call: Call): Promise<ResolverResponse> => {
  const [toEntries, targets] = [entriesOf(toCatalogEntry, call), instancesOf(call)];
  return blocking(call, async (reader) => toEntries(await targets(reader)));
};

export const showHealth = (call: Call): Promise<ResolverResponse> => {
  const [toEntries, targets] = [entriesOf(toHealthEntry, call), instancesOf(call)];
  const passing = parseFlag(call.request.query.get('passing'));
  return blocking(call, async (reader) =>
    toEntries((await targets(reader)).filter(({ healthy }) => healthy || !passing)),
  );
};

const checksOf = (call: Call, find: Find): Promise<ResolverResponse> => {
  const toEntries = entriesOf(toCheck, call);
  return blocking(call, async (reader) => toEntries(await find(reader)));
};

export const listChecks = (call: Call): Promise<ResolverResponse> => {
  const fits = nodeMetaFilter(call.request.query);
  const { state } = call.params;
  return checksOf(call, async (reader) =>
    (await everyTarget(reader)).filter(
      (one) => fits(toNode(one).Meta) && (state === 'any' || toCheck(one).Status === state),
    ),
  );
};

/** Tags count for nothing here, as there. */
export const listServiceChecks = (call: Call): Promise<ResolverResponse> => checksOf(call, inService(call));

export const listNodeChecks = (call: Call): Promise<ResolverResponse> => checksOf(call, onNode(call));

export const listNodes = (call: Call): Promise<ResolverResponse> => {
  const toEntries = entriesOf(toNode, call);
  const fits = nodeMetaFilter(call.request.query);
  return blocking(call, async (reader) => {
    const nodes = Map.groupBy(await everyTarget(reader), nodeName);
    const first = [...nodes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, [target = SAMPLE]]) => target);
    return toEntries(first).filter(({ Meta }) => fits(Meta));
  });
};

/** The node in the path with its services, as `shown`; `none` where no instance is there. */
const nodeWith =
  (shown: (services: readonly ReturnType<typeof toService>[]) => unknown, none: unknown) =>
  (call: Call): Promise<ResolverResponse> => {
    const toEntries = entriesOf(toService, call);
    return blocking(call, async (reader) => {
      const targets = await onNode(call)(reader);
      const [first] = targets;
      return first ? { Node: toNode(first), Services: shown(toEntries(targets)) } : none;
    });
  };

export const showNode = nodeWith((all) => Object.fromEntries(all.map((one) => [one.ID, one])), null);

export const listNodeServices = nodeWith((all) => all, { Node: null, Services: null });
