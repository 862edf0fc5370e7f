import { KEY, type Target } from '../../../model/registration.ts';
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
const STATUSES: ReadonlySet<string> = new Set(['UP', 'DOWN', 'STARTING', 'OUT_OF_SERVICE']);

/**
 * What only Eureka's own records say (VIP, secure port, pages) comes from metadata, in Registrator's keys and in those that
 * Spring's clients use for other registries; where nothing is said it is as Rollcall's Eureka writer has it.
 */
export const toInstance = (target: Target, instanceId: string): EurekaInstance => {
  const { service, address, port, metadata } = target;
  const said = (key: string) => metadata[`eureka_${key}`] || undefined;
  const hostName = said('hostname') ?? address;
  const secure = metadata['secure'] === 'true' || metadata['scheme'] === 'https';
  const vip = said('vip') ?? service;
  const started = String(Date.parse(metadata[KEY.started] ?? '') || 0);
  return {
    instanceId,
    hostName,
    app: service.toUpperCase(),
    ipAddr: said('ipaddr') ?? address,
    status: statusOf(target),
    overriddenStatus: 'UNKNOWN',
    port: { $: port, '@enabled': String(!secure) },
    securePort: { $: secure ? port : NO_SECURE_PORT, '@enabled': String(secure) },
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
    ...pagesOf(target, hostName, secure),
    vipAddress: vip,
    ...((secure || said('securevip')) && { secureVipAddress: said('securevip') ?? vip }),
    isCoordinatingDiscoveryServer: 'false',
    lastUpdatedTimestamp: started,
    lastDirtyTimestamp: started,
    actionType: 'ADDED',
  };
};

/** Health is a yes or no here, so one that is starting is DOWN: clients use neither. */
const statusOf = ({ healthy, metadata }: Target) => {
  const wished = metadata['eureka_status']?.trim().toUpperCase() ?? '';
  if (!healthy) return 'DOWN';
  return STATUSES.has(wished) ? wished : 'UP';
};

const EMPTY = { '@class': 'java.util.Collections$EmptyMap' };

/** `@class` is a word of the wire and never data. Consul cannot carry the dot of `management.port`. */
const metadataOf = ({ metadata, zone, tags, protocol }: Target): Readonly<Record<string, string>> => {
  const { '@class': _, ...carried } = metadata;
  const all = {
    ...(zone !== null && { zone }),
    ...(carried['management_port'] && { 'management.port': carried['management_port'] }),
    ...carried,
    ...(protocol !== 'tcp' && { [KEY.protocol]: protocol }),
    ...(tags.length > 0 && { [KEY.tags]: formatTags(tags) }),
  };
  return Object.keys(all).length > 0 ? all : EMPTY;
};

/** Spring Boot's defaults: Boot Admin fails on an instance without a health URL. What speaks udp has no pages. */
const pagesOf = ({ metadata, port, protocol }: Target, hostName: string, secure: boolean) => {
  const host = hostName.includes(':') ? `[${hostName}]` : hostName;
  const origin = `${secure ? 'https' : 'http'}://${host}:${port}`;
  const managementPort = metadata['management.port'] ?? metadata['management_port'] ?? '';
  const management = /^\d{1,5}$/.test(managementPort) ? `http://${host}:${managementPort}` : origin;
  const page = (key: string, fallback?: string) =>
    metadata[`eureka_${key}`] || (protocol === 'tcp' ? fallback : undefined);
  return Object.fromEntries(
    Object.entries({
      homePageUrl: page('homepageurl', `${origin}/`),
      statusPageUrl: page('statuspageurl', `${management}/actuator/info`),
      healthCheckUrl: page('healthcheckurl', `${management}/actuator/health`),
      secureHealthCheckUrl: page('securehealthcheckurl'),
    }).filter(([, url]) => url !== undefined),
  );
};
