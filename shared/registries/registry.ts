import type { Change, ChangeResult, Outcome } from '../model/plan.ts';
import type {
  Identity,
  Instance,
  Ref,
  Registration,
  RegistryName,
  Target,
} from '../model/registration.ts';
import type { Pulse } from '../platform/http/pulse.ts';

export interface Listing {
  /** Ours and everybody else's; the planner tells them apart. */
  readonly records: readonly Registration[];
  /**
   * Set where the answer may hide records (a restarted registry, a filtered list): no removal is
   * planned from it.
   */
  readonly unknown?: string;
  /**
   * What is wrong with a thing that a cluster's records depend on and that others can change
   * (Consul: the cluster's nodes). Pure.
   */
  flaw?(cluster: string): Flaw | undefined;
}

/**
 * The records are listed all the same. `foreign`: it belongs to another owner, and nothing is to be
 * written there.
 */
export interface Flaw {
  readonly reason: string;
  readonly foreign?: true;
}

export interface Fitted {
  readonly records: readonly Registration[];
  /** What had to be mapped, cut or left out, in words. */
  readonly notes: readonly string[];
}

/** The state of an accepted write. */
export type Followed = { readonly operation: string } & (
  | { readonly status: 'failed'; readonly reason: string }
  /**
   * forgotten: the registry does not know the operation (any more, or yet); the record must be
   * read.
   */
  | { readonly status: 'pending' | 'done' | 'forgotten'; readonly reason?: string }
);

/** What every registry is made with. */
export interface RegistryOptions {
  /** Written on every record; only records with it are ours. */
  readonly owner: string;
  /** Measures each request that is sent. */
  readonly pulse?: Pulse | undefined;
  /**
   * For work in bulk: throttling is waited out until the caller's signal ends, instead of failing
   * the call.
   */
  readonly throttleRetry?: boolean | undefined;
}

/**
 * One service registry, as writers see it. It holds connections and bounded caches, nothing else,
 * and never logs: what must be told is in the values that it returns.
 */
export interface Registry {
  readonly name: RegistryName;
  /**
   * An absent instance is not written before it is first healthy (Cloud Map: custom health takes 30
   * s to show).
   */
  readonly waitsForHealth: boolean;
  /**
   * Two refs with one key are one record. Consul: (cluster, id). Cloud Map and Eureka: (service,
   * id), in the registry's case. Pure.
   */
  key(ref: Ref): string;
  /**
   * The records of an identity, under the names that this registry can hold. Pure; needs no
   * address, since a stopped task may have none.
   */
  refs(identity: Identity): readonly Ref[];
  /**
   * The records for an instance, fitted to the registry's limits so that what is listed later
   * compares equal. Pure.
   */
  fit(instance: Instance): Fitted;
  /**
   * Every record, ours and others', in the part of the registry that we write to (Cloud Map: the
   * namespace; Eureka: /apps; Consul: our own nodes), or rejects. Writes nothing.
   */
  list(signal: AbortSignal): Promise<Listing>;
  /**
   * The named records, past any cache. What is absent is left out. Throws if any could not be read.
   */
  get(refs: readonly Ref[], signal: AbortSignal): Promise<readonly Registration[]>;
  /**
   * Makes the changes: one outcome each, in the same order. Never rejects; one failure stops no
   * other change; twice equals once. All changes come in one call, so that a registry can send them
   * in batches. Once the promise has settled, no request is in flight. An upsert may come without a
   * read before it, and `health` for a record that is gone (outcome `gone`).
   */
  apply(changes: readonly Change[], signal: AbortSignal): Promise<readonly Outcome[]>;
  /**
   * Only where lists have `flaw`: repairs what this cluster's records depend on, without touching a
   * record. Never rejects.
   */
  repair?(cluster: string, signal: AbortSignal): Promise<ChangeResult>;
  /**
   * Lists may be older than writes (Eureka: up to 30 s): a difference is checked with `get` before
   * anything is done about it.
   */
  readonly staleLists?: true;
  /**
   * Only behind a circuit breaker: the server does not answer, and `get` and `follow` reject at
   * once for a while. `apply` gives `retry` without sending anything.
   */
  isSilent?(): boolean;
  /** Only with `isSilent`: it was silent a short while ago. */
  isRecovering?(): boolean;
  /** Only with `isSilent`: whether to handle a look now; each `true` counts towards a limit. */
  takesLooks?(): boolean;
  /** Only where writes are accepted before they are in force: the state of these operations now. */
  follow?(operations: readonly string[], signal: AbortSignal): Promise<readonly Followed[]>;
  /**
   * Only where records have leases: renews them. A record that the registry does not know is
   * `gone`, and is not written again here: ECS decides whether its task runs.
   */
  renew?(records: readonly Registration[], signal: AbortSignal): Promise<readonly Outcome[]>;
  /**
   * Only where services are objects of their own, which stay when they are empty: deletes those
   * that this owner made, for a purge. Gives their names, sorted; rejects like `list`.
   */
  removeEmptyServices?(signal: AbortSignal): Promise<readonly string[]>;
}

/** A service with its instances. */
export interface ServiceTargets {
  readonly name: string;
  readonly targets: readonly Target[];
  /** Not for clients: the page alone shows them. No registry tells it, only the resolver. */
  readonly withheld?: readonly Target[];
}

/** An instance is found by a name if one of its keys is the name's. */
export interface NameIndex {
  readonly keyOf: (name: string) => string;
  readonly keysOf: (target: Target) => readonly string[];
}

/**
 * One service registry, as the resolver reads it, with everybody's records. Rejects when the
 * registry cannot be read.
 */
export interface Directory {
  readonly name: RegistryName;
  /**
   * Sorted by id. `undefined`: there is no such service; a service without instances is an empty
   * list, where the registry knows the difference.
   */
  instances(service: string, signal: AbortSignal): Promise<readonly Target[] | undefined>;
  /**
   * All services, sorted by name, with their instances, in the same order. The service of each is
   * the name's.
   */
  everything(signal: AbortSignal): Promise<readonly ServiceTargets[]>;
  /** Only where everything costs no more than one service: how `instances` finds one in it. */
  readonly names?: NameIndex;
  /**
   * Only where the registry tells of changes by itself: gives the revision of a service, or without
   * a name of everything, when it is another than `since`; or the same one after a few seconds. It
   * may change where nothing else does.
   */
  changed?(service: string | undefined, since: string, signal: AbortSignal): Promise<string>;
  /**
   * As `Registry.waitsForHealth`: an instance that has never been healthy is absent, and nothing is
   * wrong.
   */
  readonly waitsForHealth?: true;
}
