import type { Target } from '../../model/registration.ts';
import type { Directory, ServiceSummary } from '../../registries/registry.ts';
import { type Answer, createCache, type Limits } from './cache.ts';
import { type Service, toSummary } from './request-reader.ts';

/** A registry read through a cache. Rejects with SourceUnavailable. */
export interface Catalogue {
  readonly services: () => Promise<Answer<readonly ServiceSummary[]>>;
  /** Only where the registry gives all in one read. */
  readonly everything: (() => Promise<Answer<readonly Service[]>>) | undefined;
  /** The value is undefined where there is no such service. */
  readonly instances: (service: string) => Promise<Answer<readonly Target[] | undefined>>;
}

export interface CatalogueSettings {
  readonly directory: Directory;
  /** Seconds. */
  readonly ttl: number;
  readonly now: () => number;
  readonly onFailure: (what: string, error: unknown) => void;
  readonly limits?: Partial<Limits>;
}

/** Milliseconds that a name stays unknown: whoever asks a moment too early shall not wait long for a service just registered. */
const UNKNOWN_FOR = 2_000;
const SERVICES_HELD = 1_000;

/**
 * With a time to live of 5 s an answer is 5 s old at most for who waits for a read, 15 s under traffic, and up to an hour, marked as
 * stale, while the registry is down. That a service does not exist is never said of a registry that is down.
 */
export const createCatalogue = ({ directory, ttl, now, onFailure, limits }: CatalogueSettings): Catalogue => {
  const fresh = ttl * 1000;
  const shared = {
    now,
    onFailure,
    limits: {
      staleWhileRevalidate: 2 * fresh,
      staleIfError: 3_600_000,
      pause: 2_000,
      outage: 30_000,
      // A registry's own timeouts are 1 s to connect and 3 s to answer; this leaves a second address its chance.
      deadline: 5_000,
      size: SERVICES_HELD,
      ...limits,
    },
  };
  const whole = { ...shared, freshFor: () => fresh, lasting: () => true };
  const instances = createCache<readonly Target[] | undefined>({
    ...shared,
    load: (service, signal) => directory.instances(service, signal),
    freshFor: (targets) => (targets ? fresh : Math.min(fresh, UNKNOWN_FOR)),
    lasting: (targets) => targets !== undefined,
  });
  const read = directory.everything;
  if (!read) {
    const services = createCache<readonly ServiceSummary[]>({
      ...whole,
      load: (_, signal) => directory.services(signal),
    });
    return { services: () => services('services'), everything: undefined, instances };
  }
  const everything = createCache<readonly Service[]>({ ...whole, load: (_, signal) => read(signal) });
  return {
    // Such a registry reads no less for the counts alone.
    services: async () => {
      const { value, ...rest } = await everything('everything');
      return { ...rest, value: value.map(toSummary) };
    },
    everything: () => everything('everything'),
    instances,
  };
};
