import 'aws-sdk-client-mock-vitest/extend';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { scheduleSecondHalf, withSecondHalf } from '../../../../shared/sync/leases/second-half.ts';

const live = () => new AbortController().signal;
const queueUrl = 'https://queue.invalid/q';

const setUp = () => {
  const client = new SQSClient({ region: 'eu-west-1' });
  return { sqs: mockClient(client), client };
};

describe('the second renewal of a minute', () => {
  it('is left by a scheduled run, half a minute later', async () => {
    const { sqs, client } = setUp();
    await scheduleSecondHalf({ source: 'aws.scheduler' }, { sqs: client, queueUrl }, live());
    expect(sqs).toHaveReceivedCommandExactlyOnceWith(SendMessageCommand, {
      QueueUrl: queueUrl,
      DelaySeconds: 30,
      MessageBody: '{"rollcall":1,"kind":"renew"}',
    });
  });

  it.each([
    ['a run that such a message started', { Records: [] }, queueUrl],
    ['a run without a queue', {}, undefined],
  ])('is not left by %s', async (_what, event, url) => {
    const { sqs, client } = setUp();
    await scheduleSecondHalf(event, { sqs: client, queueUrl: url }, live());
    expect(sqs.calls()).toEqual([]);
  });

  it.each([[undefined], [null], ['now']])(
    'is left whatever the schedule sends: %j',
    async (event) => {
      const { sqs, client } = setUp();
      await scheduleSecondHalf(event, { sqs: client, queueUrl }, live());
      expect(sqs).toHaveReceivedCommandTimes(SendMessageCommand, 1);
    },
  );

  it.each(['the queue', 'the renewal'])(
    'and the first each go their way where %s fails, and the run fails',
    async (failing) => {
      const { sqs, client } = setUp();
      let renewed = 0;
      if (failing === 'the queue') sqs.on(SendMessageCommand).rejects(new Error('sqs is down'));
      const renew = async () => {
        renewed++;
        if (failing === 'the renewal') throw new Error('eureka is down');
      };
      await expect(withSecondHalf(renew, {}, { sqs: client, queueUrl }, live())).rejects.toThrow(
        'is down',
      );
      expect(renewed).toBe(1);
      expect(sqs).toHaveReceivedCommandTimes(SendMessageCommand, 1);
    },
  );
});
