import type { Registration } from '../../model/registration.ts';

/**
 * Milliseconds after which a service is listed again though its revision has not changed. Nothing
 * in AWS's documents says that Discover* and ListInstances agree, nor that registering an id again
 * changes the revision.
 */
const MAX_AGE_MS = 10 * 60_000;

/**
 * The records of each service as they were listed last, valid while its revision has not changed.
 */
export interface ListCache {
  /**
   * The records of this revision, from the cache or from `read`. Without a revision nothing is
   * cached.
   */
  get(
    key: { readonly serviceId: string; readonly revision: number | undefined },
    read: () => Promise<readonly Registration[]>,
  ): Promise<readonly Registration[]>;
  /** To be called before each write to the service. */
  forget(serviceId: string): void;
  /** Drops services that are no longer there. */
  keepOnly(serviceIds: ReadonlySet<string>): void;
}

interface Entry {
  readonly revision: number;
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly records: readonly Registration[];
}

export const createListCache = (now: () => number): ListCache => {
  const entries = new Map<string, Entry>();
  let writes = 0;
  return {
    async get({ serviceId, revision }, read) {
      const known = entries.get(serviceId);
      if (known && known.revision === revision && now() < known.until) return known.records;
      const before = writes;
      const records = await read();
      if (revision === undefined || before !== writes) entries.delete(serviceId);
      else entries.set(serviceId, { revision, until: now() + lifetime(), records });
      return records;
    },
    forget(serviceId) {
      entries.delete(serviceId);
      writes++;
    },
    keepOnly(serviceIds) {
      for (const id of entries.keys()) if (!serviceIds.has(id)) entries.delete(id);
    },
  };
};

/** Between half and the whole: services that were listed together must not all expire together. */
const lifetime = () => MAX_AGE_MS * (1 - Math.random() / 2);
