import type { Registry } from '../../registries/registry.ts';
import type { EventContext } from '../context.ts';

/** Runs one registry's part of a stage that is common to all. */
export type Runner = <T>(
  registry: Registry,
  work: (signal: AbortSignal) => Promise<T>,
) => Promise<T>;

/**
 * Grace for slower registries once the first is done, while the others' next news waits: 750 ms,
 * enough for a first connection or a hiccup, or 300 ms if this registry was cut off in the last
 * 10 s.
 */
const MORE_MS = 750;
const LESS_MS = 300;
const AGAIN_MS = 10_000;

/**
 * Work at several registries at once, of which none may hold up the others: once one of them is
 * done, each of the rest has only so long. What is then left undone is to be looked at again. One
 * runner for each stage.
 */
export const withGracePeriod = (
  { cutOffs, now }: Pick<EventContext, 'cutOffs' | 'now'>,
  signal: AbortSignal,
): Runner => {
  const running = new Map<Registry, AbortController>();
  let timers: readonly NodeJS.Timeout[] | undefined;
  const hurry = ([{ name }, limit]: readonly [Registry, AbortController]) => {
    const isRepeated = now() - (cutOffs.get(name) ?? Number.NEGATIVE_INFINITY) <= AGAIN_MS;
    const grace = isRepeated ? LESS_MS : MORE_MS;
    return setTimeout(
      () => limit.abort(new Error(`${name}: the other registries are done`)),
      grace,
    );
  };
  return async (registry, work) => {
    const limit = new AbortController();
    running.set(registry, limit);
    try {
      return await work(AbortSignal.any([signal, limit.signal]));
    } finally {
      running.delete(registry);
      if (limit.signal.aborted) cutOffs.set(registry.name, now());
      timers ??= [...running].map(hurry);
      if (running.size === 0) {
        for (const timer of timers) clearTimeout(timer);
        timers = undefined;
      }
    }
  };
};
