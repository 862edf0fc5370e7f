import type { Config, Place } from '../config/config.ts';
import type { Telemetry } from '../platform/telemetry.ts';
import type { Registry } from '../registries/registry.ts';
import type { Look } from '../source/message.ts';
import type { Source } from '../source/source.ts';
import type { OperatorStore } from './limits/operator-store.ts';
import type { Memory } from './memory.ts';

/** What every path works with; a function builds it once per cold start, a test from fakes. */
export interface SyncContext {
  readonly config: SyncConfig;
  readonly source: Source;
  readonly registries: readonly Registry[];
  readonly queue: LookQueue;
  readonly memory: Memory;
  readonly telemetry: Telemetry;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** What a round and the operator's commands work with besides. */
export interface ReconcileContext extends SyncContext {
  readonly store: OperatorStore;
}

export interface SyncConfig
  extends Pick<Config, 'owner' | 'clusters' | 'policy' | 'deleteLimit' | 'rules'> {
  readonly place: Place;
}

/** What goes back to the event queue, to be judged again after a while. */
export interface DelayedLook extends Look {
  readonly delaySeconds: number;
}

export interface LookQueue {
  /** Rejects unless every message is queued. */
  send(looks: readonly DelayedLook[], signal: AbortSignal): Promise<void>;
}
