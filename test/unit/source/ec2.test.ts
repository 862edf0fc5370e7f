import type { EC2Client } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withThrottleRetry } from '../../../shared/platform/aws/throttle-retry.ts';
import { describeInstances, describePublicAddresses } from '../../../shared/source/ec2.ts';
import { live } from './sdk.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** EC2 as a round asks it, refused for the rate of its calls whatever the pace. */
const throttled = () =>
  withThrottleRetry({
    send: async () => {
      throw Object.assign(new Error('Request limit exceeded.'), { name: 'RequestLimitExceeded' });
    },
  }) as Pick<EC2Client, 'send'>;

/** What comes of it in that time, if anything does. */
const within = async <T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> => {
  let result: T | undefined;
  void work.then((value) => {
    result = value;
  });
  await vi.advanceTimersByTimeAsync(milliseconds);
  return result;
};

describe('EC2 that throttles without end', () => {
  it('is waited for no longer than a part of a round: the hosts are unread', async () => {
    const asked = describeInstances(throttled(), [{ id: 'i-1' }, { id: 'i-2' }], live());
    const { found, unread } = (await within(15_000, asked)) ?? {};
    expect([found?.size, [...(unread?.keys() ?? [])]]).toEqual([0, ['i-1', 'i-2']]);
  });

  it('is waited for as long where public addresses are asked for', async () => {
    const asked = describePublicAddresses(throttled(), ['eni-1'], live()).catch(
      (error: unknown) => error,
    );
    expect(await within(15_000, asked)).toBeInstanceOf(Error);
  });
});
