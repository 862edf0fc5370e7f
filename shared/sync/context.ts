import type { Config, Place } from '../config/config.ts';
import type { Admin } from '../platform/admin.ts';
import type { Telemetry } from '../platform/telemetry.ts';
import type { Registry } from '../registries/registry.ts';
import type { Look } from '../source/message.ts';
import type { Source } from '../source/source.ts';
import type { OperatorStore } from './limits/operator-store.ts';
import type { CutOffs, HandledTasks, LastRound } from './memory.ts';
import type { Holders } from './observe/claims.ts';

/** What every path works with; a function builds it once per cold start, a test from fakes. */
export interface SyncContext {
  readonly config: SyncConfig;
  readonly source: Source;
  readonly registries: readonly Registry[];
  readonly queue: LookQueue;
  readonly telemetry: Telemetry;
  /** Absent: registries were not looked at, or nobody loses a name for it. */
  readonly holders?: Holders | undefined;
  /** Whether a sentence is logged for the first time while the instance is warm. */
  readonly isNews: (sentence: string) => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** What events are handled with besides. */
export interface EventContext extends SyncContext {
  readonly handled: HandledTasks;
  readonly cutOffs: CutOffs;
}

/** What a round and the operator's commands work with besides. */
export interface ReconcileContext extends SyncContext {
  readonly store: OperatorStore;
  readonly lastRound: LastRound;
  /** Whom an operator asks from a shell, if it is known. */
  readonly admin?: Admin | undefined;
}

export interface SyncConfig
  extends Pick<Config, 'owner' | 'clusters' | 'policy' | 'deleteLimit' | 'rules'> {
  readonly place: Place;
}

/** What goes back to the event queue, so that its tasks are observed again after a while. */
export interface DelayedLook extends Look {
  readonly delaySeconds: number;
}

export interface LookQueue {
  /** Rejects unless every message is queued. */
  send(looks: readonly DelayedLook[], signal: AbortSignal): Promise<void>;
}
