import type { RegistryName } from '../../model/registration.ts';
import type { Summary } from '../../model/summary.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import type { Directory } from '../../registries/registry.ts';
import { createCache, SourceUnavailable } from '../lookup/cache.ts';
import type { Service } from '../lookup/request-reader.ts';

/** What the page reads besides the resolver's own registry. */
export interface PageSources {
  /** Drift is told of this owner's records alone. */
  readonly owner: string;
  /** Every configured registry, in the order given. */
  readonly directories: () => Promise<readonly Directory[]>;
  /** What the last reconcile left, checked; undefined: none has yet. */
  readonly summary: (signal: AbortSignal) => Promise<Summary | undefined>;
  /** What `explain` and `release` are asked of, where it is known. */
  readonly admin?: Admin | undefined;
}

/** How the function `admin` is reached from a shell: in AWS, or at the local run's address for it. */
export type Admin = { readonly name: string; readonly region: string } | { readonly url: string };

/** One registry as the page sees it. `old`: it cannot be read now, and this is what it held `age` milliseconds ago. */
export type Sight =
  | {
      readonly state: 'read' | 'old';
      readonly registry: RegistryName;
      readonly waitsForHealth: boolean;
      readonly age: number;
      readonly services: readonly Service[];
    }
  | { readonly state: 'unreadable'; readonly registry: RegistryName };

export interface Reading {
  readonly sights: readonly Sight[];
  readonly round: Summary | 'none' | 'unreadable';
}

/** Reads everything that the page shows; never rejects for a registry that fails. */
export type ReadPage = () => Promise<Reading>;

export interface ReadingSettings {
  readonly sources: PageSources;
  /** Seconds. */
  readonly ttl: number;
  readonly now: () => number;
  readonly onFailure: (what: string, error: unknown) => void;
}

/** Requests that one registry is sent at once. */
const AT_ONCE = 10;
const LIMITS = { staleIfError: 3_600_000, pause: 2_000, outage: 30_000, deadline: 10_000, size: 10 };

/** Every registry whole, cached: many pages open at once cost no more than one. */
export const createReading = ({ sources, ttl, now, onFailure }: ReadingSettings): ReadPage => {
  const fresh = ttl * 1000;
  const shared = {
    freshFor: () => fresh,
    lasting: () => true,
    limits: { ...LIMITS, staleWhileRevalidate: fresh },
    now,
    onFailure,
  };
  const registries = createCache<readonly Service[]>({
    ...shared,
    load: async (name, signal) => {
      const directory = (await sources.directories()).find((one) => one.name === name);
      return directory ? readAll(directory, signal) : [];
    },
  });
  const summaries = createCache<Summary | undefined>({
    ...shared,
    load: (_name, signal) => sources.summary(signal),
  });

  const see = async ({ name: registry, waitsForHealth }: Directory): Promise<Sight> => {
    try {
      const { value: services, age, stale } = await registries(registry);
      return {
        state: stale ? 'old' : 'read',
        registry,
        waitsForHealth: waitsForHealth ?? false,
        age,
        services,
      };
    } catch (error) {
      if (!(error instanceof SourceUnavailable)) throw error;
      return { state: 'unreadable', registry };
    }
  };
  const readRound = async (): Promise<Reading['round']> => {
    try {
      return (await summaries('the summary')).value ?? 'none';
    } catch (error) {
      if (!(error instanceof SourceUnavailable)) throw error;
      return 'unreadable';
    }
  };

  return async () => {
    const directories = await sources.directories();
    const [round, ...sights] = await Promise.all([readRound(), ...directories.map(see)]);
    return { sights, round };
  };
};

const readAll = async (directory: Directory, signal: AbortSignal): Promise<readonly Service[]> => {
  if (directory.everything) return directory.everything(signal);
  const names = (await directory.services(signal)).map(({ name }) => name);
  const read = async (name: string) => ({ name, targets: await directory.instances(name, signal) });
  const all = await mapBounded(names, AT_ONCE, read);
  return all.flatMap(({ name, targets }) => (targets ? [{ name, targets }] : []));
};
