import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { captureLog } from '../../local/log.ts';
import { startStack } from '../../local/stack.ts';
import { type ConsulServer, debianConsul, startConsul } from '../../scripts/real/consul.ts';
import { type Ages, createLedger, quantile, serve } from '../support/storm.ts';
import { withReal } from './real.ts';

/** Of a storm's half, in milliseconds: so many tasks start, and as many others stop. */
const HALF = 15_000;
const TASKS = 60;

type Stack = Awaited<ReturnType<typeof startStack>>;

const startTask = ({ world }: Stack) =>
  world.runTask({ cluster: 'storm', taskDefinition: 'web', service: 'web', launchType: 'FARGATE' })
    .taskArn;

/** Half a storm, and how old the news was when the registries that work were told of it. */
const blow = async (stack: Stack) => {
  const { world, aws, eureka } = stack;
  const before = Array.from({ length: TASKS }, () => startTask(stack));
  await serve({ stack, now: Date.now }, 3_000);
  const ledger = createLedger(Date.now);
  const [toCloudMap, toEureka] = [ledger.arrived('cloudmap'), ledger.arrived('eureka')];
  aws.faults.latency = async (request) => toCloudMap(request);
  if (eureka) eureka.faults.latency = async (request) => toEureka(request);
  const happen = before.map(async (taskArn, at) => {
    await sleep((at * HALF) / TASKS);
    ledger.started(startTask(stack));
    ledger.stopped(taskArn);
    world.stopTask(taskArn, { until: 'RUNNING' });
  });
  await Promise.all([...happen, serve({ stack, now: Date.now }, HALF + 3_000)]);
  const { cloudmap, eureka: other } = ledger.ages();
  return [cloudmap.starts, cloudmap.stops, other.starts, other.stops];
};

type Lists = readonly Ages['starts'][];

await withReal('Consul 1.8.7', debianConsul, (binary) => {
  test('a Consul that is stopped does not hold up the others', { timeout: 180_000 }, async () => {
    const consul: ConsulServer = await startConsul(binary);
    const release = captureLog(() => {});
    const stack = await startStack({ real: { CONSUL_HTTP_ADDR: consul.url } });
    stack.world.addCluster('storm');
    const portMappings = [{ containerPort: 8080 }];
    const containerDefinitions = [{ name: 'app', image: 'example/app:1', portMappings }];
    stack.world.registerTaskDefinition({
      family: 'web',
      networkMode: 'awsvpc',
      containerDefinitions,
    });
    try {
      const calm: Lists = await blow(stack);
      consul.pause();
      const hindered: Lists = await blow(stack);
      for (const [at, ages] of hindered.entries()) {
        const usual = calm[at] ?? [];
        // A busy machine may double what virtual time holds to a fifth; without the wall it is
        // seconds.
        expect(quantile(ages, 0.5)).toBeLessThan(quantile(usual, 0.5) * 2 + 100);
        expect(quantile(ages, 0.99)).toBeLessThan(quantile(usual, 0.99) * 2 + 1_500);
      }
    } finally {
      consul.resume();
      await stack.stop();
      release();
      await consul.stop();
    }
  });
});
