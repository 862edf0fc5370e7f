import type { Change, ChangeResult, Outcome } from '../../model/plan.ts';
import { applyEach, failed, refused, toOutcome } from '../outcome.ts';
import { AcmeFault, type Connection, toDo } from './client.ts';
import { keyOf } from './names.ts';

const CONCURRENCY = 8;

/** To do: where the server takes batches, send them, and give each change an outcome of its own. */
export const apply = (
  connection: Connection,
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> => {
  const write = async (change: Change) =>
    toOutcome(change, await writeOne(connection, change, signal).catch(toResult), {
      registry: 'acme',
    });
  return applyEach(changes, write, { keyOf, concurrency: CONCURRENCY, signal });
};

/**
 * What a failed request means. Without an answer it may have been carried out: a resend must be
 * harmless.
 */
const toResult = (error: unknown): ChangeResult => {
  const reason = error instanceof Error ? error.message : String(error);
  const isFinal = error instanceof AcmeFault && error.status < 500 && error.status !== 429;
  return isFinal ? refused(reason) : failed(reason);
};

/**
 * `upsert`: writes the whole record; twice equals once. `health`: changes it where the record is
 * there, else `gone`, and never brings a record back. `remove`: `done`, or `unchanged` where there
 * is none.
 */
const writeOne = async (
  _connection: Connection,
  _change: Change,
  _signal: AbortSignal,
): Promise<ChangeResult> => toDo('write.ts: writeOne');
