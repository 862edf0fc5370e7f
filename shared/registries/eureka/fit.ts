import { type Instance, KEY, type Registration } from '../../model/registration.ts';
import { pagesOf } from '../eureka-words.ts';
import type { Fitted } from '../registry.ts';
import { carriedTags } from '../tags.ts';
import { appName, carriedName } from './names.ts';

/** The record for an instance, complete as Spring's own client would have registered it. */
export const fitInstance = (instance: Instance): Fitted => {
  const { id, service, cluster, eureka: facts, port, protocol, health, tags, metadata } = instance;
  const address = facts.ipAddr ?? instance.address;
  // Clients of Spring's connect to the host name, whatever the address says.
  const hostName = facts.hostName ?? address;
  const record: Registration = {
    id,
    service: appName(service),
    cluster,
    address,
    port,
    protocol,
    health,
    tags: carriedTags(tags),
    metadata: fitMetadata(instance),
    detail: compact({
      hostName,
      vip: facts.vip ?? carriedName(service),
      secureVip: facts.secureVip ?? (facts.securePort && (facts.vip ?? carriedName(service))),
      securePort: facts.securePort?.toString(),
      portEnabled: facts.portEnabled === false ? 'false' : undefined,
      dataCenter: facts.dataCenter === 'Amazon' ? 'Amazon' : undefined,
      status: healthyStatus(facts),
      ...pagesOf(facts, { hostName, port, protocol, metadata }),
    }),
  };
  return { records: [record], notes: notesOn(instance, record) };
};

/** No lease holds UNKNOWN: servers answer its renewals 404. Out of rotation is what a user can have meant. */
const healthyStatus = ({ status }: Instance['eureka']) =>
  status === 'UP' ? undefined : status === 'UNKNOWN' ? 'OUT_OF_SERVICE' : status;

/** What a task's own metadata says wins. `zone` and `management.port` are what Spring's clients and admin tools read. */
const fitMetadata = ({ metadata, eureka, protocol }: Instance): Registration['metadata'] => {
  const { '@class': _, ...carried } = metadata;
  return {
    ...compact({ zone: metadata[KEY.zone], 'management.port': eureka.managementPort?.toString() }),
    ...carried,
    ...(protocol !== 'tcp' && { [KEY.protocol]: protocol }),
  };
};

const notesOn = ({ service, tags, metadata, eureka }: Instance, record: Registration): readonly string[] => [
  ...(carriedName(service) === service
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

const compact = (fields: Readonly<Record<string, string | number | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  );
