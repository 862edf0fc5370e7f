import type { HealthStatus } from '@aws-sdk/client-servicediscovery';
import { type Health, KEY, type Registration } from '../../model/registration.ts';
import { formatTags, parseTags } from '../tags.ts';
import type { Service } from './services.ts';

export type Attributes = Readonly<Record<string, string>>;

/** Attributes beside AWS's own and the shared keys. */
export const OWN = {
  /** Which kind of records its service gets if it must be made again: nothing else tells awsvpc from bridge. */
  networkMode: 'ROLLCALL_NETWORK_MODE',
  /** `ipv6` where a record has both addresses and clients shall use that one. */
  address: 'ROLLCALL_ADDRESS',
} as const;

/** What a registration of ours carries in `detail`. */
export const DETAIL = { ipv4: 'ipv4', ipv6: 'ipv6', networkMode: 'networkMode' } as const;

/** Attributes that become fields of a registration instead of metadata. */
const FIELDS: ReadonlySet<string> = new Set([KEY.tags, KEY.protocol, ...Object.values(OWN)]);

/** Everything an instance carries, health apart: Cloud Map keeps nothing of an earlier registration. */
export const toAttributes = (record: Registration): Attributes => {
  const { [DETAIL.ipv4]: ipv4, [DETAIL.ipv6]: ipv6, [DETAIL.networkMode]: networkMode } = record.detail;
  return {
    ...record.metadata,
    ...(ipv4 && { AWS_INSTANCE_IPV4: ipv4 }),
    ...(ipv6 && { AWS_INSTANCE_IPV6: ipv6 }),
    AWS_INSTANCE_PORT: String(record.port),
    ...(networkMode && { [OWN.networkMode]: networkMode }),
    ...(ipv4 && record.address === ipv6 && { [OWN.address]: 'ipv6' }),
    ...(record.tags.length > 0 && { [KEY.tags]: formatTags(record.tags) }),
    ...(record.protocol !== 'tcp' && { [KEY.protocol]: record.protocol }),
  };
};

export interface Held {
  readonly service: Service;
  readonly id: string;
  readonly attributes: Attributes;
}

/** A record without its health; whoever wrote it, so every attribute may be missing. */
export const toRegistration = ({ service, id, attributes }: Held): Registration => {
  const { AWS_INSTANCE_IPV4: ipv4, AWS_INSTANCE_IPV6: ipv6, [OWN.networkMode]: networkMode } = attributes;
  const named = attributes['AWS_INSTANCE_CNAME'] ?? attributes['AWS_ALIAS_DNS_NAME'] ?? '';
  return {
    service: service.name,
    id,
    cluster: attributes[KEY.cluster] ?? '',
    address: (attributes[OWN.address] === 'ipv6' ? ipv6 : undefined) ?? ipv4 ?? ipv6 ?? named,
    port: Number(attributes['AWS_INSTANCE_PORT'] ?? 0),
    protocol: attributes[KEY.protocol] === 'udp' ? 'udp' : 'tcp',
    health: undefined,
    tags: parseTags(attributes[KEY.tags] ?? ''),
    metadata: Object.fromEntries(Object.entries(attributes).filter(([key]) => isMetadata(key))),
    detail: {
      ...(ipv4 && { [DETAIL.ipv4]: ipv4 }),
      ...(ipv6 && { [DETAIL.ipv6]: ipv6 }),
      ...(networkMode && { [DETAIL.networkMode]: networkMode }),
    },
  };
};

export const isMetadata = (key: string) => !key.startsWith('AWS_') && !FIELDS.has(key);

/** `undefined` where a service has no custom health: then it is not ours to say. */
export const withHealth = (
  record: Registration,
  service: Service,
  status: HealthStatus | undefined,
): Registration => ({ ...record, health: service.health === 'custom' ? toHealth(status) : undefined });

/** UNKNOWN, or nothing yet: registered a moment ago. */
const toHealth = (status: HealthStatus | undefined): Health =>
  status === 'HEALTHY' ? 'healthy' : status === 'UNHEALTHY' ? 'unhealthy' : 'starting';
