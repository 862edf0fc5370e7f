import { TIMEOUTS } from './clients.ts';
import { InvokeCommand, LambdaClient } from './lambda.ts';

/** Milliseconds: as long as the slowest answer of `inspect` that somebody waits for. */
const LONGEST_MS = 20_000;

/** What a function of ours answers, once: nothing is tried again. Rejects with what it says. */
export const askFunction = (FunctionName: string) => {
  const requestHandler = { ...TIMEOUTS.requestHandler, requestTimeout: LONGEST_MS };
  const client = new LambdaClient({ requestHandler, maxAttempts: 1 });
  return async (event: object, abortSignal: AbortSignal): Promise<unknown> => {
    const command = new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) });
    const { Payload, FunctionError } = await client.send(command, { abortSignal });
    const answer: unknown = JSON.parse(Payload?.transformToString() || 'null');
    if (FunctionError === undefined) return answer;
    throw new Error(`${FunctionName}: ${Object(answer).errorMessage ?? FunctionError}`);
  };
};
