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

/** Whether it is a summary as this version writes it: an older reconciler may have left the one that is read. */
export const isRound = (value: unknown): value is Round => {
  if (typeof value !== 'object' || value === null) return false;
  const { at, registries, withheld, unfinished, skips, failures } = value as Partial<
    Record<keyof Round, unknown>
  >;
  const lists = [withheld, unfinished, skips, failures];
  return (
    !Number.isNaN(Date.parse(String(at))) && typeof registries === 'object' && lists.every(Array.isArray)
  );
};
