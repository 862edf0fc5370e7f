import type { OutcomeRecord } from '../model/outcome-record.ts';
import { askFunction } from '../platform/aws/ask-function.ts';

/**
 * The newest outcomes of a service, newest first. Each call invokes `inspect`, which reads
 * CloudWatch Logs under a quota that the whole account shares: the caller keeps an answer for half
 * a minute. Rejects where the log cannot be read.
 */
export type HistoryReader = (
  service: string,
  signal: AbortSignal,
) => Promise<readonly OutcomeRecord[]>;

/** Three queries of the log: a page does not wait for the ten seconds that `inspect` may take. */
const SINCE = '6h';

export const historyReader = (functionName: string): HistoryReader => {
  const ask = askFunction(functionName);
  return async (service, signal) => {
    const event = { command: 'history', service, since: SINCE, by: 'page' };
    const answer = await ask(event, signal);
    // During a deployment the two functions may be of different versions: the record is versioned.
    const { outcomes } = (answer as { readonly json: { outcomes: readonly OutcomeRecord[] } }).json;
    return outcomes.toReversed();
  };
};
