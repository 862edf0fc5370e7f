import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeTasksCommand, ECSClient } from '@aws-sdk/client-ecs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createEc2 } from '../../local/aws/ec2.ts';
import { createEcs } from '../../local/aws/ecs.ts';
import { type Exchange, watchExchanges } from '../../local/aws/exchange.ts';
import { startAws } from '../../local/aws/server.ts';
import { createWorld } from '../../local/aws/world.ts';
import { modelsFolder } from '../../scripts/real/models.ts';
import { checkExchange } from '../models/exchange.ts';
import { modelOf } from '../models/model.ts';
import { RIGHT, WRONG } from '../models/planted.ts';
import { toPattern } from '../models/value.ts';
import { withReal } from './real.ts';

const TARGETS = [
  'AmazonEC2ContainerServiceV20141113',
  'Route53AutoNaming_v20170314',
  'AmazonSQS',
  'AmazonSSM',
  'secretsmanager',
  'ec2',
];

await withReal('AWS’s service models', modelsFolder, () => {
  describe('the check of every call against AWS’s service models', () => {
    test.each(RIGHT)('finds nothing in %s', (_, exchange) =>
      expect(checkExchange(exchange)).toEqual([]),
    );

    test.each(WRONG)('finds %s', (_, exchange, expected) =>
      expect(checkExchange(exchange)).toEqual([expect.stringMatching(expected)]),
    );

    test.each(TARGETS)('can read every pattern of %s', (target) => {
      const shapes = Object.values(modelOf(target)?.shapes ?? {});
      expect(shapes).not.toEqual([]);
      for (const { pattern } of shapes) expect(() => toPattern(pattern ?? '')).not.toThrow();
    });

    test('sees the calls as they stand on the wire, in both protocols', async () => {
      const world = createWorld();
      const { url, stop } = await startAws([createEcs(world), createEc2(world)]);
      onTestFinished(stop);
      const seen: Exchange[] = [];
      watchExchanges((exchange) => seen.push(exchange));
      const config = {
        endpoint: url,
        region: 'eu-central-1',
        credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      };
      const { clusterName } = world.addCluster('watched');
      await new ECSClient(config).send(
        new DescribeTasksCommand({ cluster: clusterName, tasks: ['f'.repeat(32)] }),
      );
      await new EC2Client(config).send(new DescribeInstancesCommand({}));
      expect(seen.map(({ operation }) => operation)).toEqual([
        'DescribeTasks',
        'DescribeInstances',
      ]);
      expect(seen.flatMap(checkExchange)).toEqual([]);
      const [planted] = seen.map((one) => ({
        ...one,
        answer: one.answer.replace('MISSING', 'GONE').replace('"reason"', '"why"'),
      }));
      expect(planted && checkExchange(planted)).toEqual([
        expect.stringMatching(/failures\[0\]\.why: expected/),
      ]);
    });
  });
});
