import type { LambdaClient } from '@aws-sdk/client-lambda';
import { notAnswered, wrongUse } from '../exit.ts';
import { clientOptions, localHint } from './clients.ts';
import type { FunctionName, Place, StandingStack, Target } from './target.ts';

/** Milliseconds: more than the longest function may take, or it would be asked twice. */
const LONGEST = 310_000;

/** Invokes the stack's functions, each once. */
export const invoker = (stack: StandingStack, place: Place): Target['invoke'] => {
  let client: LambdaClient | undefined;
  return async (name, event, abortSignal) => {
    const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
    client ??= new LambdaClient({ ...clientOptions(place, LONGEST), maxAttempts: 1 });
    const FunctionName = findFunction(name, stack);
    if (FunctionName === undefined)
      throw notAnswered(`stack ${stack.name} has no function ${name}`);
    const command = new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) });
    const { Payload, FunctionError } = await client
      .send(command, { abortSignal })
      .catch((error: unknown) => {
        throw localHint(place, error);
      });
    const answer: unknown = JSON.parse(Payload?.transformToString() || 'null');
    if (FunctionError === undefined) return answer;
    const { errorType, errorMessage } = Object(answer);
    const said = errorMessage ?? `${FunctionName} failed: ${FunctionError}`;
    // What the function refuses at once, before it has read or written anything.
    throw errorType === 'InvalidCommand' ? wrongUse(said) : notAnswered(said);
  };
};

/** The stack's own name of it; undefined where it was not deployed. */
export const findFunction = (name: FunctionName, stack: StandingStack): string | undefined =>
  (stack.outputs['Functions'] ?? '').split(',').find((one) => one.endsWith(`-${name}`));
