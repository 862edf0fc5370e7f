import { type Target, vipsIn } from '../../../model/registration.ts';
import { memoize } from '../../../platform/memoize.ts';
import { readEurekaFacts } from '../../../registries/eureka-metadata.ts';
import { type Catalogue, groupByKeys } from '../../lookup/catalogue.ts';

/** The instances of a catalogue by what Eureka's clients find them by, each made once for it. */

/** An instance with its id, which is the only one of its application. */
export interface AppInstance {
  readonly app: string;
  readonly id: string;
  readonly target: Target;
}

export type Applications = ReadonlyMap<string, readonly AppInstance[]>;

/** By name, in capitals: services that differ in case only become one. None is empty. */
export const applicationsOf = memoize(({ services }: Catalogue): Applications => {
  const withInstances = services.filter(({ targets }) => targets.length > 0);
  const byName = Map.groupBy(withInstances, ({ name }) => name.toUpperCase());
  return new Map(
    [...byName].map(([app, group]) => [
      app,
      toInstances(
        app,
        group.flatMap(({ targets }) => targets),
      ),
    ]),
  );
});

/**
 * Clients hold one instance per application and id, but Consul's ids are unique on their node only:
 * ids that several instances share get the address appended.
 */
const toInstances = (app: string, targets: readonly Target[]): readonly AppInstance[] => {
  const byId = Map.groupBy(targets, ({ id }) => id);
  return targets.map((target) => {
    const { id, address, port } = target;
    const isAlone = byId.get(id)?.length === 1;
    return { app, id: isAlone ? id : `${id}@${address}:${port}`, target };
  });
};

const allOf = (catalogue: Catalogue) => [...applicationsOf(catalogue).values()].flat();

/** Applications can share an id: the first is found, as by the server. */
export const instancesById = memoize(
  (catalogue: Catalogue): ReadonlyMap<string, AppInstance> =>
    new Map(
      allOf(catalogue)
        .map((instance) => [instance.id, instance] as const)
        .reverse(),
    ),
);

export type VipField = 'vipAddress' | 'secureVipAddress';

const byVip = (field: VipField) =>
  memoize((catalogue: Catalogue) =>
    groupByKeys(allOf(catalogue), ({ target }) => vipsOf(target, field)),
  );
const VIPS = { vipAddress: byVip('vipAddress'), secureVipAddress: byVip('secureVipAddress') };

/** Those with a VIP address. Case is ignored, as Spring does. */
export const applicationsOfVip = (
  catalogue: Catalogue,
  field: VipField,
  vip: string,
): Applications => {
  const found = VIPS[field](catalogue).get(vip.toUpperCase()) ?? [];
  return Map.groupBy(found, ({ app }) => app);
};

const vipsOf = (target: Target, field: VipField): readonly string[] =>
  vipsIn(vipAddressesOf(target)[field] ?? '').map((vip) => vip.toUpperCase());

/** What the metadata does not say is as Rollcall's Eureka writer has it. */
export const vipAddressesOf = ({
  service,
  metadata,
  port,
}: Target): Partial<Record<VipField, string>> => {
  const { vip = service, secureVip, securePort } = readEurekaFacts(metadata, port);
  return {
    vipAddress: vip,
    ...((securePort || secureVip) && { secureVipAddress: secureVip ?? vip }),
  };
};
