import type { Target } from '../../model/registration.ts';
import { type Awaitable, andThen } from '../../platform/awaitable.ts';
import type { Cached } from './cache.ts';
import type { CachedDirectory } from './cached-directory.ts';
import type { Catalogue } from './catalogue.ts';

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

/**
 * What one request reads, and how old it is. Reads give all or nothing: they reject with
 * SourceUnavailable where a part cannot be read. A value is the same object for as long as what the
 * registry holds is the same. A class, since there are two for each request of Consul's clients:
 * as functions they were a quarter of what a kept answer leaves to be collected.
 */
export class RequestReader {
  readonly #directory: CachedDirectory;
  #freshness: Freshness | undefined;
  readonly #reads: Read[] = [];
  constructor(directory: CachedDirectory) {
    this.#directory = directory;
  }
  catalogue(): Awaitable<Catalogue> {
    return andThen(this.#directory.catalogue(), (cached) => this.#noted(undefined, cached));
  }
  /** Sorted by id; undefined: there is no such service. */
  instances(service: string): Awaitable<readonly Target[] | undefined> {
    if (!isPossibleName(service)) return undefined;
    return andThen(this.#directory.instances(service), (cached) => this.#noted(service, cached));
  }
  /** Of the oldest answer that was read so far; undefined: nothing was read. */
  freshness(): Freshness | undefined {
    return this.#freshness;
  }
  /** All that was read so far. */
  reads(): readonly Read[] {
    return this.#reads;
  }
  /** Takes over what another has read for this request. */
  note({ age, stale }: Freshness): void {
    const before = this.#freshness;
    this.#freshness = before
      ? { age: Math.max(age, before.age), stale: stale || before.stale }
      : { age: Math.max(age, 0), stale };
  }
  #noted<T extends object | undefined>(service: string | undefined, cached: Cached<T>): T {
    this.note(cached);
    this.#reads.push({ service, value: cached.value });
    return cached.value;
  }
}
