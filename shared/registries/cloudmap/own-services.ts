import {
  CreateServiceCommand,
  DeleteServiceCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-servicediscovery';
import type { CloudMapConfig } from '../../config/config.ts';
import type { Registration } from '../../model/registration.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import { isNamed, required } from './client.ts';
import type { Connection } from './connection.ts';
import { isSrvName } from './names.ts';
import { DETAIL } from './record.ts';
import { parseService, type Service } from './services.ts';

const CONCURRENCY = 4;

/** The tag's value is the owner. A purge deletes only services with our own. */
export const OWNER_TAG = 'rollcall:owner';
/** Seconds for which clients may still use the address of a stopped task. */
const TTL = 10;

interface Wanted {
  readonly name: string;
  /** Ignored in a namespace without DNS. */
  readonly types: readonly RecordType[];
}

/**
 * Finds a service by its name, or creates it. If somebody else creates it meanwhile, that one is
 * used.
 */
export const ensureService = async (
  connection: Connection,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Service> => {
  const { services, creating } = connection;
  const found = await services.find(wanted.name, signal);
  if (found) return found;
  const key = wanted.name.toLowerCase();
  const running =
    creating.get(key) ?? create(connection, wanted, signal).finally(() => creating.delete(key));
  creating.set(key, running);
  return running;
};

const create = async (connection: Connection, { name, types }: Wanted, signal: AbortSignal) => {
  const { client, namespaces, services, owner } = connection;
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
    const service = parseService(required(Service, 'Service'));
    services.remember(service);
    return service;
  } catch (error) {
    if (!isNamed(error, 'ServiceAlreadyExists')) throw error;
    const twin = await services.find(name, signal);
    if (!twin) throw error;
    return twin;
  }
};

export type RecordType = 'A' | 'AAAA' | 'SRV';

/**
 * The DNS record types of a service that is created for this record. A port that Docker chose needs
 * SRV.
 */
export const wantedTypes = (
  record: Registration,
  dns: CloudMapConfig['dns'],
): readonly RecordType[] => {
  const {
    [DETAIL.ipv4]: ipv4,
    [DETAIL.ipv6]: ipv6,
    [DETAIL.networkMode]: networkMode,
  } = record.detail;
  const srv =
    dns === 'srv' ||
    (dns === 'both' && isSrvName(record.service)) ||
    (dns === 'auto' && networkMode !== 'awsvpc');
  if (srv) return ['SRV'];
  return [...(ipv4 ? (['A'] as const) : []), ...(ipv6 ? (['AAAA'] as const) : [])];
};

/** Why the service cannot hold the record, and what to do: record types cannot be changed. */
export const whyUnfit = (
  service: Service,
  record: Registration,
  dns: CloudMapConfig['dns'],
): string | undefined => {
  const has = (type: string) => service.records.includes(type);
  const lack = (what: string) =>
    `service ${service.name} has ${service.records.join(' and ')} records, ${what}; they cannot be changed: ` +
    'set ROLLCALL_DNS=srv or both, and give the task another name or delete the service';
  if (has('CNAME')) return lack('which carry no address');
  if (has('A') && !record.detail[DETAIL.ipv4]) return lack('and the task has no IPv4 address');
  if (has('AAAA') && !record.detail[DETAIL.ipv6]) return lack('and the task has no IPv6 address');
  const portLost =
    service.records.length > 0 && !has('SRV') && wantedTypes(record, dns).includes('SRV');
  return portLost ? lack('which carry no port') : undefined;
};

/**
 * Deletes services of this owner that are empty. The count in a listing may be old, so AWS's
 * refusal decides.
 */
export const removeEmptyServices = async (
  connection: Connection,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const services = await connection.services.list(signal);
  const deleted = await mapBounded(services, CONCURRENCY, async (service) =>
    (await fetchIsOurs(connection, service, signal)) &&
    (await deleteIfEmpty(connection, service, signal))
      ? [service.name]
      : [],
  );
  connection.services.forget();
  return deleted.flat().sort();
};

const fetchIsOurs = async (
  { client, owner }: Connection,
  { arn }: Service,
  signal: AbortSignal,
) => {
  try {
    const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceARN: arn }), {
      abortSignal: signal,
    });
    return (Tags ?? []).some(({ Key, Value }) => Key === OWNER_TAG && Value === owner);
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException')) return false;
    throw error;
  }
};

const deleteIfEmpty = async ({ client }: Connection, { id }: Service, signal: AbortSignal) => {
  try {
    await client.send(new DeleteServiceCommand({ Id: id }), { abortSignal: signal });
    return true;
  } catch (error) {
    if (isNamed(error, 'ResourceInUse', 'ServiceNotFound')) return false;
    throw error;
  }
};
