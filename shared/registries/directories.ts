import type { Config } from '../config/config.ts';
import type { RegistryName, Target } from '../model/registration.ts';
import { credentials, missingIn, partOf, type RegistryPart } from './parts.ts';
import type { Directory } from './registry.ts';

type Reader<P> = Promise<{ createDirectory(part: P): Directory }>;

/** As in index.ts, and apart from it, so that the resolver has no writer in its bundle. */
const READERS: { readonly [N in RegistryName]: () => Reader<RegistryPart<N>> } = {
  cloudmap: () => import('./cloudmap/directory.ts'),
  consul: () => import('./consul/directory.ts'),
  eureka: () => import('./eureka/directory.ts'),
};

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
