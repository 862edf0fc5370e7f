import type { Config, ReaderConfig } from '../config/config.ts';
import type { RegistryName } from '../model/registration.ts';

/** The part of the configuration that is a registry's own. */
export type RegistryPart<N extends RegistryName> = NonNullable<Config[N]>;

/** `loadConfig` fills in the part of every registry that is in use. */
export const partOf = <N extends RegistryName>(config: Config, name: N): RegistryPart<N> => {
  const part = config[name];
  if (part === undefined) throw new Error(`${name} is not configured`);
  return part as RegistryPart<N>;
};

/** How the credential is called that a registry is read without; undefined: with one. */
export const missingIn = ({ missingCredential }: ReaderConfig) => missingCredential;

/** Loaded where one is missing: nothing that serves events reads without credentials. */
export const credentials = () => import('./credentials.ts');
