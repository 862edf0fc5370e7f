import { DiscoverInstancesRevisionCommand } from '@aws-sdk/client-servicediscovery';
import { mapBounded } from '../../bounded.ts';
import type { Registration } from '../../model/registration.ts';
import { withHealth } from './attributes.ts';
import type { CloudMapClient } from './client.ts';
import { emptyIfGone, listHealth, listInstances } from './instances.ts';
import type { Namespace, NamespaceReader } from './namespace.ts';
import type { Service, ServiceReader } from './services.ts';

/** AWS publishes no rate for ListInstances; Discover* takes 1,000 a second. */
const WIDTH = 8;
/**
 * Milliseconds that an unchanged revision is believed. Discover* is another plane than ListInstances, and nothing
 * promises that they agree, nor that registering an id again moves the revision.
 */
const BELIEVED = 10 * 60_000;

interface ListingParts {
  readonly client: CloudMapClient;
  readonly namespaces: NamespaceReader;
  readonly services: ServiceReader;
  readonly now: () => number;
}

interface Remembered {
  readonly revision: number | undefined;
  readonly read: number;
  readonly records: readonly Registration[];
}

export interface Lister {
  list(signal: AbortSignal): Promise<readonly Registration[]>;
  /** Before a write of ours: what is remembered of this service will be old. */
  forget(serviceId: string): void;
}

/** Lists the whole namespace; a service whose revision has not moved is not listed again, only its health. */
export const createLister = (parts: ListingParts): Lister => {
  let memory = new Map<string, Remembered>();
  let writes = 0;

  const read = async (service: Service, namespace: Namespace, signal: AbortSignal): Promise<Remembered> => {
    const revision = await revisionOf(parts.client, { namespace, service }, signal);
    const known = memory.get(service.id);
    if (known && known.revision === revision && parts.now() - known.read < BELIEVED) return known;
    const records = await emptyIfGone([], () => listInstances(parts.client, service, signal));
    return { revision, read: parts.now(), records };
  };

  return {
    async list(signal) {
      const before = writes;
      const services = await parts.services.list(signal);
      const namespace = await parts.namespaces.get(signal);
      const found = await mapBounded(services, WIDTH, async (service) => {
        const remembered = await read(service, namespace, signal);
        return { service, remembered, records: await withHealths(parts, { service, remembered }, signal) };
      });
      const told = found.filter(({ remembered }) => remembered.revision !== undefined);
      memory = new Map(before === writes ? told.map((one) => [one.service.id, one.remembered]) : []);
      return found.flatMap(({ records }) => records);
    },
    forget(serviceId) {
      memory.delete(serviceId);
      writes++;
    },
  };
};

const withHealths = async (
  { client }: ListingParts,
  { service, remembered }: { service: Service; remembered: Remembered },
  signal: AbortSignal,
) => {
  const { records } = remembered;
  if (records.length === 0) return records;
  const healths = await listHealth(client, service, { signal });
  return records.map((record) => withHealth(record, service, healths.get(record.id)));
};

interface Place {
  readonly namespace: Namespace;
  readonly service: Service;
}

/** `undefined` where Discover* cannot tell, as of a service made a moment ago: then the service is listed. */
const revisionOf = async (client: CloudMapClient, { namespace, service }: Place, signal: AbortSignal) => {
  try {
    const { InstancesRevision } = await client.send(
      new DiscoverInstancesRevisionCommand({ NamespaceName: namespace.httpName, ServiceName: service.name }),
      { abortSignal: signal },
    );
    return InstancesRevision;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
};
