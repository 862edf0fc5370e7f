import { KEY, type Registration } from '../../model/registration.ts';
import { formatTags, parseTags } from '../tags.ts';
import { readHealth, readHealthyStatus, STATUS_KEY } from './status.ts';
import type { EurekaInstance } from './wire.ts';

/** Seconds. Clients of Eureka are told how often to expect a renewal, servers when to give up: after three minutes. */
const LEASE = { renewalIntervalInSecs: 30, durationInSecs: 180 };
/** In `detail` and on the wire under one name. */
const URLS = ['homePageUrl', 'statusPageUrl', 'healthCheckUrl', 'secureHealthCheckUrl'] as const;
/** Named though it is disabled, since servers else make one up. */
const NO_SECURE_PORT = 443;

/**
 * The body of a registration: all of the record, since servers replace what they held. `overriddenStatus` is never
 * sent, as it would become a stored override.
 */
export const toBody = (record: Registration, status: string, lastDirty: number) => {
  const { id, service, address, port, tags, metadata, detail } = record;
  return {
    instance: {
      instanceId: id,
      app: service,
      hostName: detail.hostName ?? address,
      ipAddr: address,
      status,
      port: { $: port, '@enabled': detail.portEnabled ?? 'true' },
      securePort: {
        $: Number(detail.securePort ?? NO_SECURE_PORT),
        '@enabled': String(detail.securePort !== undefined),
      },
      vipAddress: detail.vip,
      secureVipAddress: detail.secureVip,
      ...Object.fromEntries(URLS.map((url) => [url, detail[url]])),
      dataCenterInfo: toDataCenter(record),
      leaseInfo: LEASE,
      metadata: {
        ...metadata,
        ...(tags.length > 0 && { [KEY.tags]: formatTags(tags) }),
        ...(detail.status !== undefined && { [STATUS_KEY]: detail.status }),
      },
      lastDirtyTimestamp: String(lastDirty),
    },
  };
};

/** Without the class servers refuse the body; without its metadata, Amazon's. */
const toDataCenter = ({ address, metadata, detail }: Registration) =>
  detail.dataCenter === 'Amazon'
    ? {
        '@class': 'com.netflix.appinfo.AmazonInfo',
        name: 'Amazon',
        metadata: {
          'local-ipv4': address,
          'availability-zone': metadata[KEY.zone],
          'instance-id': metadata[KEY.hostId],
        },
      }
    : { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' };

/** What a server holds, in the form that `fitInstance` gives, so that the two compare equal. */
export const toRegistration = (instance: EurekaInstance): Registration => {
  const { [KEY.tags]: tags = '', [STATUS_KEY]: _, ...metadata } = instance.metadata;
  return {
    id: instance.id,
    service: instance.app,
    cluster: metadata[KEY.cluster] ?? '',
    address: instance.ipAddr,
    port: instance.port.number,
    protocol: metadata[KEY.protocol] === 'udp' ? 'udp' : 'tcp',
    health: readHealth(instance),
    tags: parseTags(tags),
    metadata,
    detail: toDetail(instance),
  };
};

const toDetail = (instance: EurekaInstance): Registration['detail'] => {
  const { texts, port, securePort, dataCenter } = instance;
  const fields = {
    hostName: instance.hostName,
    vip: texts['vipAddress'],
    secureVip: texts['secureVipAddress'],
    securePort: securePort.enabled ? String(securePort.number) : undefined,
    portEnabled: port.enabled ? undefined : 'false',
    dataCenter: dataCenter === 'MyOwn' ? undefined : dataCenter,
    status: readHealthyStatus(instance),
    ...Object.fromEntries(URLS.map((url) => [url, texts[url]])),
  };
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
};
