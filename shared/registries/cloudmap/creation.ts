import { CreateServiceCommand } from '@aws-sdk/client-servicediscovery';
import type { CloudMapClient } from './client.ts';
import { isNamed, required } from './errors.ts';
import type { NamespaceReader } from './namespace.ts';
import type { RecordType } from './recordTypes.ts';
import { type Service, type ServiceReader, toService } from './services.ts';

/** Bears the owner's name; only services with our own are deleted by a purge. */
export const OWNER_TAG = 'rollcall:owner';
/** Seconds: what clients may go on asking a stopped task for. */
const TTL = 10;

interface CreationParts {
  readonly client: CloudMapClient;
  readonly namespaces: NamespaceReader;
  readonly services: ServiceReader;
  readonly owner: string;
}

interface Wanted {
  readonly name: string;
  /** Of no account in a namespace without DNS. */
  readonly types: readonly RecordType[];
}

/** Finds a service by its name, or creates it. Whoever creates it meanwhile, it is then used as it is. */
export const createServiceMaker = (parts: CreationParts) => {
  const creating = new Map<string, Promise<Service>>();
  return async (wanted: Wanted, signal: AbortSignal): Promise<Service> => {
    const found = await parts.services.find(wanted.name, signal);
    if (found) return found;
    const key = wanted.name.toLowerCase();
    const running = creating.get(key) ?? create(parts, wanted, signal).finally(() => creating.delete(key));
    creating.set(key, running);
    return running;
  };
};

const create = async (parts: CreationParts, { name, types }: Wanted, signal: AbortSignal) => {
  const { client, namespaces, services, owner } = parts;
  const namespace = await namespaces.get(signal);
  const command = new CreateServiceCommand({
    Name: name,
    NamespaceId: namespace.id,
    Description: 'Managed by Rollcall',
    HealthCheckCustomConfig: { FailureThreshold: 1 },
    Tags: [{ Key: OWNER_TAG, Value: owner }],
    ...(namespace.dns && {
      DnsConfig: { RoutingPolicy: 'MULTIVALUE', DnsRecords: types.map((Type) => ({ Type, TTL })) },
    }),
  });
  try {
    const { Service } = await client.send(command, { abortSignal: signal });
    const service = toService(required(Service, 'Service'));
    services.remember(service);
    return service;
  } catch (error) {
    if (!isNamed(error, 'ServiceAlreadyExists')) throw error;
    const twin = await services.find(name, signal);
    if (!twin) throw error;
    return twin;
  }
};
