import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { TIMEOUTS } from './clients.ts';

/** A page of a search. `from` and `to` in milliseconds since the epoch, both within. */
export interface LogQuery {
  readonly pattern: string;
  readonly from: number;
  readonly to: number;
  readonly token?: string;
}

export interface LogPage {
  readonly lines: readonly string[];
  /** There is more; a page may be empty all the same. */
  readonly token?: string | undefined;
}

/** Rejects where the log cannot be read. */
export type LogReader = (query: LogQuery, signal: AbortSignal) => Promise<LogPage>;

/** Finds lines of one log group. The client is loaded at the first search. */
export const logReader = (logGroupName: string): LogReader => {
  let made: CloudWatchLogsClient | undefined;
  return async ({ pattern: filterPattern, from: startTime, to: endTime, token }, abortSignal) => {
    const { CloudWatchLogsClient, FilterLogEventsCommand } = await import('./logs.ts');
    made ??= new CloudWatchLogsClient(TIMEOUTS);
    const asked = { logGroupName, filterPattern, startTime, endTime, nextToken: token };
    const page = await made.send(new FilterLogEventsCommand(asked), { abortSignal });
    return {
      lines: (page.events ?? []).flatMap(({ message }) => message ?? []),
      token: page.nextToken,
    };
  };
};
