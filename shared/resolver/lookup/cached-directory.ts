import type { Target } from '../../model/registration.ts';
import type { Directory, ServiceSummary, ServiceTargets } from '../../registries/registry.ts';
import { toServiceSummary } from '../../registries/targets.ts';
import { type Cached, type CacheLimits, createCache } from './cache.ts';

/** A registry that is read through a cache. Reads reject with SourceUnavailable. */
export interface CachedDirectory {
  readonly services: () => Promise<Cached<readonly ServiceSummary[]>>;
  /** Only where the registry gives all in one read. */
  readonly everything: (() => Promise<Cached<readonly ServiceTargets[]>>) | undefined;
  /** The value is undefined where there is no such service. */
  readonly instances: (service: string) => Promise<Cached<readonly Target[] | undefined>>;
}

export interface CachedDirectorySettings {
  readonly directory: Directory;
  /** Seconds. */
  readonly ttl: number;
  readonly now: () => number;
  /** `what`: a service's name, `services` or `everything`. */
  readonly onFailure: (what: string, error: unknown) => void;
  readonly limits?: Partial<CacheLimits>;
}

/** Milliseconds that a name stays unknown: short, so that a new service is found soon. */
const UNKNOWN_FOR = 2_000;

const limitsFor = (fresh: number): CacheLimits => ({
  staleWhileRevalidate: 2 * fresh,
  staleIfError: 3_600_000,
  pause: 2_000,
  outage: 30_000,
  // A registry has 1 s to connect and 3 s to answer: there is time for a second address.
  deadline: 5_000,
  size: 1_000,
});

/**
 * The resolver's only cache of what clients read. With a time to live of 5 s an answer is at most 5
 * s old for a request that waits for a read, at most 15 s under traffic, and up to an hour, marked
 * as stale, while the registry is down. A registry that is down never makes a service unknown.
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
  const lists = { ...shared, freshFor: () => fresh, mayBeStale: () => true };
  const instances = createCache<readonly Target[] | undefined>({
    ...shared,
    load: (service, signal) => directory.instances(service, signal),
    freshFor: (targets) => (targets ? fresh : Math.min(fresh, UNKNOWN_FOR)),
    mayBeStale: (targets) => targets !== undefined,
  });
  const read = directory.everything;
  if (!read) {
    const services = createCache<readonly ServiceSummary[]>({
      ...lists,
      load: (_, signal) => directory.services(signal),
    });
    return { services: () => services('services'), everything: undefined, instances };
  }
  const everything = createCache<readonly ServiceTargets[]>({
    ...lists,
    load: (_, signal) => read(signal),
  });
  return {
    // Such a registry reads as much for the counts alone, so the whole list serves both.
    services: async () => {
      const { value, ...rest } = await everything('everything');
      return { ...rest, value: value.map(toServiceSummary) };
    },
    everything: () => everything('everything'),
    instances,
  };
};
