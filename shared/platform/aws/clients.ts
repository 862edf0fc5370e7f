import type { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import type { SQSClient } from '@aws-sdk/client-sqs';

/**
 * Milliseconds. A call that hangs must end before its function's time does, so that the failure is
 * told; the SDK tries three times. Without `throwOnRequestTimeout` it would only log that the time
 * is over.
 */
export const TIMEOUTS = {
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const;

export const ecsClient = () => new ECSClient(TIMEOUTS);

/**
 * Loaded at its first call, which most starts never make: only hosts' addresses, their states and
 * public addresses need EC2.
 */
export const ec2Client = (): Pick<EC2Client, 'send'> =>
  onDemand<EC2Client>(async () => new (await import('./ec2.ts')).EC2Client(TIMEOUTS));

/**
 * Loaded at its first call: events need it only for a task that is to be looked at again, and
 * `renew` for its second half.
 */
export const sqsClient = (): Pick<SQSClient, 'send'> =>
  onDemand<SQSClient>(async () => new (await import('./sqs.ts')).SQSClient(TIMEOUTS));

type Sender<C> = { readonly send: C extends { send: infer S } ? S : never };

/** Stands in for a client that is loaded and made when something is first sent. */
const onDemand = <C extends { send: (...args: never[]) => unknown }>(
  make: () => Promise<C>,
): Sender<C> => {
  let made: Promise<C> | undefined;
  const send = async (...args: Parameters<C['send']>) => {
    made ??= make();
    return (await made).send(...args);
  };
  // `send` is overloaded; what goes through unchanged keeps each overload's promise.
  return { send } as unknown as Sender<C>;
};
