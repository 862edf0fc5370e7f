import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { REGISTRY_NAMES } from '../../../shared/model/registration.ts';
import { type Look, parseMessage } from '../../../shared/source/message.ts';
import { sqsLookQueue } from '../../../shared/sync/requeue/look-queue.ts';

const anyLook: fc.Arbitrary<Look> = fc
  .record({
    cluster: fc.string(),
    tasks: fc.array(fc.string(), { minLength: 1, maxLength: 100 }),
    registry: fc.constantFrom(undefined, ...REGISTRY_NAMES),
    look: fc.integer({ min: 0, max: 4 }),
    operations: fc.array(fc.string()),
    unseen: fc.option(
      fc.array(
        fc.record({
          task: fc.string(),
          id: fc.string(),
          service: fc.string(),
          protocol: fc.constantFrom('tcp' as const, 'udp' as const),
        }),
      ),
      { nil: undefined },
    ),
  })
  .map(({ registry, unseen, ...look }) => ({
    ...look,
    ...(registry && { registry }),
    ...(unseen && { unseen }),
  }));

it('a look that is queued is read back as it was', async () => {
  const client = new SQSClient({ region: 'eu-west-1' });
  const sqs = mockClient(client);
  sqs.on(SendMessageBatchCommand).resolves({});
  const queue = sqsLookQueue(client, 'https://queue.invalid/looks');
  await fc.assert(
    fc.asyncProperty(anyLook, async (look) => {
      sqs.resetHistory();
      await queue.send([{ ...look, delaySeconds: 5 }], new AbortController().signal);
      const [call] = sqs.commandCalls(SendMessageBatchCommand);
      const body = call?.args[0].input.Entries?.[0]?.MessageBody ?? '';
      expect(parseMessage(body)).toEqual({ kind: 'look', ...look });
    }),
  );
});
