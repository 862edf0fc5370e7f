import type { Summary } from '../../model/summary.ts';
import type { Removals } from '../../plan/removals.ts';
import { parameterText } from '../../platform/aws/parameter.ts';
import { type LogContext, logged, type Telemetry } from '../../platform/telemetry.ts';

export type { Summary };

/** An operator's word that what a plan withholds may go: what the command `release` leaves. */
export interface Approval {
  /** Its id. */
  readonly plan: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/**
 * Three small texts that outlive a call: the last summary, an operator's approval, and what was
 * removed.
 */
export interface OperatorStore {
  readSummary(signal: AbortSignal): Promise<Summary | undefined>;
  saveSummary(summary: Summary, signal: AbortSignal): Promise<void>;
  readApproval(signal: AbortSignal): Promise<Approval | undefined>;
  saveApproval(approval: Approval, signal: AbortSignal): Promise<void>;
  /** What was removed within the last hour. Rejects unless that is known. */
  readRemovals(signal: AbortSignal): Promise<Removals>;
  saveRemovals(removals: Removals, signal: AbortSignal): Promise<void>;
}

/** What the last round left; a summary that cannot be read is logged, and says nothing. */
export const readLastSummary = (
  { store, telemetry }: { readonly store: OperatorStore; readonly telemetry: Telemetry },
  path: LogContext['path'],
  signal: AbortSignal,
): Promise<Summary | undefined> =>
  store.readSummary(signal).catch(logged(telemetry, 'the last summary cannot be read', { path }));

/** What a standard SSM parameter holds. */
const MAX_BYTES = 4_096;
const MAX_REASONS = 20;

/**
 * Characters of one reason, and of what a registry says of itself: three of those must fit beside
 * the counts.
 */
const LONGEST_REASON = 300;
const LONGEST_UNKNOWN = 100;

/**
 * Long reasons are cut, then reasons are dropped, oldest first, until the summary fits, then names
 * that several have; of unfinished clusters those stay that come first in the next round, and the
 * counts always.
 */
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
    ...(summary.shared && { shared: summary.shared.slice(0, MAX_REASONS) }),
    failures: summary.failures.slice(-MAX_REASONS).map((failure) => cut(failure, LONGEST_REASON)),
  };
  const size = () => Buffer.byteLength(parameterText(fitted));
  while (size() > MAX_BYTES && (fitted.skips.length > 0 || fitted.failures.length > 0)) {
    fitted =
      fitted.skips.length > fitted.failures.length
        ? { ...fitted, skips: fitted.skips.slice(1) }
        : { ...fitted, failures: fitted.failures.slice(1) };
  }
  while (size() > MAX_BYTES && fitted.shared?.length)
    fitted = { ...fitted, shared: fitted.shared.slice(0, -1) };
  while (size() > MAX_BYTES && fitted.unfinished.length + fitted.withheld.length > 0) {
    fitted = {
      ...fitted,
      unfinished: fitted.unfinished.slice(0, -1),
      withheld: fitted.withheld.slice(1),
    };
  }
  return fitted;
};

const cut = (text: string, longest: number) =>
  text.length > longest ? `${text.slice(0, longest - 1)}…`.toWellFormed() : text;
