import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { errorText } from './error-text.ts';
import { createLogger, withRequestId } from './log.ts';
import { type TimeLeft, withDeadline } from './timeout.ts';

/** What a function makes once, at its start. */
interface Runtime {
  /** Writes what is left to write at the end of an invocation, such as its metrics. */
  readonly flush: () => Promise<void>;
  /** What the function reaches, for whoever asks by `{"rollcall":1,"kind":"check"}`. */
  readonly check: (signal: AbortSignal) => Promise<unknown>;
}

/** No event of AWS has this shape, and messages of a queue come wrapped in `Records`. */
const isCheck = (event: unknown): boolean => {
  const { rollcall, kind } = Object(event);
  return rollcall === 1 && kind === 'check';
};

/**
 * A function's handler. Every line of an invocation bears its request id; an invocation that fails,
 * or cannot start, logs one line of ours before Lambda's own; `flush` runs at the end of each.
 * `runtime` is called several times and must make what it gives only once (`onceAtStart`).
 */
export const createHandler = <Event, Result, R extends Runtime>(
  runtime: () => Promise<R>,
  handle: (event: Event, runtime: R, left: TimeLeft) => Promise<Result>,
) => {
  const handler = middy<Event, Result>()
    .use({
      after: async () => (await runtime()).flush(),
      onError: async ({ error }) => {
        createLogger().error('invocation failed', { error: errorText(error) });
        // Without a runtime (wrong configuration) there is nothing to flush.
        await runtime().then(
          ({ flush }) => flush(),
          () => {},
        );
      },
    })
    .handler(async (event, context) => {
      const made = await runtime();
      return withDeadline(context, (left) =>
        isCheck(event) ? (made.check(left.signal) as Promise<Result>) : handle(event, made, left),
      );
    });
  return (event: Event, context: Context): Promise<Result> =>
    withRequestId(
      () => context.awsRequestId,
      () => handler(event, context),
    );
};
