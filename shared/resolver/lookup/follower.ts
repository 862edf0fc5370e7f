import type { Directory } from '../../registries/registry.ts';

export interface FollowerSettings {
  readonly directory: Directory;
  /** Reads the service anew, or everything; whether it has changed. */
  readonly renew: (service: string | undefined) => Promise<boolean>;
  readonly onChange: () => void;
  readonly now: () => number;
  /** Milliseconds. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Begins to follow a service, or everything; gives the way to end it. */
export type Follow = (service: string | undefined) => () => void;

/** Each holds a connection, of which Consul allows one address 200. */
const MAX_FOLLOWED = 100;
/** Milliseconds that a service is followed on, since clients mostly come back. */
const LINGER = 10_000;
/** Milliseconds until the next try after a failure. */
const PAUSE = 1_000;
/** Milliseconds: a proxy may answer at once what the registry itself would hold. */
const UNCHANGED_PAUSE = 100;
/** Milliseconds at least between two reads of everything, which are many for some registries. */
const WHOLE_INTERVAL = 1_000;
/** Times as long as reading everything took until it is read again, however often it changes. */
const REST = 4;

interface Followed {
  /** Requests that wait for it. */
  waiting: number;
  readonly end: AbortController;
}

/**
 * Follows what held requests wait for, where the registry itself tells of changes: so they learn of
 * one when it happens, and not when the cache is read again. What cannot be followed is found then.
 */
export const createFollower = (settings: FollowerSettings): Follow => {
  const { directory, renew, onChange, now, sleep } = settings;
  const { changed } = directory;
  if (!changed) return () => () => {};
  const followed = new Map<string | undefined, Followed>();

  const watch = async (service: string | undefined, signal: AbortSignal) => {
    let revision = '0';
    while (!signal.aborted) {
      try {
        const next = await changed(service, revision, signal);
        if (next === revision) {
          await sleep(UNCHANGED_PAUSE, signal);
          continue;
        }
        // A restored server begins again with lower ones.
        revision = Number(next) < Number(revision) ? '0' : next;
        const began = now();
        if (await renew(service)) onChange();
        if (service === undefined)
          await sleep(Math.max(WHOLE_INTERVAL, REST * (now() - began)), signal);
      } catch {
        // Whoever reads the registry meanwhile tells of it.
        revision = '0';
        await sleep(PAUSE, signal);
      }
    }
  };

  const begin = (service: string | undefined): Followed => {
    const end = new AbortController();
    const one = { waiting: 0, end };
    followed.set(service, one);
    void watch(service, end.signal);
    return one;
  };

  return (service) => {
    if (!followed.has(service) && followed.size >= MAX_FOLLOWED) return () => {};
    const one = followed.get(service) ?? begin(service);
    one.waiting++;
    return () => {
      one.waiting--;
      if (one.waiting > 0) return;
      void sleep(LINGER, one.end.signal).then(() => {
        if (one.waiting > 0 || followed.get(service) !== one) return;
        followed.delete(service);
        one.end.abort();
      });
    };
  };
};
