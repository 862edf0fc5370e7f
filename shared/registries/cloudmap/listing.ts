import { DiscoverInstancesRevisionCommand } from '@aws-sdk/client-servicediscovery';
import type { Registration } from '../../model/registration.ts';
import { withHealth } from './attributes.ts';
import { mapBounded } from './bounded.ts';
import type { CloudMapClient } from './client.ts';
import { listHealth, listInstances } from './instances.ts';
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
  readonly revision: number;
  readonly read: number;
  readonly records: readonly Registration[];
}

export interface Lister {
  list(signal: AbortSignal): Promise<readonly Registration[]>;
  /** After a write of ours: what is remembered may be old. */
  forget(): void;
}

/** Lists the whole namespace; a service whose revision has not moved is not listed again, only its health. */
export const createLister = (parts: ListingParts): Lister => {
  let memory = new Map<string, Remembered>();
  let writes = 0;

  const instancesOf = async (service: Service, namespace: Namespace, signal: AbortSignal) => {
    const before = writes;
    const revision = await revisionOf(parts.client, { namespace, service }, signal);
    const known = memory.get(service.id);
    if (known && known.revision === revision && parts.now() - known.read < BELIEVED) return known;
    const records = await listInstances(parts.client, service, signal);
    const fresh = { revision: revision ?? Number.NaN, read: parts.now(), records };
    return before === writes ? fresh : { ...fresh, revision: Number.NaN };
  };

  return {
    async list(signal) {
      const services = await parts.services.list(signal);
      const namespace = await parts.namespaces.get(signal);
      const read = await mapBounded(services, WIDTH, async (service) => {
        const remembered = await instancesOf(service, namespace, signal);
        const empty = remembered.records.length === 0;
        const healths = empty ? new Map() : await listHealth(parts.client, service, { signal });
        return { service, remembered, healths };
      });
      memory = new Map(read.map(({ service, remembered }) => [service.id, remembered]));
      return read.flatMap(({ service, remembered, healths }) =>
        remembered.records.map((record) => withHealth(record, service, healths.get(record.id))),
      );
    },
    forget() {
      memory = new Map();
      writes++;
    },
  };
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
