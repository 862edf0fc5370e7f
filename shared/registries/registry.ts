import type { Change, ChangeResult, Outcome } from '../model/plan.ts';
import type { Identity, Instance, Ref, Registration, RegistryName, Target } from '../model/registration.ts';
import type { Pulse } from '../platform/http/pulse.ts';

/** Whose records, for `list`: those of this owner are what Rollcall may change. */
export interface Scope {
  readonly owner: string;
}

export interface Listing {
  /** Ours and everybody else's; ownership is the planner's business. */
  readonly records: readonly Registration[];
  /** Set where the answer may hide records (a restarted registry, a filtered list): no removal is planned from it. */
  readonly unknown?: string;
  /** Only where records stand on something of ours that others can write (Consul: a cluster's node): what is wrong with it. Pure. */
  flaw?(cluster: string): Flaw | undefined;
}

/** The records upon it are listed all the same, but for a foreign one's, on which nothing is to be written. */
export interface Flaw {
  readonly reason: string;
  readonly foreign?: true;
}

export interface Fitted {
  readonly records: readonly Registration[];
  /** What had to be mapped, cut or left out, in words. */
  readonly notes: readonly string[];
}

/** Where an accepted write stands now. */
export type Followed = { readonly operation: string } & (
  | { readonly status: 'failed'; readonly reason: string }
  /** forgotten: not known any more, or not yet; whether the write landed must be read. */
  | { readonly status: 'pending' | 'done' | 'forgotten'; readonly reason?: string }
);

/** What every registry is made with. */
export interface RegistryOptions {
  /** Marks what is written, and tells what is ours. */
  readonly owner: string;
  /** Feels each request that is sent. */
  readonly pulse?: Pulse | undefined;
  /** For work in bulk: throttling is waited out until the caller's signal ends, instead of failing the call. */
  readonly throttleRetry?: boolean | undefined;
}

/**
 * One service registry, written. Implementations hold connections and bounded caches, nothing else;
 * they never log: what must be said is in the values they return.
 */
export interface Registry {
  readonly name: RegistryName;
  /** An absent instance is not written before it is first healthy (Cloud Map: custom health takes 30 s to show). */
  readonly waitsForHealth: boolean;
  /** Two refs with one key are one record. Consul: (cluster, id). Cloud Map and Eureka: (service, id), in the registry's case. Pure. */
  key(ref: Ref): string;
  /** Which records stand for an identity, under the names this registry carries. Pure; needs no address, so a stopped task will do. */
  refs(identity: Identity): readonly Ref[];
  /** The records for an instance, fitted to the registry's limits so that what is listed later compares equal. Pure. */
  fit(instance: Instance): Fitted;
  /** Every record in the part of the registry that the scope shares with others (Cloud Map: the namespace; Eureka: /apps; Consul: our own nodes), or a throw. Writes nothing. */
  list(scope: Scope, signal: AbortSignal): Promise<Listing>;
  /** The named records, past any cache. What is absent is left out. Throws if any could not be read. */
  get(refs: readonly Ref[], signal: AbortSignal): Promise<readonly Registration[]>;
  /**
   * Makes the changes; one outcome each, in the same order. Never throws. One failure stops no other. Twice equals once.
   * The whole batch is the registry's to make cheap. Once the promise has settled no request is in flight.
   * An upsert may come without a read before it; `health` may come for a record that is gone (outcome `gone`).
   */
  apply(changes: readonly Change[], signal: AbortSignal): Promise<readonly Outcome[]>;
  /** Only where lists tell of flaws: puts right what this cluster's records stand on, and touches no record. Never throws. */
  mend?(cluster: string, signal: AbortSignal): Promise<ChangeResult>;
  /** Lists may lag behind writes (Eureka: up to 30 s): a difference is looked at with `get` before it is acted on. */
  readonly staleLists?: true;
  /**
   * Only behind a circuit breaker: the server has left requests unanswered, and `get`, `apply` and `follow` fail at
   * once for a while. `apply` gives `retry`; nothing was sent.
   */
  isSilent?(): boolean;
  /** Only with `isSilent`: it was silent a short while ago. */
  isRecovering?(): boolean;
  /** Only with `isSilent`: whether looks may be taken on now; a yes counts. Those of a silent registry would be in vain. */
  takesLooks?(): boolean;
  /** Only where writes are accepted before they are in force: where these operations stand, without waiting. */
  follow?(operations: readonly string[], signal: AbortSignal): Promise<readonly Followed[]>;
  /** Only where records live on leases. A record that the registry does not know any more is `gone`, and is not written here: ECS decides, by the event path. */
  renew?(records: readonly Registration[], signal: AbortSignal): Promise<readonly Outcome[]>;
  /** Only where services are objects of their own, left over when empty: deletes those that this owner made, for a purge. Their names, sorted; throws like `list`. */
  removeEmptyServices?(signal: AbortSignal): Promise<readonly string[]>;
}

export interface ServiceSummary {
  readonly name: string;
  readonly instances: number;
  readonly healthy: number;
}

export interface ServiceTargets {
  readonly name: string;
  readonly targets: readonly Target[];
}

/** The read side, for the resolver: foreign records included, no writer imported. Throws when the registry cannot be read. */
export interface Directory {
  readonly name: RegistryName;
  /** Sorted by name. */
  services(signal: AbortSignal): Promise<readonly ServiceSummary[]>;
  /** Sorted by id. `undefined`: no such service (which is not the same as a service without instances, where the registry can tell). */
  instances(service: string, signal: AbortSignal): Promise<readonly Target[] | undefined>;
  /** Only where one read costs less than one for each service: all services with their instances, in the same order. */
  everything?(signal: AbortSignal): Promise<readonly ServiceTargets[]>;
  /** An instance may be absent as long as it was never healthy, and nothing is wrong. */
  readonly waitsForHealth?: true;
  /** Changes whenever the answer of `instances` may have changed; cheap where the registry offers it. */
  revision(service: string, signal: AbortSignal): Promise<string>;
}
