import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withThrottleRetry } from '../../../../shared/platform/aws/throttle-retry.ts';

class List {}
class Describe {}

const throttled = () => Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Takes so many calls a second. */
const limited = (perSecond: number) => {
  let refused = 0;
  let second = 0;
  let taken = 0;
  const send = async (_command: unknown, _options?: object) => {
    const now = Math.floor(Date.now() / 1_000);
    if (now !== second) [second, taken] = [now, 0];
    if (++taken <= perSecond) return 'answer';
    refused++;
    throw throttled();
  };
  return { send, refused: () => refused };
};

describe('a patient client', () => {
  it('asks again what was throttled, at a pace that is taken, until all is answered', async () => {
    const server = limited(10);
    const client = withThrottleRetry(server);
    const answers = Promise.all(Array.from({ length: 100 }, () => client.send(new List())));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await answers).toHaveLength(100);
    expect(server.refused()).toBeLessThan(300);
  });

  it('passes every other error on at once', async () => {
    const send = vi.fn().mockRejectedValue(new Error('AccessDenied'));
    await expect(withThrottleRetry({ send }).send(new List())).rejects.toThrow('AccessDenied');
    expect(send).toHaveBeenCalledOnce();
  });

  it('ends with its signal, saying so', async () => {
    const client = withThrottleRetry({ send: vi.fn().mockRejectedValue(throttled()) });
    const controller = new AbortController();
    const asked = client.send(new List(), { abortSignal: controller.signal });
    const ended = expect(asked).rejects.toThrow('the round is over');
    await vi.advanceTimersByTimeAsync(5_000);
    controller.abort(new Error('the round is over'));
    await ended;
  });

  it('holds up no other command than the throttled one', async () => {
    const send = vi.fn(async (command: unknown, _options?: object) => {
      if (command instanceof List) throw throttled();
      return 'answer';
    });
    const client = withThrottleRetry({ send });
    const controller = new AbortController();
    const held = client.send(new List(), { abortSignal: controller.signal }).catch(() => 'ended');
    await vi.advanceTimersByTimeAsync(1);
    await expect(client.send(new Describe())).resolves.toBe('answer');
    controller.abort();
    await expect(held).resolves.toBe('ended');
  });
});
