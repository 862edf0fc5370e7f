import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';

export interface FunctionOptions {
  readonly functionName?: string;
  /**
   * Milliseconds: what getRemainingTimeInMillis counts down from. Nothing is cut off when it is
   * over.
   */
  readonly timeout?: number;
}

/** The context of one invocation, counting down in real time. */
export const createContext = ({
  functionName = 'local',
  timeout = 30_000,
}: FunctionOptions = {}): Context => {
  const deadline = Date.now() + timeout;
  const retired = () => {
    throw new Error('callbacks are gone since nodejs24.x');
  };
  return {
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:eu-central-1:111122223333:function:${functionName}`,
    memoryLimitInMB: '256',
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: retired,
    fail: retired,
    succeed: retired,
  };
};
