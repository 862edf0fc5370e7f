import type { Servers } from '../../../local/servers.ts';
import { KEY, REGISTRY_NAMES, type RegistryName } from '../../../shared/model/registration.ts';

/**
 * A record as its server holds it, past every cache and delay, read without any of Rollcall's code.
 */
export interface Held {
  readonly registry: RegistryName;
  /** What makes two records one: service and id, or id alone. */
  readonly key: string;
  readonly service: string;
  readonly owner: string | undefined;
  readonly task: string | undefined;
  /** The container port, which stands in a record's id. */
  readonly port: number | undefined;
  readonly healthy: boolean;
  /** All there is of it, health included, so that any touch shows. */
  readonly whole: string;
}

type Metadata = Readonly<Record<string, string>>;

export const everythingHeld = (servers: Servers): readonly Held[] =>
  REGISTRY_NAMES.flatMap((name) => READERS[name](servers));

interface Read {
  readonly key: string;
  readonly service: string;
  readonly metadata: Metadata;
  readonly healthy: boolean;
  readonly whole: unknown;
}

const toHeld = (
  registry: RegistryName,
  { key, service, metadata, healthy, whole }: Read,
): Held => ({
  registry,
  key,
  service: service.toLowerCase(),
  owner: metadata[KEY.owner],
  task: metadata[KEY.task],
  port: portIn(key),
  healthy,
  whole: JSON.stringify(whole),
});

/** `…/<task>-<container port>-<hash>` */
const portIn = (key: string) => {
  const [, port] = /-(\d+)-[a-z2-7]{20}$/.exec(key) ?? [];
  return port === undefined ? undefined : Number(port);
};

const readCloudMap = ({ cloudmap }: Servers): readonly Read[] =>
  cloudmap.instances().map(({ service, id, attributes, healthy }) => {
    // Read once, when the instance is registered.
    const { AWS_INIT_HEALTH_STATUS: _, ...metadata } = attributes;
    return { key: `${service}/${id}`, service, metadata, healthy, whole: [metadata, healthy] };
  });

const readConsul = ({ consul }: Servers): readonly Read[] => {
  if (!consul) return [];
  const { services, checks } = consul.tables();
  return [...services.values()]
    .filter(({ node }) => node !== 'consul')
    .map(({ CreateIndex: _, ModifyIndex: __, ...row }) => {
      const own = [...checks.values()].filter(
        (one) => one.Node === row.node && one.ServiceID === row.ID,
      );
      const statuses = own.map(({ Status }) => Status).sort();
      return {
        key: `${row.node}/${row.ID}`,
        service: row.Service,
        metadata: row.Meta ?? {},
        healthy: statuses.every((status) => status === 'passing'),
        whole: [row, statuses],
      };
    });
};

const readEureka = ({ eureka }: Servers): readonly Read[] =>
  (eureka?.instances() ?? []).map(({ instanceId, app, status, metadata, ipAddr, port }) => ({
    key: `${app}/${instanceId}`,
    service: app,
    metadata,
    healthy: status === 'UP',
    whole: [status, metadata, ipAddr, port],
  }));

const READERS: Readonly<Record<RegistryName, (servers: Servers) => readonly Held[]>> = {
  cloudmap: (servers) => readCloudMap(servers).map((read) => toHeld('cloudmap', read)),
  consul: (servers) => readConsul(servers).map((read) => toHeld('consul', read)),
  eureka: (servers) => readEureka(servers).map((read) => toHeld('eureka', read)),
};
