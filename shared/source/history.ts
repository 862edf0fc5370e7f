import type { OutcomeRecord } from '../model/outcome-record.ts';
import { askFunction } from '../platform/aws/ask-function.ts';

/**
 * The newest outcomes of a service, newest first. Each call is one of `inspect`, which asks a log
 * whose calls the whole account shares: keep an answer for half a minute. Rejects where it cannot
 * be told.
 */
export type HistoryReader = (
  service: string,
  signal: AbortSignal,
) => Promise<readonly OutcomeRecord[]>;

/** Three calls of the log, so that whoever looks at a page does not wait for ten seconds. */
const SINCE = '6h';

export const historyReader = (inspect: string): HistoryReader => {
  const ask = askFunction(inspect);
  return async (service, signal) => {
    const event = { command: 'history', service, since: SINCE, by: 'page' };
    const answer = await ask(event, signal);
    // Both functions are of one version, or of neighbouring ones, in which the record is the same.
    const { outcomes } = (answer as { readonly json: { outcomes: readonly OutcomeRecord[] } }).json;
    return outcomes.toReversed();
  };
};
