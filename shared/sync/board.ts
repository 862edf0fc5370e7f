import type { Skip } from '../model/plan.ts';
import type { RegistryName } from '../model/registration.ts';

/** What one reconcile leaves for people: the page, `explain`, an operator. At most 4 KB as JSON. */
export interface Summary {
  /** ISO time at which the round began. */
  readonly at: string;
  readonly milliseconds: number;
  readonly policy: string;
  readonly clusters: number;
  readonly tasks: number;
  readonly registries: Partial<Record<RegistryName, RegistrySummary>>;
  /** Withheld removals, by cluster, with the plan id that `release` takes. */
  readonly withheld: readonly {
    readonly cluster: string;
    readonly plan: string;
    readonly removals: number;
  }[];
  /** Clusters that the time did not suffice for, or that failed; they come first next time. */
  readonly unfinished: readonly string[];
  /** The newest reasons why something is not registered. */
  readonly skips: readonly Pick<Skip, 'task' | 'code' | 'detail'>[];
  readonly failures: readonly string[];
}

export interface RegistrySummary {
  readonly records: number;
  readonly drift: number;
  readonly written: number;
  readonly removed: number;
  readonly failed: number;
  readonly withheld: number;
  readonly waiting: number;
  /** Why the registry could not be read, or not be trusted for removals. */
  readonly unknown?: string;
}

export interface Release {
  readonly plan: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Two small texts that outlive a call: the last summary, and an operator's release. */
export interface Board {
  summary(signal: AbortSignal): Promise<Summary | undefined>;
  post(summary: Summary, signal: AbortSignal): Promise<void>;
  release(signal: AbortSignal): Promise<Release | undefined>;
  grant(release: Release, signal: AbortSignal): Promise<void>;
}

/** What a standard SSM parameter holds. */
const MAX_BYTES = 4_096;
const MAX_REASONS = 20;

/** Characters of one reason, and of what a registry says of itself: three of those must fit beside the counts. */
const LONGEST_REASON = 300;
const LONGEST_UNKNOWN = 100;

/** Long reasons are cut, then reasons are dropped, oldest first, until the summary fits; the counts always stay. */
export const fitSummary = (summary: Summary): Summary => {
  let fitted = {
    ...summary,
    registries: Object.fromEntries(
      Object.entries(summary.registries).map(([name, { unknown, ...counts }]) => [
        name,
        { ...counts, ...(unknown !== undefined && { unknown: cut(unknown, LONGEST_UNKNOWN) }) },
      ]),
    ),
    skips: summary.skips
      .slice(-MAX_REASONS)
      .map((skip) => ({ ...skip, detail: cut(skip.detail, LONGEST_REASON) })),
    failures: summary.failures.slice(-MAX_REASONS).map((failure) => cut(failure, LONGEST_REASON)),
  };
  const size = () => Buffer.byteLength(JSON.stringify(fitted));
  while (size() > MAX_BYTES && (fitted.skips.length > 0 || fitted.failures.length > 0)) {
    fitted =
      fitted.skips.length > fitted.failures.length
        ? { ...fitted, skips: fitted.skips.slice(1) }
        : { ...fitted, failures: fitted.failures.slice(1) };
  }
  while (size() > MAX_BYTES && fitted.unfinished.length + fitted.withheld.length > 0) {
    fitted = { ...fitted, unfinished: fitted.unfinished.slice(1), withheld: fitted.withheld.slice(1) };
  }
  return fitted;
};

const cut = (text: string, longest: number) =>
  text.length > longest ? `${text.slice(0, longest - 1)}…`.toWellFormed() : text;
