import {
  CreateClusterCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  paginateListTasks,
} from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Question } from '../../scripts/real/ask-aws.ts';
import { MOTO_ACCOUNT, type Moto, motoPython, startMoto } from '../../scripts/real/moto.ts';
import { at, type Json } from '../../scripts/stack/template.ts';
import { withReal } from './real.ts';
import { type Ask, asking } from './support/stack.ts';

const REGION = 'eu-central-1';
const arnOf = (kind: string, name: string) =>
  `arn:aws:ecs:${REGION}:${MOTO_ACCOUNT}:${kind}/${name}`;

const taskOf = (at: number) => ({
  taskArn: arnOf('task', `shop/${String(at).padStart(32, '0')}`),
  clusterArn: arnOf('cluster', 'shop'),
  taskDefinitionArn: arnOf('task-definition', at < 5 ? 'db:1' : 'web:1'),
  desiredStatus: 'RUNNING',
  lastStatus: 'RUNNING',
  version: 2,
  containers: [{ name: 'web', networkBindings: [{ containerPort: 80, hostPort: 32_768 + at }] }],
});

await withReal('moto', motoPython, (python) => {
  describe('what AWS refuses, moto refuses', () => {
    let moto: Moto;
    let ask: Ask;
    let url: string;
    const queue = `arn:aws:sqs:${REGION}:${MOTO_ACCOUNT}:events`;
    beforeAll(async () => {
      moto = await startMoto(python);
      ask = asking(moto, python);
      const [made] = await ask(['sqs', 'create_queue', { QueueName: 'events' }]);
      url = String(at(made, 'QueueUrl'));
      await ask(['servicediscovery', 'create_http_namespace', { Name: 'shop' }]);
    });
    afterAll(() => moto?.stop());

    const withPolicy = (Resource: Json) => ({
      Policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource }],
      }),
    });
    const attributes = (Attributes: Json): Question => [
      'sqs',
      'set_queue_attributes',
      { QueueUrl: url, Attributes },
    ];
    const parameter = (Value: string): Question => [
      'ssm',
      'put_parameter',
      { Name: '/a/summary', Type: 'String', Value, Overwrite: true },
    ];

    test.each([
      [
        'a queue policy of two resources',
        () => attributes(withPolicy([queue, `${queue}2`])),
        /Policy/,
      ],
      ['a queue policy of another queue', () => attributes(withPolicy(`${queue}2`)), /Policy/],
      ['a key beside the other encryption', () => attributes({ KmsMasterKeyId: 'a' }), /one type/],
      ['a parameter that names a parameter', () => parameter('{"label":"{{port}}"}'), /nest/],
      [
        'a namespace of a name that is there',
        (): Question => ['servicediscovery', 'create_http_namespace', { Name: 'shop' }],
        /NamespaceAlreadyExists/,
      ],
    ])('%s', async (_, question, reason) => {
      await expect(ask(question())).rejects.toThrow(reason);
    });

    test('and takes what AWS takes', async () => {
      await ask(
        attributes(withPolicy(queue)),
        attributes({ KmsMasterKeyId: 'a', SqsManagedSseEnabled: 'false' }),
        parameter('{"label":"{port}"}'),
        ['servicediscovery', 'create_http_namespace', { Name: 'other' }],
      );
    });
  });

  describe('tasks pushed into moto', () => {
    let moto: Moto;
    let ecs: ECSClient;
    const tasks = Array.from({ length: 250 }, (_, at) => taskOf(at));
    const [first] = tasks;
    beforeAll(async () => {
      moto = await startMoto(python);
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
      ecs = new ECSClient({ endpoint: moto.url, region: REGION, credentials });
      for (const clusterName of ['shop', 'other'])
        await ecs.send(new CreateClusterCommand({ clusterName }));
      await moto.pushTasks(tasks);
    });
    afterAll(() => moto?.stop());

    const listed = async (input: object = {}) => {
      const pages = [];
      for await (const { taskArns } of paginateListTasks(
        { client: ecs },
        { cluster: 'shop', ...input },
      ))
        pages.push(taskArns ?? []);
      return pages;
    };
    const described = (...asked: readonly string[]) =>
      ecs.send(new DescribeTasksCommand({ cluster: 'shop', tasks: [...asked] }));

    test('are listed in pages of 100, by family, and in their cluster alone', async () => {
      expect((await listed()).map(({ length }) => length)).toEqual([100, 100, 50]);
      expect((await listed({ family: 'db' })).flat()).toHaveLength(5);
      expect((await ecs.send(new ListTasksCommand({ cluster: 'other' }))).taskArns).toEqual([]);
    });

    test('are described as they were pushed, however often, and unknown ones are missing', async () => {
      const unknown = arnOf('task', `shop/${'f'.repeat(32)}`);
      for (const _ of ['once', 'twice'])
        expect(await described(first?.taskArn ?? '', unknown)).toMatchObject({
          tasks: [first],
          failures: [{ arn: unknown, reason: 'MISSING' }],
        });
      await expect(
        described(...tasks.slice(0, 101).map(({ taskArn }) => taskArn)),
      ).rejects.toMatchObject({
        name: 'InvalidParameterException',
      });
    });

    test('stop when they are changed, and vanish when they are forgotten', async () => {
      const [, , { taskArn } = taskOf(0)] = tasks;
      await moto.pushTasks([{ taskArn, desiredStatus: 'STOPPED', version: 3 }]);
      expect((await listed()).flat()).not.toContain(taskArn);
      expect((await listed({ desiredStatus: 'STOPPED' })).flat()).toEqual([taskArn]);
      expect(await described(taskArn)).toMatchObject({
        tasks: [{ lastStatus: 'RUNNING', version: 3 }],
      });
      await moto.forgetTasks([taskArn]);
      expect(await described(taskArn)).toMatchObject({
        tasks: [],
        failures: [{ reason: 'MISSING' }],
      });
    });
  });
});
