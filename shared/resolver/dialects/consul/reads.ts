import type { Target } from '../../../model/registration.ts';
import type { ResolverResponse } from '../../message.ts';
import type { Reader } from '../../reader.ts';
import type { Call } from '../../routes.ts';
import { ownServices, SAMPLE } from '../common.ts';
import { blocking } from './blocking.ts';
import { nodeName, toCatalogEntry, toCheck, toHealthEntry, toNode, toService } from './entries.ts';
import { parseFilter } from './filter.ts';
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

/** The instances of the service in the path, by tags and node. */
const instancesOf = (call: Call) => {
  const { query } = call.request;
  const [hasTags, onNode] = [tagFilter(query), nodeMetaFilter(query)];
  return async (reader: Reader): Promise<readonly Target[]> => {
    const targets = (await reader.instances(call.params['name'] ?? '')) ?? [];
    return targets.filter((one) => hasTags(toService(one).Tags) && onNode(toNode(one).Meta));
  };
};

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

export const listChecks = (call: Call): Promise<ResolverResponse> => {
  const toEntries = entriesOf(toCheck, call);
  const onNode = nodeMetaFilter(call.request.query);
  const { state } = call.params;
  return blocking(call, async (reader) => {
    const targets = (await everyTarget(reader)).filter((one) => onNode(toNode(one).Meta));
    return toEntries(targets).filter(({ Status }) => state === 'any' || Status === state);
  });
};

export const listNodes = (call: Call): Promise<ResolverResponse> => {
  const toEntries = entriesOf(toNode, call);
  const fits = nodeMetaFilter(call.request.query);
  return blocking(call, async (reader) => {
    const nodes = Map.groupBy(await everyTarget(reader), nodeName);
    const first = [...nodes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, [target = SAMPLE]]) => target);
    return toEntries(first).filter(({ Meta }) => fits(Meta));
  });
};

export const showNode = (call: Call): Promise<ResolverResponse> => {
  const toEntries = entriesOf(toService, call);
  return blocking(call, async (reader) => {
    const targets = (await everyTarget(reader)).filter((one) => nodeName(one) === call.params['node']);
    const [first] = targets;
    if (!first) return null;
    const services = toEntries(targets).map((service) => [service.ID, service]);
    return { Node: toNode(first), Services: Object.fromEntries(services) };
  });
};
