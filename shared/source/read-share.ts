import {
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListContainerInstancesCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import { pause } from '../platform/aws/throttle-retry.ts';

/** Of these ECS keeps one count for an account and region. */
const COUNTED: ReadonlySet<unknown> = new Set([
  ListTasksCommand,
  DescribeTasksCommand,
  ListContainerInstancesCommand,
  DescribeContainerInstancesCommand,
]);

/** What ECS lets one account do in one region: so many calls at once, and so many more a second. */
const BURST = 100;
const PER_SECOND = 20;

/**
 * No call was left within the time: what was to be read is read another time, and nothing failed.
 */
export class ReadShareSpent extends Error {
  override readonly name = 'ReadShareSpent';
}

/**
 * A client that takes at most its share of the calls that ECS counts together, so that whoever else
 * asks ECS in the account, its own console and deployments among them, is not throttled for it.
 * Calls wait in the order they come, until their signal ends. `percent` of 100 leaves nothing to
 * others.
 */
export const withEcsReadShare = (
  client: Pick<ECSClient, 'send'>,
  percent: number,
  now: () => number = Date.now,
): Pick<ECSClient, 'send'> => {
  const most = Math.max(1, (BURST * percent) / 100);
  const perMillisecond = (PER_SECOND * percent) / 100 / 1_000;
  let left = most;
  let last = now();
  let queue = Promise.resolve();
  const take = async (signal: AbortSignal | undefined) => {
    for (;;) {
      if (signal?.aborted) throw new ReadShareSpent('the share of ECS calls is spent for now');
      left = Math.min(most, left + (now() - last) * perMillisecond);
      last = now();
      if (left >= 1) break;
      await pause(Math.ceil((1 - left) / perMillisecond), signal).catch(() => {});
    }
    left--;
  };
  const send = async (command: object, options: { readonly abortSignal?: AbortSignal } = {}) => {
    if (COUNTED.has(command.constructor)) {
      const turn = queue.then(() => take(options.abortSignal));
      queue = turn.catch(() => {});
      await turn;
    }
    // `send` is overloaded; what goes through unchanged keeps each overload's promise.
    return client.send(command as never, options as never);
  };
  return { send } as unknown as Pick<ECSClient, 'send'>;
};
