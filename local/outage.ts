import type { RegistryName } from '../shared/model/registration.ts';
import { refusal } from './aws/refusal.ts';
import type { Fault, Faults } from './faults.ts';
import type { Servers } from './servers.ts';

export type Outage = 'error' | 'hang';

const CLOUD_MAP = 'Route53AutoNaming_v20170314';

/**
 * Every call fails, or is never answered, until `bringUp`. Throws for a real registry, which is not
 * ours to break.
 */
export const takeDown = (servers: Servers, registry: RegistryName, how: Outage = 'error'): void => {
  bringUp(servers, registry);
  faultsOf(servers, registry).inject({
    ...faultOf(registry, how),
    times: Number.POSITIVE_INFINITY,
  });
};

export const bringUp = (servers: Servers, registry: RegistryName): void =>
  faultsOf(servers, registry).clear();

const faultOf = (registry: RegistryName, how: Outage): Omit<Fault, 'times'> => {
  const only = registry === 'cloudmap' && { match: (target: string) => target === CLOUD_MAP };
  if (how === 'hang') return { hang: true, ...only };
  if (registry === 'cloudmap') return refusal(CLOUD_MAP, 'InternalFailure', { status: 500 });
  return { status: 500, body: registry === 'consul' ? 'No cluster leader' : '' };
};

const faultsOf = ({ aws, consul, eureka }: Servers, registry: RegistryName): Faults => {
  const faults = { cloudmap: aws, consul, eureka }[registry]?.faults;
  if (!faults)
    throw new Error(`registry: expected a simulated one, got ${registry}, which is real here`);
  return faults;
};
