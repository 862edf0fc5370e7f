import { DiscoverInstancesCommand } from '@aws-sdk/client-servicediscovery';
import type { Ref, Registration } from '../../model/registration.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import type { Listing } from '../registry.ts';
import { type CloudMapClient, isNamed } from './client.ts';
import type { Connection } from './connection.ts';
import {
  emptyIfGone,
  getInstance,
  type Healths,
  listHealth,
  listInstances,
  MAX_INSTANCES,
} from './instances.ts';
import type { Namespace } from './namespace.ts';
import { withHealth } from './record.ts';
import { type Service, withFreshIds } from './services.ts';

/** AWS publishes no rate for ListInstances; Discover* takes 1,000 a second. */
const LIST_CONCURRENCY = 8;
/** Of services, and of instances of each. */
const GET_CONCURRENCY = 4;
/** Above this number of records of one service, pages of 100 cost less than one call each. */
const FEW = 10;

/**
 * The whole namespace. A service whose revision has not changed is not listed again: one Discover*
 * call tells that, and the health. What was read stays in the cache even if the whole list fails,
 * so that the next one has less to do.
 */
export const list = async (connection: Connection, signal: AbortSignal): Promise<Listing> => {
  const { client, namespaces, services, listCache } = connection;
  const all = await services.list(signal);
  listCache.keepOnly(new Set(all.map(({ id }) => id)));
  const namespace = await namespaces.get(signal);
  const found = await mapBounded(all, LIST_CONCURRENCY, async (service) => {
    const discovered = await discover(client, { namespace, service }, signal);
    const key = { serviceId: service.id, revision: discovered?.revision };
    const records = await listCache.get(key, () =>
      emptyIfGone([], () => listInstances(client, service, signal)),
    );
    if (records.length === 0) return records;
    const healths = discovered?.healths ?? (await listHealth(client, service, { signal }));
    return records.map((record) => withHealth(record, service, healths.get(record.id)));
  });
  return { records: found.flat() };
};

/** The named records as Cloud Map holds them now; what is absent is left out. */
export const get = async (
  connection: Connection,
  refs: readonly Ref[],
  signal: AbortSignal,
): Promise<readonly Registration[]> => {
  const byName = Map.groupBy(refs, ({ service }) => service.toLowerCase());
  const found = await mapBounded([...byName.values()], GET_CONCURRENCY, (same) =>
    withFreshIds(connection.services, () => getOfService(connection, same, signal)),
  );
  return found.flat();
};

interface Discovered {
  readonly revision: number | undefined;
  readonly healths: Healths;
}

/**
 * `undefined` where Discover* cannot tell, for example just after a service was created: then the
 * service is listed.
 */
const discover = async (
  client: CloudMapClient,
  { namespace, service }: { readonly namespace: Namespace; readonly service: Service },
  signal: AbortSignal,
): Promise<Discovered | undefined> => {
  try {
    const { InstancesRevision, Instances } = await client.send(
      new DiscoverInstancesCommand({
        NamespaceName: namespace.httpName,
        ServiceName: service.name,
        MaxResults: MAX_INSTANCES,
        HealthStatus: 'ALL',
      }),
      { abortSignal: signal },
    );
    const statuses = (Instances ?? []).flatMap(({ InstanceId, HealthStatus }) =>
      InstanceId && HealthStatus ? [[InstanceId, HealthStatus] as const] : [],
    );
    return { revision: InstancesRevision, healths: new Map(statuses) };
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
};

const getOfService = async (
  { client, services }: Connection,
  refs: readonly Ref[],
  signal: AbortSignal,
) => {
  const service = await services.find(refs[0]?.service ?? '', signal);
  if (!service) return [];
  const ids = new Set(refs.map(({ id }) => id));
  if (ids.size > FEW) {
    const records = (await listInstances(client, service, signal)).filter(({ id }) => ids.has(id));
    const healths = await listHealth(client, service, { signal });
    return records.map((record) => withHealth(record, service, healths.get(record.id)));
  }
  const records = await mapBounded([...ids], GET_CONCURRENCY, (id) =>
    getInstance(client, { service, id }, signal),
  );
  const present = records.filter((record) => record !== undefined);
  const healths = await fetchHealth(client, { service, records: present }, signal);
  return present.map((record) => withHealth(record, service, healths.get(record.id)));
};

/**
 * The call fails as a whole if one id is too new to have a health. Then each is asked for alone.
 */
const fetchHealth = async (
  client: CloudMapClient,
  { service, records }: { readonly service: Service; readonly records: readonly Registration[] },
  signal: AbortSignal,
): Promise<Healths> => {
  const ids = records.map(({ id }) => id);
  if (ids.length === 0) return new Map();
  try {
    return await listHealth(client, service, { ids, signal });
  } catch (error) {
    if (!isNamed(error, 'InstanceNotFound')) throw error;
    if (ids.length === 1) return new Map();
    const alone = await mapBounded(records, GET_CONCURRENCY, (record) =>
      fetchHealth(client, { service, records: [record] }, signal),
    );
    return new Map(alone.flatMap((one) => [...one]));
  }
};
