import type { Target } from '../../../model/registration.ts';
import type { Reader } from '../../lookup/request-reader.ts';
import { ownServices } from '../shared.ts';
import { type EurekaInstance, toInstance } from './entries.ts';

export interface Application {
  readonly name: string;
  readonly instance: readonly EurekaInstance[];
}

/** The whole catalogue as applications, whose names are in capitals: services that differ in case only are one. */
export const readApplications = async (reader: Reader): Promise<readonly Application[]> => {
  const services = (await ownServices(reader)).filter(({ targets }) => targets.length > 0);
  const groups = Map.groupBy(services, ({ name }) => name.toUpperCase());
  return [...groups].map(([name, group]) => ({
    name,
    instance: withOwnIds(group.flatMap(({ targets }) => targets)),
  }));
};

/** Clients hold one instance per id and application, while Consul's ids are only unique on their node. */
const withOwnIds = (targets: readonly Target[]): readonly EurekaInstance[] => {
  const shared = Map.groupBy(targets, ({ id }) => id);
  return targets.map((target) => {
    const { id, address, port } = target;
    return toInstance(target, (shared.get(id)?.length ?? 0) > 1 ? `${id}@${address}:${port}` : id);
  });
};

/** How many instances have which status, by name: `DOWN_1_UP_2_`, nothing where there are none. */
export const hashCode = (instances: readonly Pick<EurekaInstance, 'status'>[]): string =>
  [...Map.groupBy(instances, ({ status }) => status)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([status, group]) => `${status}_${group.length}_`)
    .join('');

/** `counted` are the instances that the hash counts; clients compare it with what they then hold. */
export const toBody = (applications: readonly Application[], counted = applications) => ({
  applications: {
    versions__delta: '1',
    apps__hashcode: hashCode(counted.flatMap(({ instance }) => instance)),
    application: applications,
  },
});
