import {
  CreateClusterCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  paginateListTasks,
} from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MOTO_ACCOUNT, type Moto, motoPython, startMoto } from '../../scripts/real/moto.ts';
import { withReal } from './real.ts';

const REGION = 'eu-central-1';
const arnOf = (kind: string, name: string) => `arn:aws:ecs:${REGION}:${MOTO_ACCOUNT}:${kind}/${name}`;

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
  describe('tasks pushed into moto', () => {
    let moto: Moto;
    let ecs: ECSClient;
    const tasks = Array.from({ length: 250 }, (_, at) => taskOf(at));
    const [first] = tasks;
    beforeAll(async () => {
      moto = await startMoto(python);
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
      ecs = new ECSClient({ endpoint: moto.url, region: REGION, credentials });
      for (const clusterName of ['shop', 'other']) await ecs.send(new CreateClusterCommand({ clusterName }));
      await moto.pushTasks(tasks);
    });
    afterAll(() => moto?.stop());

    const listed = async (input: object = {}) => {
      const pages = [];
      for await (const { taskArns } of paginateListTasks({ client: ecs }, { cluster: 'shop', ...input }))
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
      await expect(described(...tasks.slice(0, 101).map(({ taskArn }) => taskArn))).rejects.toMatchObject({
        name: 'InvalidParameterException',
      });
    });

    test('stop when they are changed, and vanish when they are forgotten', async () => {
      const [, , { taskArn } = taskOf(0)] = tasks;
      await moto.pushTasks([{ taskArn, desiredStatus: 'STOPPED', version: 3 }]);
      expect((await listed()).flat()).not.toContain(taskArn);
      expect((await listed({ desiredStatus: 'STOPPED' })).flat()).toEqual([taskArn]);
      expect(await described(taskArn)).toMatchObject({ tasks: [{ lastStatus: 'RUNNING', version: 3 }] });
      await moto.forgetTasks([taskArn]);
      expect(await described(taskArn)).toMatchObject({ tasks: [], failures: [{ reason: 'MISSING' }] });
    });
  });
});
