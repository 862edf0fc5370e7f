import type { OutcomeRecord } from '../../../model/outcome-record.ts';
import type { LogQuery, LogReader } from '../../../platform/aws/log-reader.ts';
import { parseRecord } from './parse-record.ts';

export interface Span {
  readonly pattern: string;
  readonly from: number;
  /** Not within. */
  readonly to: number;
}

/** One part of a span, read whole. Parts come newest first, and leave no gap between them. */
export interface Part {
  readonly from: number;
  readonly records: readonly OutcomeRecord[];
}

export interface Pace {
  readonly read: LogReader;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/**
 * AWS allows a few calls a second, which all of an account share: we make two at most, for ten
 * seconds.
 */
const CALL_MS = 500;
const TOTAL_MS = 10_000;

/** The newest part of a span: an hour. */
export const FIRST_MS = 3_600_000;
const GROWTH = 4;

/**
 * Reads a span of the log backwards, since what is newest matters most and CloudWatch begins with
 * the oldest: the last hour, then parts that grow. Ends where the span does, or early where the
 * time is over; what was not read whole is not given.
 */
export async function* readBackwards(
  { pattern, from: start, to }: Span,
  { read, now, sleep }: Pace,
  signal: AbortSignal,
): AsyncGenerator<Part> {
  const until = now() + TOTAL_MS;
  let isFirst = true;
  const call = async (query: LogQuery) => {
    if (!isFirst) await sleep(CALL_MS);
    isFirst = false;
    return now() < until && !signal.aborted ? read(query, signal) : undefined;
  };
  let width = FIRST_MS;
  for (let end = to; end > start; width *= GROWTH) {
    const from = Math.max(start, end - width);
    const lines: string[] = [];
    let token: string | undefined;
    do {
      const page = await call({ pattern, from, to: end - 1, ...(token && { token }) });
      if (!page) return;
      lines.push(...page.lines);
      token = page.token;
    } while (token);
    yield { from, records: lines.flatMap((line) => parseRecord(line) ?? []) };
    end = from;
  }
}
