import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { SQSClient } from '@aws-sdk/client-sqs';

/**
 * Milliseconds. A call that hangs must leave its function the time to say so; the SDK tries three times.
 * Without `throwOnRequestTimeout` it would only log that the time is over.
 */
export const TIMEOUTS = {
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const;

export const ecsClient = () => new ECSClient(TIMEOUTS);
export const ec2Client = () => new EC2Client(TIMEOUTS);
export const sqsClient = () => new SQSClient(TIMEOUTS);
