import { ListServicesCommand, type ServiceSummary } from '@aws-sdk/client-servicediscovery';
import { everyPage } from '../../platform/aws/pages.ts';
import { singleFlight } from '../../platform/single-flight.ts';
import { type CloudMapClient, isNamed, required } from './client.ts';
import type { Namespace, NamespaceReader } from './namespace.ts';

/** What never changes of a Cloud Map service, and its number of instances when it was read. */
export interface Service {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  /** Types of its DNS records; none where it is discovered by API calls alone. */
  readonly records: readonly string[];
  readonly health: 'custom' | 'route53' | 'none';
  /** Optional in the API: `undefined` is any number. */
  readonly instances: number | undefined;
}

export interface ServiceReader {
  /** Every service of the namespace, read now. */
  list(signal: AbortSignal): Promise<readonly Service[]>;
  /** From what was read before, without a request. Case is ignored, as in DNS. */
  known(name: string): Service | undefined;
  /** As `known`, else after a new list (in bulk work: unless the last one is some seconds old). */
  find(name: string, signal: AbortSignal): Promise<Service | undefined>;
  /** Nothing has been read yet, or it was forgotten. */
  isCold(): boolean;
  remember(service: Service): void;
  forget(): void;
}

/**
 * For work in bulk: without it, each of hundreds of new services would cause a list of all
 * services.
 */
export interface ListAge {
  /** How long a list may prove that a name does not exist, in milliseconds. */
  readonly milliseconds: number;
  readonly now: () => number;
}
const ALWAYS_ANEW: ListAge = { milliseconds: 0, now: Date.now };

export const createServiceReader = (
  client: CloudMapClient,
  namespaces: NamespaceReader,
  fresh = ALWAYS_ANEW,
): ServiceReader => {
  let services: readonly Service[] = [];
  let cold = true;
  let read = 0;

  const list = async (signal: AbortSignal) => {
    const at = fresh.now();
    services = await readServices(client, namespaces, signal);
    cold = false;
    read = at;
    return services;
  };
  const refresh = singleFlight(list);

  const known = (name: string) => {
    const folded = name.toLowerCase();
    return (
      services.find((service) => service.name === name) ??
      services.find((service) => service.name.toLowerCase() === folded)
    );
  };
  return {
    list,
    known,
    async find(name, signal) {
      const isFresh = !cold && fresh.now() - read < fresh.milliseconds;
      if (!known(name) && !isFresh) await refresh(signal);
      return known(name);
    },
    isCold: () => cold,
    remember: (service) => {
      services = [...services, service];
    },
    forget: () => {
      services = [];
      cold = true;
    },
  };
};

const readServices = async (
  client: CloudMapClient,
  namespaces: NamespaceReader,
  signal: AbortSignal,
) => {
  const namespace = await namespaces.get(signal);
  const services = await listServices(client, namespace, signal);
  if (services.length > 0) return services;
  // No service at all: the namespace may have been deleted and created again under another id.
  namespaces.forget();
  const now = await namespaces.get(signal);
  return now.id === namespace.id ? services : listServices(client, now, signal);
};

const listServices = async (client: CloudMapClient, { id }: Namespace, signal: AbortSignal) => {
  const Filters = [{ Name: 'NAMESPACE_ID' as const, Values: [id] }];
  const pages = await everyPage((NextToken) =>
    client.send(new ListServicesCommand({ Filters, NextToken, MaxResults: 100 }), {
      abortSignal: signal,
    }),
  );
  return pages.flatMap(({ Services }) => required(Services, 'Services')).map(parseService);
};

export const parseService = (answer: ServiceSummary): Service => ({
  id: required(answer.Id, 'Id of a service'),
  arn: answer.Arn ?? '',
  name: answer.Name ?? '',
  records: (answer.DnsConfig?.DnsRecords ?? []).flatMap(({ Type }) => Type ?? []),
  health: answer.HealthCheckCustomConfig ? 'custom' : answer.HealthCheckConfig ? 'route53' : 'none',
  instances: answer.InstanceCount,
});

/**
 * Tries once more without the cache if a service or namespace was deleted: it may exist under
 * another id.
 */
export const withFreshIds = async <T>(
  cache: { forget(): void },
  work: () => Promise<T>,
): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!isNamed(error, 'ServiceNotFound', 'NamespaceNotFound')) throw error;
    cache.forget();
    return work();
  }
};
