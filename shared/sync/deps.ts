import type { Config, Place } from '../config/config.ts';
import type { Telemetry } from '../platform/telemetry.ts';
import type { Registry } from '../registries/registry.ts';
import type { Look } from '../source/message.ts';
import type { Source } from '../source/source.ts';
import type { Memory } from './memory.ts';

/** What the paths work with; the functions build it once per cold start, tests out of fakes. */
export interface SyncDeps {
  readonly config: SyncConfig;
  readonly source: Source;
  readonly registries: readonly Registry[];
  readonly looks: LookQueue;
  readonly memory: Memory;
  readonly telemetry: Telemetry;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

export interface SyncConfig extends Pick<Config, 'owner' | 'clusters' | 'policy' | 'deleteLimit' | 'rules'> {
  readonly place: Place;
}

export interface DelayedLook extends Look {
  readonly delaySeconds: number;
}

export interface LookQueue {
  /** Rejects unless every look is queued. */
  send(looks: readonly DelayedLook[], signal: AbortSignal): Promise<void>;
}
