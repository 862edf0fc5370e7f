import { createHash } from 'node:crypto';
import {
  DiscoverInstancesCommand,
  DiscoverInstancesRevisionCommand,
  type HttpInstanceSummary,
} from '@aws-sdk/client-servicediscovery';
import type { CloudMapConfig } from '../../config/config.ts';
import { KEY, type Target } from '../../model/registration.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import type { Directory } from '../registry.ts';
import { toRegistration } from './attributes.ts';
import { type CloudMapClient, createServiceDiscoveryClient } from './client.ts';
import { isNamed, required } from './errors.ts';
import { emptyIfGone, MOST } from './instances.ts';
import { createNamespaceReader, type NamespaceReader } from './namespace.ts';
import { createServiceReader, type Service, type ServiceReader } from './services.ts';

const WIDTH = 8;

interface Parts {
  readonly client: CloudMapClient;
  readonly namespaces: NamespaceReader;
  readonly services: ServiceReader;
}

/** AWS Cloud Map, read through the plane made for it: 1,000 Discover calls a second. */
export const createCloudMapDirectory = (
  config: CloudMapConfig,
  context: { readonly client?: CloudMapClient } = {},
): Directory => {
  const { client = createServiceDiscoveryClient() } = context;
  const namespaces = createNamespaceReader(client, config);
  const parts: Parts = { client, namespaces, services: createServiceReader(client, namespaces) };
  return {
    name: 'cloudmap',
    waitsForHealth: true,
    everything: (signal) => everything(parts, signal),
    services: async (signal) =>
      (await everything(parts, signal)).map(({ name, targets }) => ({
        name,
        instances: targets.length,
        healthy: targets.filter((target) => target.healthy).length,
      })),
    instances: (name, signal) =>
      onService(parts, { name, signal }, (service) => targetsOf(parts, service, signal)),
    async revision(name, signal) {
      const revision = await onService(parts, { name, signal }, (service) =>
        revisionOf(parts, service, signal),
      );
      return revision ?? 'absent';
    },
  };
};

const everything = async (parts: Parts, signal: AbortSignal) => {
  const all = await mapBounded(await parts.services.list(signal), WIDTH, async (service) => ({
    name: service.name,
    // One that went since the list was read, or that Discover* does not know yet, hides no other.
    targets: service.instances === 0 ? [] : await emptyIfGone([], () => targetsOf(parts, service, signal)),
  }));
  return all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
};

interface Asked {
  readonly name: string;
  readonly signal: AbortSignal;
}

/** Works on the service of this name; `undefined` where there is none. */
const onService = async <T>(
  parts: Parts,
  asked: Asked,
  work: (service: Service) => Promise<T>,
): Promise<T | undefined> => {
  const { namespaces, services } = parts;
  const attempt = async () => {
    const service = await findService(parts, asked);
    return service && work(service);
  };
  try {
    return await attempt();
  } catch (error) {
    if (!isNamed(error, 'ServiceNotFound', 'NamespaceNotFound')) throw error;
    services.forget();
    namespaces.forget();
    return isNamed(error, 'NamespaceNotFound') ? attempt() : undefined;
  }
};

/** A name that no listing held is asked of Discover* first: a flood of made-up names must not list all services each time. */
const findService = async ({ client, namespaces, services }: Parts, { name, signal }: Asked) => {
  const known = services.known(name);
  if (known) return known;
  if (!services.isCold()) {
    const { httpName } = await namespaces.get(signal);
    const command = new DiscoverInstancesRevisionCommand({ NamespaceName: httpName, ServiceName: name });
    try {
      await client.send(command, { abortSignal: signal });
    } catch (error) {
      // A name that cannot be one is not one.
      if (isNamed(error, 'ServiceNotFound', 'InvalidInput')) return undefined;
      throw error;
    }
  }
  return services.find(name, signal);
};

const targetsOf = async ({ client, namespaces }: Parts, service: Service, signal: AbortSignal) => {
  const { httpName } = await namespaces.get(signal);
  const { Instances } = await client.send(
    new DiscoverInstancesCommand({
      NamespaceName: httpName,
      ServiceName: service.name,
      MaxResults: MOST,
      HealthStatus: 'ALL',
    }),
    { abortSignal: signal },
  );
  return required(Instances, 'Instances')
    .map((one) => toTarget(one, service))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
};

/** AWS's own revision where there is no health, which it does not see; else a digest of the answer, for the same price. */
const revisionOf = async (parts: Parts, service: Service, signal: AbortSignal): Promise<string> => {
  if (service.health !== 'none') {
    const targets = await targetsOf(parts, service, signal);
    return createHash('sha256').update(JSON.stringify(targets)).digest('hex').slice(0, 16);
  }
  const { httpName } = await parts.namespaces.get(signal);
  const { InstancesRevision } = await parts.client.send(
    new DiscoverInstancesRevisionCommand({ NamespaceName: httpName, ServiceName: service.name }),
    { abortSignal: signal },
  );
  return String(InstancesRevision);
};

const toTarget = (found: HttpInstanceSummary, service: Service): Target => {
  const attributes = found.Attributes ?? {};
  const { id, address, port, protocol, tags, metadata } = toRegistration({
    service,
    id: found.InstanceId ?? '',
    attributes,
  });
  return {
    id,
    service: service.name,
    address,
    port,
    protocol,
    // Without any health check AWS says UNKNOWN of every instance.
    healthy: service.health === 'none' || found.HealthStatus === 'HEALTHY',
    zone: metadata[KEY.zone] ?? null,
    weight: toWeight(metadata['weight']),
    tags,
    metadata,
  };
};

/** Strangers write what they like there. */
const toWeight = (text = '') => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : 1);
