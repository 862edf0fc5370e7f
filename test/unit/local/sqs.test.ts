import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { createSqs } from '../../../local/aws/sqs.ts';
import { createClock } from '../../../local/clock.ts';
import { serve } from './sdk.ts';

const start = async () => {
  const clock = createClock();
  let origin = '';
  const service = createSqs({ now: clock.now, origin: () => origin });
  const { server, config } = await serve(service);
  origin = server.url;
  const dead = service.createQueue('dead');
  service.createQueue('events', {
    visibilityTimeout: 60,
    redrive: { deadLetter: dead, maxReceiveCount: 2 },
  });
  const sqs = new SQSClient(config);
  const QueueUrl = service.queueUrl('events');
  const send = (MessageBody: string, DelaySeconds?: number) =>
    sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds }));
  const receive = async (queue = 'events') => {
    const command = new ReceiveMessageCommand({
      QueueUrl: service.queueUrl(queue),
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['All'],
    });
    return (await sqs.send(command)).Messages ?? [];
  };
  const bodies = async (queue?: string) => (await receive(queue)).map(({ Body }) => Body);
  return { clock, sqs, QueueUrl, send, receive, bodies, service };
};

describe('messages', () => {
  test('arrive whole: the SDK checks the MD5 of sent and received bodies', async () => {
    const { send, receive } = await start();
    const { MessageId } = await send('grüß <dich> &');
    expect(await receive()).toMatchObject([
      { MessageId, Body: 'grüß <dich> &', Attributes: { ApproximateReceiveCount: '1' } },
    ]);
  });

  test('a delayed one is not visible before its time', async () => {
    const { clock, send, bodies } = await start();
    await send('later', 900);
    clock.advance(899_999);
    expect(await bodies()).toEqual([]);
    clock.advance(1);
    expect(await bodies()).toEqual(['later']);
  });

  test('a received one is hidden for the visibility timeout, a deleted one for ever', async () => {
    const { clock, sqs, QueueUrl, send, receive, bodies } = await start();
    await send('a');
    expect(await bodies()).toEqual(['a']);
    expect(await bodies()).toEqual([]);
    clock.advance(60_000);
    const [again] = await receive();
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again?.ReceiptHandle }));
    clock.advance(60_000);
    expect(await bodies()).toEqual([]);
    expect(await bodies('dead')).toEqual([]);
  });

  test('the handle of an earlier receive deletes nothing', async () => {
    const { clock, sqs, QueueUrl, send, receive, service } = await start();
    await send('a');
    const [first] = await receive();
    clock.advance(60_000);
    await receive();
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
    expect(service.queue('events')?.messages()).toHaveLength(1);
  });

  test('go to the dead-letter queue when received too often', async () => {
    const { clock, send, bodies } = await start();
    await send('poison');
    for (const expected of [['poison'], ['poison'], []]) {
      expect(await bodies()).toEqual(expected);
      clock.advance(60_000);
    }
    expect(await bodies('dead')).toEqual(['poison']);
  });

  test('can be shown again at once, as long as they are in flight', async () => {
    const { sqs, QueueUrl, send, receive, bodies } = await start();
    await send('a');
    const [message] = await receive();
    const show = new ChangeMessageVisibilityCommand({
      QueueUrl,
      ReceiptHandle: message?.ReceiptHandle,
      VisibilityTimeout: 0,
    });
    await sqs.send(show);
    await expect(sqs.send(show)).rejects.toMatchObject({ name: 'MessageNotInflight' });
    expect(await bodies()).toEqual(['a']);
  });
});

describe('batches', () => {
  test('one bad entry fails alone', async () => {
    const { sqs, QueueUrl, bodies } = await start();
    const { Successful, Failed } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'good', MessageBody: 'a' },
          { Id: 'bad', MessageBody: 'b', DelaySeconds: 901 },
        ],
      }),
    );
    expect(Successful?.map(({ Id }) => Id)).toEqual(['good']);
    expect(Failed).toMatchObject([{ Id: 'bad', Code: 'InvalidParameterValue', SenderFault: true }]);
    expect(await bodies()).toEqual(['a']);
  });

  test('delete what they name', async () => {
    const { sqs, QueueUrl, send, receive, service } = await start();
    await Promise.all([send('a'), send('b')]);
    const Entries = (await receive()).map(({ ReceiptHandle }, n) => ({
      Id: `${n}`,
      ReceiptHandle,
    }));
    const { Successful } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    expect(Successful).toHaveLength(2);
    expect(service.queue('events')?.messages()).toEqual([]);
  });

  test.each([
    ['nothing', [], 'EmptyBatchRequest'],
    [
      'eleven entries',
      Array.from({ length: 11 }, (_, n) => `${n}`),
      'TooManyEntriesInBatchRequest',
    ],
    ['an id twice', ['a', 'a'], 'BatchEntryIdsNotDistinct'],
  ])('are refused with %s', async (_what, ids, name) => {
    const { sqs, QueueUrl } = await start();
    const Entries = ids.map((Id) => ({ Id, MessageBody: 'a' }));
    await expect(
      sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries })),
    ).rejects.toMatchObject({
      name,
    });
  });
});

describe('refusals and attributes', () => {
  test.each([
    [901, 'must be between 0 and 900'],
    [-1, 'must be between 0 and 900'],
  ])('a delay of %d seconds is refused', async (delay, message) => {
    const { send } = await start();
    await expect(send('a', delay)).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringMatching(new RegExp(message, 'i')),
    });
  });

  test('an unknown queue and a foreign handle are refused', async () => {
    const { sqs, QueueUrl } = await start();
    const url = new GetQueueUrlCommand({ QueueName: 'nowhere' });
    await expect(sqs.send(url)).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    const remove = new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'x' });
    await expect(sqs.send(remove)).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
  });

  test('a queue tells its URL, its counts and its redrive policy', async () => {
    const { sqs, QueueUrl, send, receive } = await start();
    await send('a');
    await receive();
    await Promise.all([send('b'), send('c', 60)]);
    expect((await sqs.send(new GetQueueUrlCommand({ QueueName: 'events' }))).QueueUrl).toBe(
      QueueUrl,
    );
    const attributes = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
    expect((await sqs.send(attributes)).Attributes).toMatchObject({
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '1',
      ApproximateNumberOfMessagesDelayed: '1',
      VisibilityTimeout: '60',
      RedrivePolicy:
        '{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:111122223333:dead","maxReceiveCount":2}',
    });
  });
});
