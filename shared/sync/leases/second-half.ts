import type { SQSClient } from '@aws-sdk/client-sqs';

const HALF_A_MINUTE = 30;

export interface RenewQueue {
  readonly sqs: Pick<SQSClient, 'send'>;
  readonly queueUrl?: string | undefined;
}

/**
 * The first half's renewal, and the message for the second. Runs both to completion, then rethrows
 * the first failure.
 */
export const withSecondHalf = async (
  renew: () => Promise<void>,
  event: unknown,
  queue: RenewQueue,
  signal: AbortSignal,
): Promise<void> => {
  const results = await Promise.allSettled([scheduleSecondHalf(event, queue, signal), renew()]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
};

/**
 * EventBridge's schedules know minutes, Eureka's self-preservation wants two renewals in each: a
 * scheduled run leaves a message that comes back in half a minute. A run that such a message
 * started leaves none.
 */
export const scheduleSecondHalf = async (
  event: unknown,
  { sqs, queueUrl }: RenewQueue,
  signal: AbortSignal,
): Promise<void> => {
  const cameByQueue = typeof event === 'object' && event !== null && 'Records' in event;
  if (cameByQueue || !queueUrl) return;
  const { SendMessageCommand } = await import('../../platform/aws/sqs.ts');
  const command = new SendMessageCommand({
    QueueUrl: queueUrl,
    DelaySeconds: HALF_A_MINUTE,
    MessageBody: JSON.stringify({ rollcall: 1, kind: 'renew' }),
  });
  await sqs.send(command, { abortSignal: signal });
};
