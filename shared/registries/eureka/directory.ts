import type { EurekaConfig } from '../../config/config.ts';
import { EUREKA_TEXTS, KEY, type Target, vipsIn } from '../../model/registration.ts';
import { singleFlight } from '../../platform/single-flight.ts';
import type { Directory, NameIndex, ServiceTargets } from '../registry.ts';
import { byId, readWeight } from '../targets.ts';
import { createClient } from './client.ts';
import { toServiceName } from './names.ts';
import { fetchApplications, WARMING_UP } from './read.ts';
import { toRecord } from './record.ts';
import type { EurekaInstance } from './wire.ts';

/** As in the metadata of other registries, where the VIP address is another than the name. */
const VIP = `eureka_${EUREKA_TEXTS.vip}`;
const EMPTY = 'eureka: listing: no instance at all (the server may just have restarted)';
/**
 * Milliseconds for which an empty list counts as an error: a server that has restarted answers 200
 * and knows no instance until they register again. What Rollcall registered is back after a round
 * or two.
 */
const EMPTY_DOUBTED_MS = 120_000;

/**
 * Eureka as clients see it. Each answer is one `GET /apps`, which servers answer from a list up to
 * 30 s old.
 */
export const createDirectory = (
  config: EurekaConfig,
  { now = Date.now }: { readonly now?: () => number } = {},
): Directory => {
  const client = createClient(config);
  let emptySince: number | undefined;
  // Requests at the same time share one list: the catalogue asks for many applications at once.
  const fetchAll = singleFlight(async (signal) => {
    const instances = await fetchApplications(client, signal);
    if (!instances) throw new Error(WARMING_UP);
    emptySince = instances.length > 0 ? undefined : (emptySince ?? now());
    if (emptySince !== undefined && now() - emptySince < EMPTY_DOUBTED_MS) throw new Error(EMPTY);
    return instances;
  });
  const everything = async (signal: AbortSignal) => byApplication(await fetchAll(signal));
  return {
    name: 'eureka',
    async instances(service, signal) {
      const key = NAMES.keyOf(service);
      const all = (await everything(signal)).flatMap(({ targets }) => targets);
      const found = all.filter((target) => NAMES.keysOf(target).includes(key));
      return found.length === 0 ? undefined : found.sort(byId);
    },
    everything,
    names: NAMES,
  };
};

/**
 * By application, or by VIP address (a list with commas) as Spring's clients do; case is ignored.
 */
const NAMES: NameIndex = {
  keyOf: toServiceName,
  keysOf: ({ service, metadata }) => [
    ...new Set([service, ...vipsIn(metadata[VIP] ?? '')].map((vip) => vip.toUpperCase())),
  ],
};

const byApplication = (instances: readonly EurekaInstance[]): readonly ServiceTargets[] =>
  [...Map.groupBy(instances, ({ app }) => app)]
    .map(([app, group]) => {
      const name = nameOf(app, group);
      return { name, targets: group.map((one) => toTarget(one, name)).sort(byId) };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/**
 * Servers turn the names of applications into capitals. The VIP address keeps its case: where one
 * is the same name, it is what the service was called, and what other registries call it.
 */
const nameOf = (app: string, group: readonly EurekaInstance[]): string => {
  const vips = group.map(({ texts }) => texts['vipAddress'] ?? '');
  return (
    vips
      .filter((vip) => vip.toUpperCase() === app)
      .sort()
      .at(-1) ?? app
  );
};

const isUp = ({ status }: EurekaInstance) => status === 'UP';

/** The address, not the host name: others register names that only they can resolve. */
const toTarget = (instance: EurekaInstance, service: string): Target => {
  const { id, address, protocol, tags, metadata, detail } = toRecord(instance);
  const { port, securePort, dataCenterMetadata } = instance;
  const { vip = service } = detail;
  const secure = !port.enabled && securePort.enabled;
  return {
    id,
    service,
    address,
    port: secure ? securePort.number : port.number,
    protocol,
    healthy: isUp(instance),
    zone: metadata['zone'] ?? metadata[KEY.zone] ?? dataCenterMetadata['availability-zone'] ?? null,
    weight: readWeight(metadata),
    tags,
    metadata: {
      ...(secure && { secure: 'true' }),
      ...metadata,
      ...(vip !== service && { [VIP]: vip }),
    },
  };
};
