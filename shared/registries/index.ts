import type { Config, ReaderConfig } from '../config/config.ts';
import type { RegistryName, Target } from '../model/registration.ts';
import type { BreakerSettings } from './circuit-breaker.ts';
import type { Directory, Registry, RegistryOptions } from './registry.ts';

export interface ClientOptions extends Pick<RegistryOptions, 'throttleRetry'> {
  /** Wraps each registry in a circuit breaker. */
  readonly breaker?: Omit<BreakerSettings, 'pulse' | 'failFast'>;
}

/** The part of the configuration that is a registry's own. */
type Part<N extends RegistryName> = NonNullable<Config[N]>;

type Writer<P> = Promise<{ createRegistry(part: P, options: RegistryOptions): Registry }>;
type Reader<P> = Promise<{ createDirectory(part: P): Directory }>;

/**
 * A new registry is one line in each. Modules are loaded by name, so that a start pays for the
 * registries in use only; and two tables, so that the resolver has no writer in its bundle, and the
 * others no directory.
 */
const WRITERS: { readonly [N in RegistryName]: () => Writer<Part<N>> } = {
  cloudmap: () => import('./cloudmap/index.ts'),
  consul: () => import('./consul/index.ts'),
  eureka: () => import('./eureka/index.ts'),
};

const READERS: { readonly [N in RegistryName]: () => Reader<Part<N>> } = {
  cloudmap: () => import('./cloudmap/directory.ts'),
  consul: () => import('./consul/directory.ts'),
  eureka: () => import('./eureka/directory.ts'),
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
  const { createPulse, withCircuitBreaker } = await import('./circuit-breaker.ts');
  const pulse = createPulse();
  // With one registry alone, no other has to wait for it.
  const failFast = !throttleRetry && config.registries.length > 1;
  const registry = create(part, { owner, throttleRetry, pulse });
  return withCircuitBreaker(registry, { ...breaker, pulse, failFast });
};

/** Nothing that serves events reads without credentials. */
const named = async (registry: Registry, part: object): Promise<Registry> => {
  const missing = missingIn(part);
  return missing ? (await credentials()).namingInRegistry(registry, missing) : registry;
};

const missingIn = ({ missingCredential }: ReaderConfig) => missingCredential;
const credentials = () => import('./credentials.ts');

export const createDirectory = async <N extends RegistryName>(
  name: N,
  config: Config,
): Promise<Directory> => {
  const part = partOf(config, name);
  const directory = (await READERS[name]()).createDirectory(part);
  const missing = missingIn(part as object);
  return missing ? (await credentials()).namingInDirectory(directory, missing) : directory;
};

/**
 * Lists all that Consul holds, whoever wrote it: complete, or rejects. `undefined` where Consul is
 * not configured.
 */
export const consulCatalog = ({ consul }: Config) =>
  consul &&
  (async (signal: AbortSignal): Promise<readonly Target[]> => {
    const listed = (await import('./consul/directory.ts')).listCatalog(consul, signal);
    const missing = missingIn(consul);
    return missing ? (await credentials()).namingMissing(listed, missing) : listed;
  });

/** `loadConfig` fills in the part of every registry that is in use. */
const partOf = <N extends RegistryName>(config: Config, name: N): Part<N> => {
  const part = config[name];
  if (part === undefined) throw new Error(`${name} is not configured`);
  return part as Part<N>;
};
