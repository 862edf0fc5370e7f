import type { Ref, Registration } from '../../model/registration.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import type { Listing } from '../registry.ts';
import { type AcmeClient, type Connection, toDo, type WireRecord } from './client.ts';
import { toRecord } from './record.ts';

const CONCURRENCY = 8;

export const list = async ({ client }: Connection, signal: AbortSignal): Promise<Listing> => ({
  records: (await fetchRecords(client, signal)).map(toRecord),
});

export const get = async (
  { client }: Connection,
  refs: readonly Ref[],
  signal: AbortSignal,
): Promise<readonly Registration[]> => {
  const found = await mapBounded(refs, CONCURRENCY, (ref) => fetchRecord(client, ref, signal));
  return found.filter((record) => record !== undefined).map(toRecord);
};

/**
 * Everything that is registered, every page of it, or a throw: an answer that is no list is not
 * "nothing registered".
 */
export const fetchRecords = async (
  _client: AcmeClient,
  _signal: AbortSignal,
): Promise<readonly WireRecord[]> => toDo('read.ts: fetchRecords');

/** One record, past any cache. `undefined`: there is none. */
export const fetchRecord = async (
  _client: AcmeClient,
  _ref: Ref,
  _signal: AbortSignal,
): Promise<WireRecord | undefined> => toDo('read.ts: fetchRecord');
