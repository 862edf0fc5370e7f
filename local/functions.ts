import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
  SQSBatchResponse,
  SQSEvent,
} from 'aws-lambda';
import type { Answer } from '../shared/sync/admin/answer.ts';
import type { Summary } from '../shared/sync/limits/operator-store.ts';

type Invoke<Event, Result> = (event: Event, context: Context) => Promise<Result>;

/** The deployed handlers, unmodified. */
export interface Functions {
  readonly onTaskEvent: Invoke<SQSEvent, SQSBatchResponse>;
  readonly reconcile: Invoke<unknown, Summary>;
  readonly renew: Invoke<unknown, void>;
  readonly resolve: Invoke<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>;
  readonly inspect: Invoke<unknown, Answer>;
  readonly operate: Invoke<unknown, Answer>;
}

let starts = 0;

/**
 * Loads each handler anew, as a deployment does: it reads the environment with its first call, and
 * keeps it. (A query makes a module another one; what it imports is shared.)
 */
export const coldStart = async (): Promise<Functions> => {
  starts++;
  const [onTaskEvent, reconcile, renew, resolve, inspect, operate] = await Promise.all(
    ['on-task-event', 'reconcile', 'renew', 'resolve', 'inspect', 'operate'].map(async (name) => {
      const { href } = new URL(`../functions/${name}.ts?start=${starts}`, import.meta.url);
      const { handler } = await import(href);
      return handler;
    }),
  );
  return { onTaskEvent, reconcile, renew, resolve, inspect, operate };
};
