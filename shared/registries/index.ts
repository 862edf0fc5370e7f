import type { Config } from '../config/config.ts';
import type { RegistryName } from '../model/registration.ts';
import { createCloudMap } from './cloudmap/cloudmap.ts';
import { createCloudMapDirectory } from './cloudmap/directory.ts';
import { createConsul } from './consul/consul.ts';
import { createConsulDirectory } from './consul/directory.ts';
import { createEurekaDirectory } from './eureka/directory.ts';
import { createEureka } from './eureka/eureka.ts';
import type { Directory, Registry } from './registry.ts';

/** A new registry is one line in each; the bundler leaves the writers out of the resolver. */
const WRITERS: Record<RegistryName, (config: Config) => Registry> = {
  cloudmap: ({ cloudmap, owner }) => createCloudMap(given('cloudmap', cloudmap), { owner }),
  consul: ({ consul, owner }) => createConsul(given('consul', consul), { owner }),
  eureka: ({ eureka, owner }) => createEureka(given('eureka', eureka), { owner }),
};

const DIRECTORIES: Record<RegistryName, (config: Config) => Directory> = {
  cloudmap: ({ cloudmap }) => createCloudMapDirectory(given('cloudmap', cloudmap)),
  consul: ({ consul }) => createConsulDirectory(given('consul', consul)),
  eureka: ({ eureka }) => createEurekaDirectory(given('eureka', eureka)),
};

/** The configured registries, in the order given. */
export const createRegistries = (config: Config): readonly Registry[] =>
  config.registries.map((name) => WRITERS[name](config));

export const createDirectory = (name: RegistryName, config: Config): Directory => DIRECTORIES[name](config);

/** `loadConfig` fills in the part of every registry that is in use. */
const given = <T>(name: RegistryName, part: T | undefined): T => {
  if (part === undefined) throw new Error(`${name} is not configured`);
  return part;
};
