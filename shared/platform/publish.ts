import { TIMEOUTS } from './aws/clients.ts';
import { EventBridgeClient, PutEventsCommand } from './aws/eventbridge.ts';
import { chunks, mapBounded } from './concurrency.ts';
import { errorText } from './error-text.ts';

/** Rules for events of ECS and EC2 match neither, so that no event of ours comes back to us. */
export const SOURCE = 'rollcall';
export const DETAIL_TYPE = 'Rollcall Registration Change';

/** Entries that EventBridge takes in one call. A record has 1.5 KB; a call may have 1 MB. */
const BATCH = 10;
const CONCURRENCY = 4;
/**
 * Milliseconds for all of an invocation's events: what is registered is not held up for who
 * listens. Below what an invocation keeps back for its end.
 */
const TOTAL_MS = 700;

/** How many of an invocation's events did not go out, and the first reason. */
export interface Unpublished {
  readonly count: number;
  readonly reason: string;
}

export type Publish = (records: readonly string[]) => Promise<Unpublished | undefined>;

/**
 * Sends records, each as an event on the account's default bus. What it gives never rejects, and
 * ends in time.
 */
export const createPublisher = (): Publish => {
  const client = new EventBridgeClient({ ...TIMEOUTS, maxAttempts: 2 });
  return (records) => sendAll(records, client);
};

const sendAll = async (
  records: readonly string[],
  client: EventBridgeClient,
): Promise<Unpublished | undefined> => {
  const abortSignal = AbortSignal.timeout(TOTAL_MS);
  const reasons: string[] = [];
  const send = async (batch: readonly string[]) => {
    const Entries = batch.map((Detail) => ({ Source: SOURCE, DetailType: DETAIL_TYPE, Detail }));
    try {
      const answer = await client.send(new PutEventsCommand({ Entries }), { abortSignal });
      for (const { ErrorCode, ErrorMessage } of answer.Entries ?? [])
        if (ErrorCode) reasons.push(`${ErrorCode}: ${ErrorMessage ?? ''}`);
    } catch (error) {
      reasons.push(...batch.map(() => errorText(error)));
    }
  };
  await mapBounded(chunks(records, BATCH), CONCURRENCY, send);
  const [reason] = reasons;
  return reason === undefined ? undefined : { count: reasons.length, reason };
};
