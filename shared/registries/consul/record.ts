import { type Instance, KEY, type Registration } from '../../model/registration.ts';
import { withEurekaWords } from '../eureka-words.ts';
import type { Fitted } from '../registry.ts';
import { fitCheck, isProbed, readCheckDetail, readHealth, toCheckId } from './check.ts';
import { fitMetadata } from './metadata.ts';
import { toServiceName } from './names.ts';
import type { WireCheck, WireService } from './wire.ts';

/** Consul turns a weight outside these into 1 (seen in 1.8.7); 0 cannot be said. */
const MAX_WEIGHT = 65_535;

/** Pure: the record as `list` will give it back once it is written. */
export const fitInstance = (instance: Instance): Fitted => {
  const service = toServiceName(instance.service);
  const meta = fitMetadata(withEurekaWords(instance));
  const check = fitCheck(instance.check);
  const weight = Math.min(MAX_WEIGHT, Math.max(1, Math.round(instance.weight) || 1));
  const record: Registration = {
    service,
    id: instance.id,
    cluster: instance.cluster,
    address: instance.address,
    port: instance.port,
    protocol: instance.protocol,
    health: isProbed(check) ? undefined : instance.health,
    tags: [...new Set(instance.tags.map((tag) => tag.toWellFormed()))].sort(),
    metadata: meta.metadata,
    detail: { weight: String(weight), ...check.detail },
  };
  const notes = [
    ...(service === instance.service
      ? []
      : [`name ${JSON.stringify(instance.service)} is written as ${service}`]),
    ...(weight === instance.weight ? [] : [`weight ${instance.weight} is written as ${weight}`]),
    ...meta.notes,
    ...check.notes,
  ];
  return { records: [record], notes };
};

/** A service of one of our nodes, with the checks of that node. Whoever wrote it: it may bear no mark of ours. */
export const toRegistration = (
  service: WireService,
  cluster: string,
  checks: ReadonlyMap<string, WireCheck>,
): Registration => {
  const check = checks.get(toCheckId(service.ID));
  return {
    service: service.Service,
    id: service.ID,
    cluster,
    address: service.Address,
    port: service.Port,
    protocol: readProtocol(service),
    health: readHealth(check),
    tags: [...(service.Tags ?? [])].sort(),
    metadata: service.Meta ?? {},
    detail: { weight: String(service.Weights.Passing), ...readCheckDetail(check) },
  };
};

/** Ours by our metadata; Registrator marks udp by a tag. */
export const readProtocol = ({ Meta, Tags }: Pick<WireService, 'Meta' | 'Tags'>) => {
  const udp = Meta?.[KEY.owner] === undefined ? Tags?.includes('udp') : Meta[KEY.protocol] === 'udp';
  return udp ? 'udp' : 'tcp';
};

export const toWireService = (record: Registration): WireService => {
  const { id, service, address, port, tags, metadata, detail } = record;
  return {
    ID: id,
    Service: service,
    Address: address,
    Port: port,
    Tags: tags,
    Meta: metadata,
    // Consul's own default of Warning is 1, but 0 where only Passing is given.
    Weights: { Passing: Number(detail['weight'] ?? 1), Warning: 1 },
  };
};
