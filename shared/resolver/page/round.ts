/** What the page shows of a reconcile's summary (shared/sync/board.ts). */
export interface Round {
  /** ISO time. */
  readonly at: string;
  readonly milliseconds: number;
  readonly policy: string;
  readonly clusters: number;
  readonly tasks: number;
  readonly registries: Readonly<Partial<Record<string, RoundCounts>>>;
  readonly withheld: readonly {
    readonly cluster: string;
    readonly plan: string;
    readonly removals: number;
  }[];
  readonly unfinished: readonly string[];
  readonly skips: readonly { readonly task: string; readonly code: string; readonly detail: string }[];
  readonly failures: readonly string[];
}

export interface RoundCounts {
  readonly records: number;
  readonly drift: number;
  readonly written: number;
  readonly removed: number;
  readonly failed: number;
  readonly withheld: number;
  readonly waiting: number;
  readonly unknown?: string;
}
