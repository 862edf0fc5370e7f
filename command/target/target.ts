/** Rollcall as it is deployed, or as it runs on this machine: what commands ask. */
export interface Target {
  readonly place: Place;
  /** As CloudFormation tells of it. */
  readonly stack: StandingStack;
  /**
   * What a function answers to an event. Rejects with the function's own words where it fails. It
   * is invoked once.
   */
  invoke(name: FunctionName, event: unknown, signal: AbortSignal): Promise<unknown>;
  /** What the resolver answers a client, with the token where it asks for one. */
  resolver(path: string, signal: AbortSignal): Promise<Response>;
}

/** How AWS's clients reach it. */
export interface Place {
  readonly region: string;
  /** Only of the local run. */
  readonly local?: {
    readonly endpoint: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
}

export interface StandingStack {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

/** As the files in `functions/` are called. */
export const FUNCTIONS = [
  'on-task-event',
  'reconcile',
  'renew',
  'resolve',
  'inspect',
  'operate',
] as const;
export type FunctionName = (typeof FUNCTIONS)[number];
