import type { Target } from '../../model/registration.ts';
import { type Awaitable, andThen } from '../../platform/awaitable.ts';
import type { Cached } from './cache.ts';
import type { CachedDirectory } from './cached-directory.ts';
import type { Catalogue } from './catalogue.ts';

/**
 * What one request reads, and how old it is. Reads give all or nothing: they reject with
 * SourceUnavailable where a part cannot be read. A value is the same object for as long as what the
 * registry holds is the same.
 */
export interface RequestReader {
  readonly catalogue: () => Awaitable<Catalogue>;
  /** Sorted by id; undefined: there is no such service. */
  readonly instances: (service: string) => Awaitable<readonly Target[] | undefined>;
  /** Of the oldest answer that was read so far; undefined: nothing was read. */
  readonly freshness: () => Freshness | undefined;
  /** Takes over what another has read for this request. */
  readonly note: (freshness: Freshness) => void;
  /** All that was read so far. */
  readonly reads: () => readonly Read[];
}

export interface Freshness {
  /** Milliseconds. */
  readonly age: number;
  /** The registry cannot be read now. */
  readonly stale: boolean;
}

/** A read, and what it gave. */
export interface Read {
  /** Undefined: all services. */
  readonly service: string | undefined;
  /** Undefined: there is no such service. */
  readonly value: object | undefined;
}

const MAX_NAME = 255;

/** Other names are unknown without asking: some registries answer them with an error. */
const isPossibleName = (name: string) => name.length <= MAX_NAME && !/\p{Cc}/u.test(name);

export const createRequestReader = (directory: CachedDirectory): RequestReader => {
  let freshness: Freshness | undefined;
  const reads: Read[] = [];
  const note = ({ age, stale }: Freshness) => {
    freshness = freshness
      ? { age: Math.max(age, freshness.age), stale: stale || freshness.stale }
      : { age: Math.max(age, 0), stale };
  };
  const noted = <T extends object | undefined>(
    service: string | undefined,
    cached: Cached<T>,
  ): T => {
    note(cached);
    reads.push({ service, value: cached.value });
    return cached.value;
  };
  return {
    catalogue: () => andThen(directory.catalogue(), (cached) => noted(undefined, cached)),
    instances: (service) =>
      isPossibleName(service)
        ? andThen(directory.instances(service), (cached) => noted(service, cached))
        : undefined,
    freshness: () => freshness,
    note,
    reads: () => reads,
  };
};
