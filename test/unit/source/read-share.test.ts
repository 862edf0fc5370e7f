import {
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ReadShareSpent, withEcsReadShare } from '../../../shared/source/read-share.ts';

const list = () => new ListTasksCommand({});
const describeTasks = () => new DescribeTasksCommand({ tasks: [] });
const describeDefinition = () => new DescribeTaskDefinitionCommand({ taskDefinition: 'a' });

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const setUp = (percent: number) => {
  const sent: number[] = [];
  const began = Date.now();
  const client = {
    send: async () => {
      sent.push(Date.now() - began);
      return 'answer';
    },
  };
  return { sent, client: withEcsReadShare(client as never, percent) };
};

describe('a share of the calls of ECS', () => {
  it.each([
    [100, 100, 50],
    [50, 50, 100],
    [10, 10, 500],
  ])('of %i percent is %i at once, then one each %i ms', async (percent, burst, each) => {
    const { sent, client } = setUp(percent);
    const all = Array.from({ length: burst + 3 }, (_, at) =>
      at % 2 ? client.send(list(), {}) : client.send(describeTasks(), {}),
    );
    await vi.runAllTimersAsync();
    await Promise.all(all);
    const waits = Array.from({ length: 3 }, (_, at) => (at + 1) * each);
    expect(sent).toEqual([...Array.from({ length: burst }, () => 0), ...waits]);
  });

  it('fills up again while nothing is asked, and no further', async () => {
    const { sent, client } = setUp(50);
    for (const pause of [0, 3_600_000]) {
      await vi.advanceTimersByTimeAsync(pause);
      const all = Array.from({ length: 50 }, () => client.send(list(), {}));
      await vi.runAllTimersAsync();
      await Promise.all(all);
    }
    expect(new Set(sent)).toEqual(new Set([0, 3_600_000]));
    const late = client.send(list(), {});
    await vi.runAllTimersAsync();
    await late;
    expect(sent.at(-1)).toBe(3_600_100);
  });

  it('is nothing to calls that ECS counts apart', async () => {
    const { sent, client } = setUp(1);
    await Promise.all(Array.from({ length: 200 }, () => client.send(describeDefinition(), {})));
    expect(sent).toHaveLength(200);
  });

  it('that is spent ends with the caller’s time, and holds up nobody behind it', async () => {
    const { sent, client } = setUp(1);
    await client.send(list(), {});
    const time = new AbortController();
    const first = client
      .send(list(), { abortSignal: time.signal })
      .catch((error: unknown) => error);
    const second = client.send(list(), {});
    await vi.advanceTimersByTimeAsync(1_000);
    time.abort(new Error('the time is over'));
    await vi.runAllTimersAsync();
    expect(await first).toBeInstanceOf(ReadShareSpent);
    await second;
    expect(sent).toHaveLength(2);
  });
});
