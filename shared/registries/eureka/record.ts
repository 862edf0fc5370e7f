import { type Instance, KEY, type Registration } from '../../model/registration.ts';
import { pagesOf } from '../eureka-metadata.ts';
import type { Fitted } from '../registry.ts';
import { carriedTags, formatTags, parseTags } from '../tags.ts';
import { toServiceName, toVipName } from './names.ts';
import { readHealth, readHealthyStatus, STATUS_KEY } from './status.ts';
import type { EurekaInstance } from './wire.ts';

/** Seconds: how often clients are told to expect a renewal, and when servers drop the instance. */
const LEASE = { renewalIntervalInSecs: 30, durationInSecs: 180 };
/** Under the same names in `detail` and in JSON. */
const URLS = ['homePageUrl', 'statusPageUrl', 'healthCheckUrl', 'secureHealthCheckUrl'] as const;
/** Sent though it is disabled, since servers add a default of their own otherwise. */
const NO_SECURE_PORT = 443;

/** The record for an instance, as complete as if Spring's own client had registered it. */
export const fitInstance = (instance: Instance): Fitted => {
  const { id, service, cluster, eureka: facts, port, protocol, health, tags, metadata } = instance;
  const address = facts.ipAddr ?? instance.address;
  // Spring's clients connect to the host name, whatever the address is.
  const hostName = facts.hostName ?? address;
  const record: Registration = {
    id,
    service: toServiceName(service),
    cluster,
    address,
    port,
    protocol,
    health,
    tags: carriedTags(tags),
    metadata: fitMetadata(instance),
    detail: compact({
      hostName,
      vip: facts.vip ?? toVipName(service),
      secureVip: facts.secureVip ?? (facts.securePort && (facts.vip ?? toVipName(service))),
      securePort: facts.securePort?.toString(),
      portEnabled: facts.portEnabled === false ? 'false' : undefined,
      dataCenter: facts.dataCenter === 'Amazon' ? 'Amazon' : undefined,
      status: healthyStatus(facts),
      ...pagesOf(facts, { hostName, port, protocol, metadata }),
    }),
  };
  return { records: [record], notes: notesOn(instance, record) };
};

/**
 * UNKNOWN cannot be registered: servers answer its renewals 404. The user can only have meant: out
 * of rotation.
 */
const healthyStatus = ({ status }: Instance['eureka']) =>
  status === 'UP' ? undefined : status === 'UNKNOWN' ? 'OUT_OF_SERVICE' : status;

/**
 * Spring's clients and admin tools read `zone` and `management.port`. Metadata of the same name
 * wins.
 */
const fitMetadata = ({ metadata, eureka, protocol }: Instance): Registration['metadata'] => {
  const { '@class': _, ...carried } = metadata;
  return {
    ...compact({ zone: metadata[KEY.zone], 'management.port': eureka.managementPort?.toString() }),
    ...carried,
    ...(protocol !== 'tcp' && { [KEY.protocol]: protocol }),
  };
};

const notesOn = (
  { service, tags, metadata, eureka }: Instance,
  record: Registration,
): readonly string[] => [
  ...(toVipName(service) === service
    ? []
    : [`service name ${JSON.stringify(service)} is registered as ${record.service}`]),
  ...('@class' in metadata ? ['metadata key "@class" is left out: servers drop it'] : []),
  ...(eureka.status === 'UNKNOWN'
    ? ['status UNKNOWN is registered as OUT_OF_SERVICE: servers renew no lease of the former']
    : []),
  ...(tags.every((tag) => record.tags.includes(tag))
    ? []
    : ['a tag that is empty or ends in a backslash cannot be carried as it is']),
];

/**
 * The body of a registration: all of the record, since servers replace what they held.
 * `overriddenStatus` is never sent, as it would become a stored override.
 */
export const fromRecord = (record: Registration, status: string, lastDirty: number) => {
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

/** Servers refuse a body without the class, and Amazon's without metadata. */
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

/** A server's instance in the form that `fitInstance` gives, so that the two compare equal. */
export const toRecord = (instance: EurekaInstance): Registration => {
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
  return compact(fields);
};

const compact = (
  fields: Readonly<Record<string, string | number | undefined>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, String(value)]],
    ),
  );
