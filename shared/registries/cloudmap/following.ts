import { GetOperationCommand } from '@aws-sdk/client-servicediscovery';
import type { Followed } from '../registry.ts';
import type { CloudMapClient } from './client.ts';
import { causeOf, isNamed } from './errors.ts';

/** Where one accepted write stands now. What cannot be asked is pending: it is asked again, and the record is read. */
export const followOperation = async (
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
