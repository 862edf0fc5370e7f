import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { createContext } from './lambda/context.ts';
import { AwsFault, type AwsService } from './service.ts';

/** A handler as it is deployed, which may be another one after a redeployment. */
export interface Deployed {
  readonly invoke: (event: unknown, context: Context) => Promise<unknown>;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Lambda's Invoke, synchronous: whoever operates the deployed functions asks them by it. */
export interface Invocations extends AwsService {
  put(name: string, deployed: Deployed): void;
  names(): readonly string[];
}

/** What the SDK's REST call is here: the function's name, and the event. */
export const INVOKE = 'Invoke';

export const createInvocations = (): Invocations => {
  const functions = new Map<string, Deployed>();
  return {
    target: 'lambda',
    unmodelled: true,
    put: (name, deployed) => void functions.set(name, deployed),
    names: () => [...functions.keys()],
    async handle(operation, { FunctionName: name, Payload: event }) {
      if (operation !== INVOKE)
        throw new AwsFault('UnknownOperationException', `Lambda ${operation} is not simulated.`);
      const found = functions.get(String(name));
      if (!found)
        throw new AwsFault('ResourceNotFoundException', `Function not found: ${name}`, 404);
      const context = createContext({ functionName: String(name), timeout: found.timeout });
      try {
        return { payload: (await found.invoke(event, context)) ?? null };
      } catch (error) {
        const { name: errorType, message } = error instanceof Error ? error : new Error(`${error}`);
        return { failed: 'Unhandled', payload: { errorType, errorMessage: message, trace: [] } };
      }
    },
  };
};

/** As the REST API answers: the payload is the body, and a header says that the function failed. */
export const invocationAnswer = ({ failed, payload }: Record<string, unknown>) => ({
  status: 200,
  headers: {
    'content-type': 'application/json',
    'x-amzn-requestid': randomUUID(),
    'x-amz-executed-version': '$LATEST',
    ...(failed !== undefined && { 'x-amz-function-error': String(failed) }),
  },
  body: JSON.stringify(payload),
});
