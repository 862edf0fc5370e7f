import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import type { Moto } from '../../../scripts/real/moto.ts';
import { type RunningFunction, startFunction } from '../../../scripts/real/ric.ts';
import { at } from '../../../scripts/stack/template.ts';
import { type Project, REGION, STACK } from './project.ts';
import type { ReadStack } from './stack.ts';

/** A stack at moto, and what it takes to run its functions. */
export interface Deployment {
  readonly moto: Moto;
  readonly python: string;
  readonly ric: string;
  readonly project: Project;
  readonly stack: ReadStack;
}

/**
 * The zip that was deployed, with the environment that Lambda keeps for it. `camel` is the name in
 * serverless.yml.
 */
export const startDeployed = async (
  { moto, python, ric, project, stack }: Deployment,
  { name, camel }: { readonly name: string; readonly camel: string },
): Promise<RunningFunction> => {
  const configuration = stack.functions[`${STACK}-${name}`];
  const zip = join(project.folder, '.serverless', `${camel}.zip`);
  const hash = createHash('sha256')
    .update(await readFile(zip))
    .digest('base64');
  if (hash !== at(configuration, 'CodeSha256')) throw new Error(`${zip} is not what was deployed`);
  const folder = join(project.folder, 'unzipped', name);
  await promisify(execFile)(python, ['-m', 'zipfile', '-e', zip, folder]);
  // The SDK follows a queue's URL rather than its endpoint, and in a template's answers moto calls
  // itself AWS.
  const here = Object.entries(Object(at(configuration, 'Environment', 'Variables'))).map(
    ([key, value]) => [key, String(value).replace(`https://sqs.${REGION}.amazonaws.com`, moto.url)],
  );
  return startFunction({
    ric,
    folder,
    name: `${STACK}-${name}`,
    handler: String(at(configuration, 'Handler')),
    environment: { ...Object.fromEntries(here), ...moto.environment },
    region: REGION,
  });
};

/** What an event source mapping does with a queue, by hand. */
export const openQueue = (moto: Moto, arn: string) => {
  const [, account, name] = /:(\d+):([^:]+)$/.exec(arn) ?? [];
  const QueueUrl = `${moto.url}/${account}/${name}`;
  const client = new SQSClient({
    endpoint: moto.url,
    region: REGION,
    credentials: { accessKeyId: 'moto', secretAccessKey: 'moto' },
  });
  return {
    /** All that is visible now. */
    async receive(): Promise<readonly Message[]> {
      const all: Message[] = [];
      for (;;) {
        const { Messages = [] } = await client.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: 10,
            MessageSystemAttributeNames: ['All'],
          }),
        );
        if (Messages.length === 0) return all;
        all.push(...Messages);
      }
    },
    async remove(messages: readonly Message[]): Promise<void> {
      const Entries = messages.map(({ MessageId, ReceiptHandle }) => ({
        Id: MessageId,
        ReceiptHandle,
      }));
      await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    },
  };
};

export const toSqsEvent = (messages: readonly Message[], eventSourceARN: string): SQSEvent => ({
  Records: messages.map(
    ({ MessageId = '', ReceiptHandle = '', Body = '', MD5OfBody = '', Attributes = {} }) => ({
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body,
      attributes: {
        ApproximateReceiveCount: Attributes.ApproximateReceiveCount ?? '1',
        SentTimestamp: Attributes.SentTimestamp ?? '',
        SenderId: Attributes.SenderId ?? '',
        ApproximateFirstReceiveTimestamp: Attributes.ApproximateFirstReceiveTimestamp ?? '',
      },
      messageAttributes: {},
      md5OfBody: MD5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN,
      awsRegion: REGION,
    }),
  ),
});
