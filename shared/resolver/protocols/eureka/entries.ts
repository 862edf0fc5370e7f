import { type EurekaFacts, KEY, type Target } from '../../../model/registration.ts';
import { pagesOf, readEurekaFacts } from '../../../registries/eureka-metadata.ts';
import { formatTags } from '../../../registries/tags.ts';

/**
 * An instance as the Eureka server shows it, key by key: clients of Spring and Netflix refuse a whole answer for one
 * field they do not know, a port that is a bare number, or a data centre without its class.
 */
export interface EurekaInstance {
  readonly instanceId: string;
  readonly app: string;
  readonly status: string;
  readonly vipAddress: string;
  readonly secureVipAddress?: string;
  readonly [field: string]: unknown;
}

const DATA_CENTER = { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' };
/** Seconds. What the server says of a client that says nothing. */
const LEASE = { renewalIntervalInSecs: 30, durationInSecs: 90 };
const NO_SECURE_PORT = 443;

/**
 * What only Eureka's own records say (VIP, secure port, pages) comes from metadata, in Registrator's keys and in those that
 * Spring's clients use for other registries; where nothing is said it is as Rollcall's Eureka writer has it.
 */
export const toInstance = (target: Target, instanceId: string): EurekaInstance => {
  const { service, address, port, protocol, metadata } = target;
  const facts = readEurekaFacts(metadata, port);
  const { hostName = address, ipAddr = address, vip = service, securePort } = facts;
  const started = String(Date.parse(metadata[KEY.started] ?? '') || 0);
  return {
    instanceId,
    hostName,
    app: service.toUpperCase(),
    ipAddr,
    status: statusOf(target, facts),
    overriddenStatus: 'UNKNOWN',
    port: { $: port, '@enabled': String(facts.portEnabled ?? true) },
    securePort: { $: securePort ?? NO_SECURE_PORT, '@enabled': String(securePort !== undefined) },
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
    vipAddress: vip,
    ...((securePort || facts.secureVip) && { secureVipAddress: facts.secureVip ?? vip }),
    isCoordinatingDiscoveryServer: 'false',
    lastUpdatedTimestamp: started,
    lastDirtyTimestamp: started,
    actionType: 'ADDED',
  };
};

/** Health is a yes or no here, so one that is starting is DOWN: clients use neither. */
const statusOf = ({ healthy }: Target, { status = 'UP' }: EurekaFacts) => (healthy ? status : 'DOWN');

const EMPTY = { '@class': 'java.util.Collections$EmptyMap' };

/** `@class` is a word of the wire and never data. Consul cannot carry the dot of `management.port` and its like. */
const metadataOf = ({ metadata, zone, tags, protocol }: Target): Readonly<Record<string, string>> => {
  const { '@class': _, ...carried } = metadata;
  const all = {
    ...(zone !== null && { zone }),
    ...Object.fromEntries(
      Object.entries(carried).map(([key, value]) => [key.replace(/^management_/, 'management.'), value]),
    ),
    ...carried,
    ...(protocol !== 'tcp' && { [KEY.protocol]: protocol }),
    ...(tags.length > 0 && { [KEY.tags]: formatTags(tags) }),
  };
  return Object.keys(all).length > 0 ? all : EMPTY;
};
