import type { Registration } from '../../model/registration.ts';

/**
 * Milliseconds that an unchanged revision is believed at most. Discover* is another plane than ListInstances, and
 * nothing promises that they agree, nor that registering an id again moves the revision.
 */
const MAX_AGE_MS = 10 * 60_000;

/** The records of each service as they were listed last, good while its revision has not moved. */
export interface ListCache {
  /** What is known of this revision, else what `read` gives. Without a revision nothing is kept. */
  get(
    key: { readonly serviceId: string; readonly revision: number | undefined },
    read: () => Promise<readonly Registration[]>,
  ): Promise<readonly Registration[]>;
  /** Before a write of ours: what is known of this service will be old. */
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

/** Half of the maximum at least: services listed at once would else all be listed again at once, and throttled. */
const lifetime = () => MAX_AGE_MS * (1 - Math.random() / 2);
