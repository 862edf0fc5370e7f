import { createHash } from 'node:crypto';
import {
  DiscoverInstancesCommand,
  DiscoverInstancesRevisionCommand,
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
    async revision(name, signal) {
      const revision = await onService(connection, { name, signal }, (service) =>
        revisionOf(connection, service, signal),
      );
      return revision ?? 'absent';
    },
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

/** Calls `work` with the service of this name; `undefined` where there is none. */
const onService = async <T>(
  connection: ReadConnection,
  asked: { readonly name: string; readonly signal: AbortSignal },
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
const findService = async (
  { client, namespaces, services }: ReadConnection,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal },
) => {
  const known = services.known(name);
  if (known) return known;
  if (!services.isCold()) {
    const { httpName } = await namespaces.get(signal);
    const command = new DiscoverInstancesRevisionCommand({
      NamespaceName: httpName,
      ServiceName: name,
    });
    try {
      await client.send(command, { abortSignal: signal });
    } catch (error) {
      // An invalid name is no service's name.
      if (isNamed(error, 'ServiceNotFound', 'InvalidInput')) return undefined;
      throw error;
    }
  }
  return services.find(name, signal);
};

const targetsOf = async (
  { client, namespaces }: ReadConnection,
  service: Service,
  signal: AbortSignal,
) => {
  const { httpName } = await namespaces.get(signal);
  const { Instances } = await client.send(
    new DiscoverInstancesCommand({
      NamespaceName: httpName,
      ServiceName: service.name,
      MaxResults: MAX_INSTANCES,
      HealthStatus: 'ALL',
    }),
    { abortSignal: signal },
  );
  return required(Instances, 'Instances')
    .map((one) => toTarget(one, service))
    .sort(byId);
};

/**
 * AWS's own revision does not change with health. Where there is health, a digest of the answer is
 * used; it costs as much.
 */
const revisionOf = async (
  connection: ReadConnection,
  service: Service,
  signal: AbortSignal,
): Promise<string> => {
  if (service.health !== 'none') {
    const targets = await targetsOf(connection, service, signal);
    return createHash('sha256').update(JSON.stringify(targets)).digest('hex').slice(0, 16);
  }
  const { httpName } = await connection.namespaces.get(signal);
  const { InstancesRevision } = await connection.client.send(
    new DiscoverInstancesRevisionCommand({ NamespaceName: httpName, ServiceName: service.name }),
    { abortSignal: signal },
  );
  return String(InstancesRevision);
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
