import { DuplicateRequest, GetOperationCommand } from '@aws-sdk/client-servicediscovery';
import type { ChangeResult } from '../../model/plan.ts';
import { mapBounded } from '../../platform/concurrency.ts';
import type { Followed } from '../registry.ts';
import { type CloudMapClient, causeOf, isNamed, required } from './client.ts';
import type { Connection } from './connection.ts';

const CONCURRENCY = 8;

/** Cloud Map has accepted the write, and will carry it out in some seconds. */
export const accepted = (operation: string | undefined): ChangeResult => ({
  status: 'pending',
  operation: required(operation, 'OperationId'),
});

/** Where accepted writes stand now. */
export const follow = async (
  { client, services }: Connection,
  operations: readonly string[],
  signal: AbortSignal,
): Promise<readonly Followed[]> => {
  const followed = await mapBounded(operations, CONCURRENCY, (one) =>
    followOne(client, one, signal),
  );
  // An operation may fail because the service it was for is a deleted one.
  if (followed.some(({ status }) => status === 'failed')) services.forget();
  return followed;
};

/** An operation that cannot be asked for counts as pending: it is asked for again. */
const followOne = async (
  client: CloudMapClient,
  operation: string,
  signal: AbortSignal,
): Promise<Followed> => {
  try {
    const answer = await client.send(new GetOperationCommand({ OperationId: operation }), {
      abortSignal: signal,
    });
    const { Status, ErrorCode, ErrorMessage } = answer.Operation ?? {};
    if (Status === 'SUCCESS') return { operation, status: 'done' };
    if (Status !== 'FAIL') return { operation, status: 'pending' };
    const reason = `cloudmap: operation ${operation} failed: ${ErrorCode ?? 'no code'}: ${ErrorMessage ?? 'no message'}`;
    return { operation, status: 'failed', reason };
  } catch (error) {
    signal.throwIfAborted();
    // AWS keeps operations for a while only.
    if (isNamed(error, 'OperationNotFound')) return { operation, status: 'forgotten' };
    return {
      operation,
      status: 'pending',
      reason: `cloudmap: asking for operation ${operation}: ${causeOf(error)}`,
    };
  }
};

/**
 * The operation that a removal collided with, where that one removes too: the five events of one
 * stopped task may reach as many function instances. It is followed like one of our own. After a
 * collision with a registration the removal must be sent again.
 */
export const removalUnderWay = async (
  { client }: Connection,
  error: unknown,
  signal: AbortSignal,
) => {
  if (!(error instanceof DuplicateRequest) || !error.DuplicateOperationId) return undefined;
  const command = new GetOperationCommand({ OperationId: error.DuplicateOperationId });
  const { Operation } = await client.send(command, { abortSignal: signal });
  return Operation?.Type === 'DEREGISTER_INSTANCE' ? Operation.Id : undefined;
};
