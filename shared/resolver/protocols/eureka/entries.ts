import { KEY, type Target } from '../../../model/registration.ts';
import { pagesOf, readEurekaFacts } from '../../../registries/eureka-metadata.ts';
import { formatTags } from '../../../registries/tags.ts';
import { type AppInstance, vipAddressesOf } from './applications.ts';

/**
 * Targets as the Eureka server shows them, key by key. Clients of Spring and Netflix refuse a whole
 * answer for a field that they do not know, a port that is a bare number, or a data centre without
 * its class.
 */

export interface InstanceEntry {
  readonly instanceId: string;
  readonly status: string;
  readonly [field: string]: unknown;
}

/** How many instances have which status, by name: `DOWN_1_UP_2_`; empty where there is none. */
export const hashCode = (instances: readonly Pick<InstanceEntry, 'status'>[]): string =>
  [...Map.groupBy(instances, ({ status }) => status)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([status, group]) => `${status}_${group.length}_`)
    .join('');

const DATA_CENTER = {
  '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
  name: 'MyOwn',
};
/** Seconds: the server's own defaults. */
const LEASE = { renewalIntervalInSecs: 30, durationInSecs: 90 };
/** What the server shows where there is no secure port. */
const DEFAULT_SECURE_PORT = 443;

/**
 * VIP, secure port and pages come from metadata: other registries have no fields for them. What the
 * metadata does not say is as Rollcall's Eureka writer has it.
 */
export const toInstanceEntry = ({ app, id, target }: AppInstance): InstanceEntry => {
  const { address, port, protocol, metadata } = target;
  const facts = readEurekaFacts(metadata, port);
  const { hostName = address, ipAddr = address, securePort } = facts;
  const started = String(Date.parse(metadata[KEY.started] ?? '') || 0);
  return {
    instanceId: id,
    hostName,
    app,
    ipAddr,
    status: statusOf(target),
    overriddenStatus: 'UNKNOWN',
    port: { $: port, '@enabled': String(facts.portEnabled ?? true) },
    securePort: {
      $: securePort ?? DEFAULT_SECURE_PORT,
      '@enabled': String(securePort !== undefined),
    },
    countryId: 1,
    dataCenterInfo: DATA_CENTER,
    leaseInfo: {
      ...LEASE,
      registrationTimestamp: Number(started),
      lastRenewalTimestamp: Number(started),
      evictionTimestamp: 0,
      serviceUpTimestamp: Number(started),
    },
    metadata: metadataOf(target),
    ...pagesOf(facts, { hostName, port, protocol, metadata }),
    ...vipAddressesOf(target),
    isCoordinatingDiscoveryServer: 'false',
    lastUpdatedTimestamp: started,
    lastDirtyTimestamp: started,
    actionType: 'ADDED',
  };
};

/** A target is healthy or not, so one that is starting is DOWN: clients use neither. */
export const statusOf = ({ healthy, metadata, port }: Target): string =>
  healthy ? (readEurekaFacts(metadata, port).status ?? 'UP') : 'DOWN';

const EMPTY_MAP = { '@class': 'java.util.Collections$EmptyMap' };

/**
 * `@class` belongs to the format and is never metadata. Consul cannot carry the dot of keys such as
 * `management.port`, so they are shown with a dot too.
 */
const metadataOf = ({
  metadata,
  zone,
  tags,
  protocol,
}: Target): Readonly<Record<string, string>> => {
  const { '@class': _, ...carried } = metadata;
  const all = {
    ...(zone !== null && { zone }),
    ...Object.fromEntries(
      Object.entries(carried).map(([key, value]) => [
        key.replace(/^management_/, 'management.'),
        value,
      ]),
    ),
    ...carried,
    ...(protocol !== 'tcp' && { [KEY.protocol]: protocol }),
    ...(tags.length > 0 && { [KEY.tags]: formatTags(tags) }),
  };
  return Object.keys(all).length > 0 ? all : EMPTY_MAP;
};
