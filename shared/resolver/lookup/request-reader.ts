import type { Target } from '../../model/registration.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import type { ServiceSummary, ServiceTargets } from '../../registries/registry.ts';
import type { Cached } from './cache.ts';
import type { CachedDirectory } from './cached-directory.ts';

/**
 * What one request reads, and how old it is. Reads give all or nothing: they reject with
 * SourceUnavailable where a part cannot be read.
 */
export interface RequestReader {
  /** Sorted by name. */
  readonly services: () => Promise<readonly ServiceSummary[]>;
  /** Sorted by id; undefined: there is no such service. */
  readonly instances: (service: string) => Promise<readonly Target[] | undefined>;
  /**
   * Every service with its instances, sorted by name. One read where the registry can give all at
   * once, else one for each service that is not in the cache.
   */
  readonly everything: () => Promise<readonly ServiceTargets[]>;
  /** Of the oldest answer that was read so far; undefined: nothing was read. */
  readonly freshness: () => Freshness | undefined;
}

export interface Freshness {
  /** Milliseconds. */
  readonly age: number;
  /** The registry cannot be read now. */
  readonly stale: boolean;
}

const MAX_NAME = 255;

/** Other names are unknown without asking: some registries answer them with an error. */
const isPossibleName = (name: string) => name.length <= MAX_NAME && !/\p{Cc}/u.test(name);

export const createRequestReader = (directory: CachedDirectory): RequestReader => {
  let freshness: Freshness | undefined;
  const note = <T>({ value, age, stale }: Cached<T>): T => {
    freshness = {
      age: Math.max(age, freshness?.age ?? 0),
      stale: stale || (freshness?.stale ?? false),
    };
    return value;
  };
  const reader: RequestReader = {
    services: async () => note(await directory.services()),
    instances: async (service) =>
      isPossibleName(service) ? note(await directory.instances(service)) : undefined,
    everything: async () =>
      directory.everything ? note(await directory.everything()) : readEachService(reader),
    freshness: () => freshness,
  };
  return reader;
};

/** Reads that are under way at the same time. */
const AT_ONCE = 10;

/** Everything, service by service. One that has gone since the list was read is left out. */
export const readEachService = async ({
  services,
  instances,
}: Pick<RequestReader, 'services' | 'instances'>): Promise<readonly ServiceTargets[]> => {
  const names = (await services()).map(({ name }) => name);
  const read = async (name: string) => ({ name, targets: await instances(name) });
  const all = await mapBounded(names, AT_ONCE, read);
  return all.flatMap(({ name, targets }) => (targets ? [{ name, targets }] : []));
};

/**
 * Every service with its own instances. Eureka also finds instances by their VIP address; an
 * instance that is found under two names is left to the service that it is registered as.
 */
export const ownServices = async (reader: RequestReader): Promise<readonly ServiceTargets[]> =>
  (await reader.everything()).map(({ name, targets }) => ({
    name,
    targets: targets.filter(({ service }) => service === name),
  }));
