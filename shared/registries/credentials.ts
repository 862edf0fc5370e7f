import { NoAnswer } from '../platform/http/client.ts';
import type { Directory, Registry } from './registry.ts';

/**
 * What only reads may have been given no credential. Then what fails, or is unknown, may be so for
 * that reason, and says which parameter would help: a server that refuses does not always say so.
 */
const naming = (missing: string) => {
  const hint = ` (it is read without credentials, as ${missing} is not given)`;
  const explain = (error: unknown): never => {
    if (error instanceof NoAnswer || !(error instanceof Error)) throw error;
    throw new Error(error.message + hint);
  };
  return { hint, explain };
};

/** Rejects as the read does, naming the parameter. */
export const namingMissing = <T>(read: Promise<T>, missing: string): Promise<T> =>
  read.catch(naming(missing).explain);

export const namingInDirectory = (directory: Directory, missing: string): Directory => {
  const { explain } = naming(missing);
  return {
    ...directory,
    instances: (service, signal) => directory.instances(service, signal).catch(explain),
    everything: (signal) => directory.everything(signal).catch(explain),
  };
};

export const namingInRegistry = (registry: Registry, missing: string): Registry => {
  const { hint, explain } = naming(missing);
  return {
    ...registry,
    get: (refs, signal) => registry.get(refs, signal).catch(explain),
    async list(signal) {
      const listing = await registry.list(signal).catch(explain);
      return listing.unknown ? { ...listing, unknown: listing.unknown + hint } : listing;
    },
  };
};
