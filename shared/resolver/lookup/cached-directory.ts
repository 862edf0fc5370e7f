import { isDeepStrictEqual } from 'node:util';
import type { Target } from '../../model/registration.ts';
import { type Awaitable, andThen } from '../../platform/awaitable.ts';
import { slices } from '../../platform/slices.ts';
import type { Directory, ServiceTargets } from '../../registries/registry.ts';
import { type Cached, type CacheLimits, createCache, SourceUnavailable } from './cache.ts';
import { type Catalogue, createCatalogue } from './catalogue.ts';

/**
 * A registry that is read through a cache. Reads reject with SourceUnavailable. What has not
 * changed since the last read is the same object as it was.
 */
export interface CachedDirectory {
  readonly catalogue: () => Awaitable<Cached<Catalogue>>;
  /**
   * Reads a service anew, or without a name everything, if it was read before; whether it has
   * changed.
   */
  readonly renew: (service: string | undefined) => Promise<boolean>;
  /** The value is undefined where there is no such service. */
  readonly instances: (service: string) => Awaitable<Cached<readonly Target[] | undefined>>;
}

export interface CachedDirectorySettings {
  readonly directory: Directory;
  /** Seconds. */
  readonly ttl: number;
  readonly now: () => number;
  /** `what`: a service's name, or `everything`. */
  readonly onFailure: (what: string, error: unknown) => void;
  readonly limits?: Partial<CacheLimits>;
}

/** Milliseconds that a name stays unknown: short, so that a new service is found soon. */
const UNKNOWN_FOR = 2_000;
/** The one key of the cache of catalogues. */
const EVERYTHING = 'everything';

const limitsFor = (fresh: number): CacheLimits => ({
  staleWhileRevalidate: 2 * fresh,
  staleIfError: 3_600_000,
  pause: 2_000,
  outage: 30_000,
  // A registry has 1 s to connect and 3 s to answer: there is time for a second address.
  deadline: 5_000,
  size: 10_000,
});

/**
 * The resolver's only cache of what clients read. With a time to live of 5 s an answer is at most 5
 * s old for a request that waits for a read, at most 15 s under traffic, and up to an hour, marked
 * as stale, while the registry is down. A registry that is down never makes a service unknown. One
 * service is read by itself, unless the whole registry was read since, or costs no more.
 */
export const createCachedDirectory = ({
  directory,
  ttl,
  now,
  onFailure,
  limits,
}: CachedDirectorySettings): CachedDirectory => {
  const fresh = ttl * 1000;
  const shared = { now, onFailure, limits: { ...limitsFor(fresh), ...limits } };
  const catalogues = createCache<Catalogue>({
    ...shared,
    load: async (_, { signal, held }) => updateCatalogue(await directory.everything(signal), held),
    freshFor: () => fresh,
    mayBeStale: () => true,
  });
  const updateCatalogue = async (read: readonly ServiceTargets[], held: Catalogue | undefined) => {
    const services = await reuse(read, held);
    return held && held.services === services ? held : createCatalogue(services, directory.names);
  };
  const catalogue = () => catalogues.get(EVERYTHING);

  const singles = createCache<readonly Target[] | undefined>({
    ...shared,
    load: async (service, { signal, held }) => {
      const read = await directory.instances(service, signal);
      return isDeepStrictEqual(read, held) ? held : read;
    },
    freshFor: (targets) => (targets ? fresh : Math.min(fresh, UNKNOWN_FOR)),
    mayBeStale: (targets) => targets !== undefined,
  });
  const renewAll = () => catalogues.renew(EVERYTHING);
  if (directory.names) return { catalogue, renew: renewAll, instances: findIn(catalogue) };
  return {
    catalogue,
    renew: (service) => (service === undefined ? renewAll() : singles.renew(service)),
    instances: (service) => {
      const whole = catalogues.held(EVERYTHING);
      if (whole) singles.offer(service, { value: whole.value.find(service), at: whole.at });
      return singles.get(service);
    },
  };
};

/** One service of what was read whole. While the registry is down, none is called unknown. */
const findIn =
  (catalogue: CachedDirectory['catalogue']): CachedDirectory['instances'] =>
  (service) =>
    andThen(catalogue(), (whole) => {
      const found = whole.value.find(service);
      if (!found && whole.stale) return Promise.reject(new SourceUnavailable(service));
      return { ...whole, value: found };
    });

/**
 * The services that were read, each as it was held where it is the same; the whole list as it was
 * held where all are.
 */
const reuse = async (
  read: readonly ServiceTargets[],
  held: Catalogue | undefined,
): Promise<readonly ServiceTargets[]> => {
  if (!held) return read;
  const known = new Map(held.services.map((one) => [one.name, one]));
  const services: ServiceTargets[] = [];
  for (const one of read) {
    const before = known.get(one.name);
    services.push(before && isDeepStrictEqual(before, one) ? before : one);
    if (slices.isOver()) await slices.next();
  }
  const isSame =
    services.length === held.services.length &&
    services.every((one, at) => one === held.services[at]);
  return isSame ? held.services : services;
};
