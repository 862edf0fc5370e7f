import type { OutcomeRecord } from '../../model/outcome-record.ts';
import type { RegistryName } from '../../model/registration.ts';
import type { Summary } from '../../model/summary.ts';
import type { Admin } from '../../platform/admin.ts';
import type { Awaitable } from '../../platform/awaitable.ts';
import { errorText } from '../../platform/error-text.ts';
import type { Directory, ServiceTargets } from '../../registries/registry.ts';
import { type Cached, createCache, SourceUnavailable } from '../lookup/cache.ts';
import { type CachedDirectory, createCachedDirectory } from '../lookup/cached-directory.ts';

/** Where the page's data comes from, besides what the resolver reads for clients. */
export interface PageSources extends Deployment {
  /** Every configured registry, in the order of the configuration. */
  readonly directories: () => Promise<readonly Directory[]>;
  /** What the last reconcile has left, validated; undefined: none has run yet. */
  readonly summary: (signal: AbortSignal) => Promise<Summary | undefined>;
  /** The newest outcomes of a service, newest first; absent where the page may not ask for them. */
  readonly historyOf?: HistoryOf | undefined;
}

/** Which installation it is. */
export interface Deployment {
  /** Differences are shown for records of this owner only. */
  readonly owner: string;
  /** Of the deployment: `prod`, `dev`; undefined where nothing says it. */
  readonly stage?: string | undefined;
  /** Of AWS, where nothing else says it. */
  readonly region?: string | undefined;
  /** Of Rollcall. */
  readonly version?: string | undefined;
  /** How the command `rollcall` finds the functions, if it is known. */
  readonly admin?: Admin | undefined;
}

export type HistoryOf = (service: string, signal: AbortSignal) => Promise<readonly OutcomeRecord[]>;

/** All that the page shows. */
export interface PageData {
  readonly deployment: Deployment;
  readonly registries: readonly RegistryContents[];
  readonly round: Summary | 'none' | 'unreadable';
  /** Of the one service that is looked at; undefined where none is, or none may be asked for. */
  readonly history?: readonly OutcomeRecord[] | 'unreadable' | undefined;
}

/**
 * What one registry holds. `old`: it cannot be read now, and this is what it held `age`
 * milliseconds ago. `fault`: why it cannot be read.
 */
export type RegistryContents =
  | {
      readonly state: 'read' | 'old';
      readonly registry: RegistryName;
      readonly waitsForHealth: boolean;
      readonly age: number;
      readonly services: readonly ServiceTargets[];
      readonly fault?: string;
    }
  | { readonly state: 'unreadable'; readonly registry: RegistryName; readonly fault: string };

/** `service`: the one whose history is shown. Does not reject for a source that fails. */
export type ReadPageData = (service?: string) => Promise<PageData>;

export interface PageReaderSettings {
  readonly sources: PageSources;
  /** The registry that is read for clients, through its cache: the page costs it no read more. */
  readonly own: { readonly name: RegistryName; readonly cached: CachedDirectory };
  /** Seconds. */
  readonly ttl: number;
  readonly now: () => number;
  readonly onFailure: (what: string, error: unknown) => void;
}

const LIMITS = {
  staleIfError: 3_600_000,
  pause: 2_000,
  outage: 30_000,
  deadline: 5_000,
  size: 100,
};

/** Milliseconds: the calls that bring it are few, and the account shares them. */
const HISTORY_FRESH = 30_000;

/**
 * Reads every registry whole, through the caches that clients are answered from: many open pages
 * cost no more than one. All are read at once, and each has its cache's deadline of 5 s: one that
 * hangs is shown as unknown, beside the others.
 */
export const createPageReader = ({
  sources,
  own,
  ttl,
  now,
  onFailure,
}: PageReaderSettings): ReadPageData => {
  const cacheOf = <T>(fresh: number, load: (key: string, signal: AbortSignal) => Promise<T>) =>
    createCache<T>({
      load: (key, { signal }) => load(key, signal),
      freshFor: () => fresh,
      mayBeStale: () => true,
      limits: { ...LIMITS, staleWhileRevalidate: fresh },
      now,
      onFailure,
    });
  const summaries = cacheOf(ttl * 1000, (_, signal) => sources.summary(signal));
  const histories = cacheOf(
    HISTORY_FRESH,
    async (service, signal) => (await sources.historyOf?.(service, signal)) ?? [],
  );

  const directories = new Map([[own.name, own.cached]]);
  const cached = (directory: Directory): CachedDirectory => {
    const known = directories.get(directory.name);
    if (known) return known;
    const made = createCachedDirectory({
      directory,
      ttl,
      now,
      onFailure: (what, error) => onFailure(`${directory.name}: ${what}`, error),
    });
    directories.set(directory.name, made);
    return made;
  };

  const readRegistry = async (directory: Directory): Promise<RegistryContents> => {
    const registry = directory.name;
    const answer = await orFault(cached(directory).catalogue());
    if ('fault' in answer) return { state: 'unreadable', registry, fault: answer.fault };
    const { value, age, stale, failure } = answer;
    return {
      state: stale ? 'old' : 'read',
      registry,
      waitsForHealth: directory.waitsForHealth ?? false,
      age,
      services: value.services.map(withWithheld),
      ...(failure !== undefined && { fault: errorText(failure) }),
    };
  };
  const readRound = async (): Promise<PageData['round']> => {
    const answer = await orFault(summaries.get('the summary'));
    return 'fault' in answer ? 'unreadable' : (answer.value ?? 'none');
  };
  const readHistory = async (service: string | undefined): Promise<PageData['history']> => {
    if (!service || !sources.historyOf) return undefined;
    const answer = await orFault(histories.get(service));
    return 'fault' in answer ? 'unreadable' : answer.value;
  };

  return async (service) => {
    const { owner, stage, region, version, admin } = sources;
    const [round, history, ...registries] = await Promise.all([
      readRound(),
      readHistory(service),
      ...(await sources.directories()).map(readRegistry),
    ]);
    return { deployment: { owner, stage, region, version, admin }, registries, round, history };
  };
};

const withWithheld = ({ name, targets, withheld = [] }: ServiceTargets): ServiceTargets => ({
  name,
  targets: [...targets, ...withheld],
});

/** Why the source cannot be read, where it cannot; empty where nothing says it. */
const orFault = async <T>(
  read: Awaitable<Cached<T>>,
): Promise<Cached<T> | { readonly fault: string }> => {
  try {
    return await read;
  } catch (error) {
    if (!(error instanceof SourceUnavailable)) throw error;
    return { fault: error.cause === undefined ? '' : errorText(error.cause) };
  }
};
