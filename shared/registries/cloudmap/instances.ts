import {
  GetInstanceCommand,
  GetInstancesHealthStatusCommand,
  type HealthStatus,
  ListInstancesCommand,
} from '@aws-sdk/client-servicediscovery';
import type { Registration } from '../../model/registration.ts';
import { everyPage } from '../../platform/aws/pages.ts';
import { type CloudMapClient, isNamed, required } from './client.ts';
import { toRecord } from './record.ts';
import type { Service } from './services.ts';

/** Statuses by instance id. What has just been registered may lack one. */
export type Healths = ReadonlyMap<string, HealthStatus>;

const PAGE = 100;
/**
 * All that a service can hold, and all that one answer of DiscoverInstances can: it has no pages.
 */
export const MAX_INSTANCES = 1_000;

/** Every record of a service, health apart. Throws ServiceNotFound. */
export const listInstances = async (
  client: CloudMapClient,
  service: Service,
  signal: AbortSignal,
): Promise<readonly Registration[]> => {
  const pages = await everyPage((NextToken) =>
    client.send(new ListInstancesCommand({ ServiceId: service.id, MaxResults: PAGE, NextToken }), {
      abortSignal: signal,
    }),
  );
  return pages
    .flatMap(({ Instances }) => required(Instances, 'Instances'))
    .map(({ Id, Attributes }) => toRecord({ service, id: Id ?? '', attributes: Attributes ?? {} }));
};

/** No request where the service has no custom health. `ids`: only these, at most 100. */
export const listHealth = async (
  client: CloudMapClient,
  service: Service,
  { ids, signal }: { ids?: readonly string[]; signal: AbortSignal },
): Promise<Healths> => {
  if (service.health !== 'custom') return new Map();
  const Instances = ids && [...ids];
  return emptyIfGone(new Map(), async () => {
    const pages = await everyPage((NextToken) =>
      client.send(
        new GetInstancesHealthStatusCommand({
          ServiceId: service.id,
          Instances,
          MaxResults: PAGE,
          NextToken,
        }),
        { abortSignal: signal },
      ),
    );
    return new Map(pages.flatMap(({ Status }) => Object.entries(Status ?? {})));
  });
};

/** One record, health apart. Throws ServiceNotFound. */
export const getInstance = async (
  client: CloudMapClient,
  { service, id }: { service: Service; id: string },
  signal: AbortSignal,
): Promise<Registration | undefined> => {
  try {
    const { Instance } = await client.send(
      new GetInstanceCommand({ ServiceId: service.id, InstanceId: id }),
      { abortSignal: signal },
    );
    return toRecord({ service, id, attributes: required(Instance, 'Instance').Attributes ?? {} });
  } catch (error) {
    if (isNamed(error, 'InstanceNotFound')) return undefined;
    throw error;
  }
};

/** A deleted service has no instances: only empty services can be deleted. */
export const emptyIfGone = async <T>(empty: T, read: () => Promise<T>): Promise<T> => {
  try {
    return await read();
  } catch (error) {
    if (isNamed(error, 'ServiceNotFound')) return empty;
    throw error;
  }
};
