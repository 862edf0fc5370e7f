import type { Target } from '../../model/registration.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import type { ServiceSummary } from '../../registries/registry.ts';
import type { Answer } from './cache.ts';
import type { Catalogue } from './cached-directory.ts';

export interface Service {
  readonly name: string;
  readonly targets: readonly Target[];
}

export const toSummary = ({ name, targets }: Service): ServiceSummary => ({
  name,
  instances: targets.length,
  healthy: targets.filter(({ healthy }) => healthy).length,
});

/** The catalogue as one request reads it. Rejects with SourceUnavailable where something cannot be read: complete, or nothing. */
export interface Reader {
  /** Sorted by name. */
  readonly services: () => Promise<readonly ServiceSummary[]>;
  /** Sorted by id; undefined: no such service. */
  readonly instances: (service: string) => Promise<readonly Target[] | undefined>;
  /** Every service with its instances, sorted by name: one read for all where the registry has that, else one for each that is not in the cache. */
  readonly everything: () => Promise<readonly Service[]>;
  /** How old the oldest answer is that was read so far; undefined: none was. */
  readonly freshness: () => Freshness | undefined;
}

export interface Freshness {
  /** Milliseconds. */
  readonly age: number;
  readonly stale: boolean;
}

const LONGEST_NAME = 255;
/** Requests that one reader has under way. */
const AT_ONCE = 10;

/** A name that no registry can hold is unknown without asking: some answer it with an error. */
const isPossibleName = (name: string) => name.length <= LONGEST_NAME && !/\p{Cc}/u.test(name);

export const createReader = (catalogue: Catalogue): Reader => {
  let freshness: Freshness | undefined;
  const noting = <T>({ value, age, stale }: Answer<T>): T => {
    freshness = { age: Math.max(age, freshness?.age ?? 0), stale: stale || (freshness?.stale ?? false) };
    return value;
  };
  const reader: Reader = {
    services: async () => noting(await catalogue.services()),
    instances: async (service) =>
      isPossibleName(service) ? noting(await catalogue.instances(service)) : undefined,
    everything: async () => {
      if (catalogue.everything) return noting(await catalogue.everything());
      const names = (await reader.services()).map(({ name }) => name);
      const read = async (name: string) => ({ name, targets: await reader.instances(name) });
      const all = await mapBounded(names, AT_ONCE, read);
      // One that went since the list was read has no instances to show.
      return all.flatMap(({ name, targets }) => (targets ? [{ name, targets }] : []));
    },
    freshness: () => freshness,
  };
  return reader;
};
