import type { RegistryName } from '../model/registration.ts';
import { type Pulse, SILENT_MS } from '../platform/http/pulse.ts';
import type { Telemetry } from '../platform/telemetry.ts';
import { notAttempted } from './outcome.ts';
import type { Registry } from './registry.ts';

export interface BreakerSettings {
  /** Measures the requests that the registry sends. */
  readonly pulse: Pulse;
  /**
   * Others wait for the caller: a silent registry is given up at once, not when its requests time
   * out.
   */
  readonly failFast: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Gets a line when the breaker opens and when it closes. */
  readonly telemetry: Pick<Telemetry, 'note' | 'fault'>;
  readonly path: 'event' | 'reconcile';
}

/**
 * A registry behind a circuit breaker. Once it has not answered a call, further calls fail at once,
 * except one now and then that finds out whether it answers again. The caller must try the others
 * again later. Lists and heartbeats always go through: they are few, and a lease that ends is an
 * outage.
 */
export const withCircuitBreaker = (registry: Registry, settings: BreakerSettings): Registry => {
  const { name } = registry;
  const { pulse, failFast } = settings;
  const breaker = createBreaker(settings.now, (isSilent) => announce(name, isSilent, settings));
  const call = async <T>(
    work: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> => {
    const before = pulse.ended();
    const limit = failFast ? endWithSilence(name, pulse, signal) : { signal, release: () => {} };
    try {
      return await work(limit.signal);
    } finally {
      limit.release();
      // Without failFast a slow server may take its time: that the caller's own time is over proves
      // nothing.
      const isUnsure = !failFast && signal.aborted && pulse.hasEndedSilent();
      if (pulse.ended() > before && !isUnsure) breaker.note(pulse.hasEndedSilent());
    }
  };
  const admit = () => {
    if (!breaker.admits()) throw new Error(`${name}: does not answer, and is not asked just now`);
  };
  const { follow } = registry;
  return {
    ...registry,
    isSilent: breaker.isOpen,
    isRecovering: breaker.isRecovering,
    takesLooks: breaker.takesLooks,
    async get(refs, signal) {
      admit();
      return call((limited) => registry.get(refs, limited), signal);
    },
    async apply(changes, signal) {
      return breaker.admits()
        ? call((limited) => registry.apply(changes, limited), signal)
        : changes.map((change) => notAttempted(change, `${name} does not answer just now`));
    },
    ...(follow && {
      async follow(operations: readonly string[], signal: AbortSignal) {
        admit();
        return call((limited) => follow(operations, limited), signal);
      },
    }),
    list: (signal) => call((limited) => registry.list(limited), signal),
  };
};

const CONSEQUENCE = {
  event: 'its tasks go to looks, and the other registries do not wait for it',
  reconcile: 'what it misses is left to the next round',
} as const;

/** Each function instance has a breaker of its own, and logs each change once. */
const announce = (
  registry: RegistryName,
  isSilent: boolean,
  { telemetry, path }: BreakerSettings,
) => {
  if (isSilent) telemetry.fault(`${registry} does not answer`, CONSEQUENCE[path], { path });
  else telemetry.note(`${registry} answers again`, { path }, { registry });
};

/** Milliseconds until a silent registry is tried again. */
const PAUSE_MS = 5_000;
/**
 * Milliseconds in which the work that was put off comes back little by little: all at once, ECS,
 * which each look asks, would throttle it and the other registries' work with it.
 */
const RECOVERY_MS = 30_000;
const LOOKS_EVERY_MS = 2_000;
/** Each pause is longer by up to this share, so that function instances do not all try at once. */
const SPREAD = 0.4;

const createBreaker = (now: () => number, onChange: (isSilent: boolean) => void) => {
  let silent = false;
  let until = 0;
  let recovered = Number.NEGATIVE_INFINITY;
  let looked = Number.NEGATIVE_INFINITY;
  const rest = () => {
    until = now() + PAUSE_MS * (1 + SPREAD * Math.random());
  };
  const isOpen = () => silent && now() < until;
  const isRecovering = () => now() - recovered < RECOVERY_MS;
  return {
    isOpen,
    isRecovering,
    takesLooks() {
      if (isOpen() || (isRecovering() && now() - looked < LOOKS_EVERY_MS)) return false;
      looked = now();
      return true;
    },
    /** Whether a call may be made. After each pause one may; the next pause begins with it. */
    admits() {
      if (isOpen()) return false;
      if (silent) rest();
      return true;
    },
    note(isSilent: boolean) {
      if (isSilent === silent) return;
      silent = isSilent;
      if (silent) rest();
      else recovered = now();
      onChange(silent);
    },
  };
};

/** A signal that ends with the caller's, or once the registry is silent. */
const endWithSilence = (name: RegistryName, pulse: Pulse, signal: AbortSignal) => {
  const limit = new AbortController();
  let timer: NodeJS.Timeout;
  let released = false;
  const look = () => {
    const left = SILENT_MS - pulse.silence();
    if (released) return;
    if (left > 0) wait(left);
    else limit.abort(new Error(`${name} has answered nothing for ${SILENT_MS} ms`));
  };
  // An answer that arrived while this process was busy is read before an immediate runs.
  const wait = (milliseconds: number) => {
    timer = setTimeout(() => setImmediate(look), milliseconds);
  };
  wait(SILENT_MS);
  const release = () => {
    released = true;
    clearTimeout(timer);
  };
  return { signal: AbortSignal.any([signal, limit.signal]), release };
};
