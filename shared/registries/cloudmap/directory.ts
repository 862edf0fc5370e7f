import {
  DiscoverInstancesCommand,
  type HttpInstanceSummary,
} from '@aws-sdk/client-servicediscovery';
import type { CloudMapConfig } from '../../config/config.ts';
import { KEY, type Target } from '../../model/registration.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import type { Directory, ServiceTargets } from '../registry.ts';
import { byId, readWeight } from '../targets.ts';
import { type CloudMapClient, createClient, isNamed, required } from './client.ts';
import { connectReader, type ReadConnection } from './connection.ts';
import { emptyIfGone, MAX_INSTANCES } from './instances.ts';
import { toRecord } from './record.ts';
import type { Service } from './services.ts';

const CONCURRENCY = 8;

/** AWS Cloud Map, read by Discover* calls, of which AWS allows 1,000 a second. */
export const createDirectory = (
  config: CloudMapConfig,
  context: { readonly client?: CloudMapClient } = {},
): Directory => {
  const connection = connectReader(context.client ?? createClient(), config);
  return {
    name: 'cloudmap',
    waitsForHealth: true,
    everything: (signal) => everything(connection, signal),
    instances: (name, signal) =>
      onService(connection, { name, signal }, (service) => targetsOf(connection, service, signal)),
  };
};

const everything = async (
  connection: ReadConnection,
  signal: AbortSignal,
): Promise<readonly ServiceTargets[]> => {
  const all = await mapBounded(
    await connection.services.list(signal),
    CONCURRENCY,
    async (service) => ({
      name: service.name,
      // A service that was deleted meanwhile, or that Discover* does not know yet, must not fail
      // the others.
      targets:
        service.instances === 0
          ? []
          : await emptyIfGone([], () => targetsOf(connection, service, signal)),
    }),
  );
  return all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
};

interface Asked {
  readonly name: string;
  readonly signal: AbortSignal;
}

/** Calls `work` with the service of this name; `undefined` where there is none. */
const onService = async <T>(
  connection: ReadConnection,
  asked: Asked,
  work: (service: Service) => Promise<T>,
): Promise<T | undefined> => {
  const attempt = async () => {
    const service = await findService(connection, asked);
    return service && work(service);
  };
  try {
    return await attempt();
  } catch (error) {
    if (!isNamed(error, 'ServiceNotFound', 'NamespaceNotFound')) throw error;
    connection.services.forget();
    return isNamed(error, 'NamespaceNotFound') ? attempt() : undefined;
  }
};

/**
 * For an unknown name Discover* is asked first, which is cheap: a flood of made-up names must not
 * list all services each time.
 */
const findService = async (connection: ReadConnection, { name, signal }: Asked) => {
  const { services } = connection;
  const known = services.known(name);
  if (known) return known;
  if (!services.isCold()) {
    try {
      await discover(connection, { name, signal }, 1);
    } catch (error) {
      // An invalid name is no service's name.
      if (isNamed(error, 'ServiceNotFound', 'InvalidInput')) return undefined;
      throw error;
    }
  }
  return services.find(name, signal);
};

const targetsOf = async (connection: ReadConnection, service: Service, signal: AbortSignal) => {
  const found = await discover(connection, { name: service.name, signal }, MAX_INSTANCES);
  return found.map((one) => toTarget(one, service)).sort(byId);
};

/** At most so many instances of a service, healthy or not. */
const discover = async (
  { client, namespaces }: ReadConnection,
  { name, signal }: Asked,
  most: number,
): Promise<readonly HttpInstanceSummary[]> => {
  const { httpName } = await namespaces.get(signal);
  const { Instances } = await client.send(
    new DiscoverInstancesCommand({
      NamespaceName: httpName,
      ServiceName: name,
      MaxResults: most,
      HealthStatus: 'ALL',
    }),
    { abortSignal: signal },
  );
  return required(Instances, 'Instances');
};

const toTarget = (found: HttpInstanceSummary, service: Service): Target => {
  const attributes = found.Attributes ?? {};
  const { id, address, port, protocol, tags, metadata } = toRecord({
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
    // Of a service without health checks AWS calls every instance UNKNOWN.
    healthy: service.health === 'none' || found.HealthStatus === 'HEALTHY',
    zone: metadata[KEY.zone] ?? null,
    weight: readWeight(metadata),
    tags,
    metadata,
  };
};
