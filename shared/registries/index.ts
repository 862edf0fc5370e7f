import type { Config } from '../config/config.ts';
import type { RegistryName } from '../model/registration.ts';
import { createPulse } from '../platform/http/pulse.ts';
import { type BreakerSettings, withCircuitBreaker } from './circuit-breaker.ts';
import { credentials, missingIn, partOf, type RegistryPart } from './parts.ts';
import type { Registry, RegistryOptions } from './registry.ts';

export interface ClientOptions extends Pick<RegistryOptions, 'throttleRetry'> {
  /** Wraps each registry in a circuit breaker. */
  readonly breaker?: Omit<BreakerSettings, 'pulse' | 'failFast'>;
}

type Writer<P> = Promise<{ createRegistry(part: P, options: RegistryOptions): Registry }>;

/**
 * A new registry is one line here, and one in directories.ts. Modules are loaded by name, so that a
 * start pays for the registries in use only.
 */
const WRITERS: { readonly [N in RegistryName]: () => Writer<RegistryPart<N>> } = {
  cloudmap: () => import('./cloudmap/index.ts'),
  consul: () => import('./consul/index.ts'),
  eureka: () => import('./eureka/index.ts'),
};

/** The configured registries, in the order given. */
export const createRegistries = (
  config: Config,
  options: ClientOptions = {},
): Promise<readonly Registry[]> =>
  Promise.all(config.registries.map((name) => createRegistry(name, config, options)));

const createRegistry = async <N extends RegistryName>(
  name: N,
  config: Config,
  { breaker, throttleRetry }: ClientOptions,
): Promise<Registry> => {
  const { owner } = config;
  const { createRegistry: create } = await WRITERS[name]();
  const part = partOf(config, name);
  if (!breaker) return named(create(part, { owner, throttleRetry }), part);
  const pulse = createPulse();
  // With one registry alone, no other has to wait for it.
  const failFast = !throttleRetry && config.registries.length > 1;
  const registry = create(part, { owner, throttleRetry, pulse });
  return withCircuitBreaker(registry, { ...breaker, pulse, failFast });
};

const named = async (registry: Registry, part: object): Promise<Registry> => {
  const missing = missingIn(part);
  return missing ? (await credentials()).namingInRegistry(registry, missing) : registry;
};
