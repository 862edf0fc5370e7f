/** The parts of Consul's answers and requests that Rollcall uses. */

export interface WireNode {
  readonly Node: string;
  readonly Address: string;
  readonly Meta: Readonly<Record<string, string>> | null;
}

export interface WireService {
  readonly ID: string;
  readonly Service: string;
  readonly Address: string;
  readonly Port: number;
  readonly Tags: readonly string[] | null;
  readonly Meta: Readonly<Record<string, string>> | null;
  readonly Weights: { readonly Passing: number; readonly Warning: number };
}

/** Durations are Go's text; absent where zero. */
export interface WireDefinition {
  readonly HTTP?: string;
  readonly Method?: string;
  readonly TCP?: string;
  readonly Interval?: string;
  readonly Timeout?: string;
}

export interface WireCheck {
  readonly Node: string;
  readonly CheckID: string;
  readonly Name: string;
  readonly Status: string;
  readonly Notes: string;
  readonly Output: string;
  readonly ServiceID: string;
  /**
   * Consul stores the service's own name; this one decides which service's write right a
   * transaction needs.
   */
  readonly ServiceName: string;
  readonly Definition?: WireDefinition;
  readonly ModifyIndex?: number;
}

/**
 * Both are null where the node is absent, and also where the token may not read it. Services alone
 * is null where the node has none, and empty where a filter or the token's rights leave none
 * (1.8.7, 1.19.2).
 */
export interface WireNodeServices {
  readonly Node: WireNode | null;
  readonly Services: readonly WireService[] | null;
}

/** One entry of `/v1/health/service/<name>`. */
export interface WireHealthEntry {
  readonly Node: WireNode;
  readonly Service: WireService;
  readonly Checks: readonly WireCheck[] | null;
}

export type WireOp =
  | {
      readonly Service: {
        readonly Verb: 'get' | 'set' | 'delete';
        readonly Node: string;
        readonly Service: Pick<WireService, 'ID' | 'Service'> & Partial<WireService>;
      };
    }
  | { readonly Check: { readonly Verb: 'set' | 'cas'; readonly Check: WireCheck } };

export interface WireTxnError {
  readonly OpIndex: number;
  readonly What: string;
}
