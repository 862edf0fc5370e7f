import type { Config } from '../config/config.ts';
import type { RegistryName, Target } from '../model/registration.ts';
import type { Pulse } from '../platform/http/pulse.ts';
import type { GuardSettings } from './guard.ts';
import type { Directory, Registry } from './registry.ts';

export interface Manner {
  /** Throttling is waited out until the caller's signal ends, instead of failing the call. */
  readonly patient?: boolean;
  /** Each stands behind a circuit breaker, which tells what it does. */
  readonly guarded?: Omit<GuardSettings, 'pulse' | 'hasty'>;
}

/** What each writer is made with. */
interface Making extends Pick<Manner, 'patient'> {
  readonly pulse?: Pulse;
}

/**
 * A new registry is one line in each. Loaded by name, so that a start pays for the registries in use only; the
 * resolver loads no writer.
 */
const WRITERS: Record<RegistryName, (config: Config, how: Making) => Promise<Registry>> = {
  cloudmap: async ({ cloudmap, owner }, how) =>
    (await import('./cloudmap/cloudmap.ts')).createCloudMap(given('cloudmap', cloudmap), { owner, ...how }),
  consul: async ({ consul, owner }, how) =>
    (await import('./consul/consul.ts')).createConsul(given('consul', consul), { owner, ...how }),
  eureka: async ({ eureka, owner }, how) =>
    (await import('./eureka/eureka.ts')).createEureka(given('eureka', eureka), { owner, ...how }),
};

const DIRECTORIES: Record<RegistryName, (config: Config) => Promise<Directory>> = {
  cloudmap: async ({ cloudmap }) =>
    (await import('./cloudmap/directory.ts')).createCloudMapDirectory(given('cloudmap', cloudmap)),
  consul: async ({ consul }) =>
    (await import('./consul/directory.ts')).createConsulDirectory(given('consul', consul)),
  eureka: async ({ eureka }) =>
    (await import('./eureka/directory.ts')).createEurekaDirectory(given('eureka', eureka)),
};

/** The configured registries, in the order given. */
export const createRegistries = (config: Config, how: Manner = {}): Promise<readonly Registry[]> =>
  Promise.all(
    config.registries.map(async (name) => {
      const { guarded, ...rest } = how;
      if (!guarded) return WRITERS[name](config, rest);
      const { createPulse, guard } = await import('./guard.ts');
      const pulse = createPulse();
      // Where there is but one, nobody waits for it in vain.
      const hasty = !how.patient && config.registries.length > 1;
      return guard(await WRITERS[name](config, { ...rest, pulse }), { ...guarded, pulse, hasty });
    }),
  );

export const createDirectory = (name: RegistryName, config: Config): Promise<Directory> =>
  DIRECTORIES[name](config);

/** Lists all that Consul holds, whoever wrote it; absent where it is not in use. Complete, or a rejection. */
export const consulCatalog = ({ consul }: Config) =>
  consul &&
  (async (signal: AbortSignal): Promise<readonly Target[]> =>
    (await import('./consul/catalog.ts')).listCatalog(consul, signal));

/** `loadConfig` fills in the part of every registry that is in use. */
const given = <T>(name: RegistryName, part: T | undefined): T => {
  if (part === undefined) throw new Error(`${name} is not configured`);
  return part;
};
