import type { RegistryName } from '../../model/registration.ts';
import type { Summary } from '../../model/summary.ts';
import type { Directory, ServiceTargets } from '../../registries/registry.ts';
import { createCache, SourceUnavailable } from '../lookup/cache.ts';

/** Where the page's data comes from, besides the resolver's own registry. */
export interface PageSources {
  /** Differences are shown for records of this owner only. */
  readonly owner: string;
  /** Every configured registry, in the order of the configuration. */
  readonly directories: () => Promise<readonly Directory[]>;
  /** What the last reconcile has left, validated; undefined: none has run yet. */
  readonly summary: (signal: AbortSignal) => Promise<Summary | undefined>;
  /** Where `explain` and `release` are called, if it is known. */
  readonly admin?: Admin | undefined;
}

/**
 * How the operator's functions are called from a shell: in AWS by name, behind the prefix that the
 * stack gives them all, in a local run by address.
 */
export type Admin = { readonly stack: string; readonly region: string } | { readonly url: string };

/** All that the page shows. */
export interface PageData extends Pick<PageSources, 'owner' | 'admin'> {
  readonly registries: readonly RegistryContents[];
  readonly round: Summary | 'none' | 'unreadable';
}

/** `old`: the registry cannot be read now, and this is what it held `age` milliseconds ago. */
export type RegistryContents =
  | {
      readonly state: 'read' | 'old';
      readonly registry: RegistryName;
      readonly waitsForHealth: boolean;
      readonly age: number;
      readonly services: readonly ServiceTargets[];
    }
  | { readonly state: 'unreadable'; readonly registry: RegistryName };

/** Does not reject for a registry that fails. */
export type ReadPageData = () => Promise<PageData>;

export interface PageReaderSettings {
  readonly sources: PageSources;
  /** Seconds. */
  readonly ttl: number;
  readonly now: () => number;
  readonly onFailure: (what: string, error: unknown) => void;
}

const CACHE_LIMITS = {
  staleIfError: 3_600_000,
  pause: 2_000,
  outage: 30_000,
  deadline: 10_000,
  size: 10,
};

/** Reads every registry whole, cached: many open pages cost no more than one. */
export const createPageReader = ({
  sources,
  ttl,
  now,
  onFailure,
}: PageReaderSettings): ReadPageData => {
  const fresh = ttl * 1000;
  const shared = {
    freshFor: () => fresh,
    mayBeStale: () => true,
    limits: { ...CACHE_LIMITS, staleWhileRevalidate: fresh },
    now,
    onFailure,
  };
  const contents = createCache<readonly ServiceTargets[]>({
    ...shared,
    load: async (name, { signal }) => {
      const directory = (await sources.directories()).find((one) => one.name === name);
      return directory?.everything(signal) ?? [];
    },
  });
  const summaries = createCache<Summary | undefined>({
    ...shared,
    load: (_name, { signal }) => sources.summary(signal),
  });

  const readRegistry = async (directory: Directory): Promise<RegistryContents> => {
    const registry = directory.name;
    const cached = await orUndefined(contents.get(registry));
    if (!cached) return { state: 'unreadable', registry };
    const { value: services, age, stale } = cached;
    const waitsForHealth = directory.waitsForHealth ?? false;
    return { state: stale ? 'old' : 'read', registry, waitsForHealth, age, services };
  };
  const readRound = async (): Promise<PageData['round']> => {
    const cached = await orUndefined(summaries.get('the summary'));
    return cached ? (cached.value ?? 'none') : 'unreadable';
  };

  return async () => {
    const directories = await sources.directories();
    const [round, ...registries] = await Promise.all([
      readRound(),
      ...directories.map(readRegistry),
    ]);
    return { owner: sources.owner, admin: sources.admin, registries, round };
  };
};

/** Undefined where the source cannot be read. */
const orUndefined = <T>(read: Promise<T>): Promise<T | undefined> =>
  read.catch((error: unknown) => {
    if (error instanceof SourceUnavailable) return undefined;
    throw error;
  });
