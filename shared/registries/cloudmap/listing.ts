import { DiscoverInstancesCommand } from '@aws-sdk/client-servicediscovery';
import type { Registration } from '../../model/registration.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import { withHealth } from './attributes.ts';
import type { CloudMapClient } from './client.ts';
import { emptyIfGone, type Healths, listHealth, listInstances, MOST } from './instances.ts';
import type { Namespace, NamespaceReader } from './namespace.ts';
import type { Service, ServiceReader } from './services.ts';

/** AWS publishes no rate for ListInstances; Discover* takes 1,000 a second. */
const WIDTH = 8;
/**
 * Milliseconds that an unchanged revision is believed at most. Discover* is another plane than ListInstances, and
 * nothing promises that they agree, nor that registering an id again moves the revision.
 */
const BELIEVED = 10 * 60_000;

interface ListingParts {
  readonly client: CloudMapClient;
  readonly namespaces: NamespaceReader;
  readonly services: ServiceReader;
  readonly now: () => number;
}

interface Remembered {
  readonly revision: number;
  readonly until: number;
  readonly records: readonly Registration[];
}

export interface Lister {
  list(signal: AbortSignal): Promise<readonly Registration[]>;
  /** Before a write of ours: what is remembered of this service will be old. */
  forget(serviceId: string): void;
}

/**
 * Lists the whole namespace. A service whose revision has not moved is not listed again: one call of the fast plane
 * tells that and the health. What was read is kept even where the listing as a whole does not come to its end, so that
 * the next one has less to do.
 */
export const createLister = (parts: ListingParts): Lister => {
  const memory = new Map<string, Remembered>();
  let writes = 0;

  const readRecords = async (service: Service, revision: number | undefined, signal: AbortSignal) => {
    const known = memory.get(service.id);
    if (known && known.revision === revision && parts.now() < known.until) return known.records;
    const before = writes;
    const records = await emptyIfGone([], () => listInstances(parts.client, service, signal));
    if (revision === undefined || before !== writes) memory.delete(service.id);
    else memory.set(service.id, { revision, until: parts.now() + patience(), records });
    return records;
  };

  return {
    async list(signal) {
      const services = await parts.services.list(signal);
      const ids = new Set(services.map(({ id }) => id));
      for (const id of memory.keys()) if (!ids.has(id)) memory.delete(id);
      const namespace = await parts.namespaces.get(signal);
      const found = await mapBounded(services, WIDTH, async (service) => {
        const told = await discover(parts.client, { namespace, service }, signal);
        const records = await readRecords(service, told?.revision, signal);
        if (records.length === 0) return records;
        const healths = told?.healths ?? (await listHealth(parts.client, service, { signal }));
        return records.map((record) => withHealth(record, service, healths.get(record.id)));
      });
      return found.flat();
    },
    forget(serviceId) {
      memory.delete(serviceId);
      writes++;
    },
  };
};

/** Half of it at least. Services that were read at once would else all be read again at once, and throttled. */
const patience = () => BELIEVED * (1 - Math.random() / 2);

interface Place {
  readonly namespace: Namespace;
  readonly service: Service;
}

interface Discovered {
  readonly revision: number | undefined;
  readonly healths: Healths;
}

/** `undefined` where Discover* cannot tell, as of a service made a moment ago: then the service is listed. */
const discover = async (
  client: CloudMapClient,
  { namespace, service }: Place,
  signal: AbortSignal,
): Promise<Discovered | undefined> => {
  try {
    const { InstancesRevision, Instances } = await client.send(
      new DiscoverInstancesCommand({
        NamespaceName: namespace.httpName,
        ServiceName: service.name,
        MaxResults: MOST,
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
