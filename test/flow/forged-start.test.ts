import { describe, expect, it } from 'vitest';
import type { AwsEvent } from '../../local/aws/world/shapes.ts';
import { container, startFlow } from './stage.ts';

type Detail = Readonly<Record<string, unknown>>;

/** What is registered once tasks run that no service started, and once events lie about them. */
const forging = async (lie: Detail, { tasks = 1, version = 1 } = {}) => {
  const flow = await startFlow();
  const { world, sqs } = flow.stack;
  world.addCluster('evil');
  const told: AwsEvent[] = [];
  let last: AwsEvent | undefined;
  world.onEvent((event) => {
    last = event;
  });
  world.registerTaskDefinition({
    family: 'evil',
    networkMode: 'awsvpc',
    containerDefinitions: [container()],
  });
  for (let at = 0; at < tasks; at++) {
    world.runTask({ cluster: 'evil', taskDefinition: 'evil', launchType: 'FARGATE' });
    if (last) told.push(last);
  }
  await flow.settle();
  expect((await flow.places()).eureka).toEqual([]);
  for (const event of told) {
    const { detail } = event;
    const startedAt = new Date().toISOString();
    const next = { startedAt, version: Number(detail['version']) + version };
    const made = {
      ...event,
      id: 'forged',
      time: startedAt,
      detail: { ...detail, ...next, ...lie },
    };
    sqs.queue('rollcall-events')?.send(JSON.stringify(made));
  }
  await flow.settle();
  expect(flow.saying('what ECS contradicts')).toHaveLength(tasks);
  return flow.places();
};

const NOTHING = { cloudmap: [], consul: [], eureka: [] };
const OF_PAYMENTS = { group: 'service:payments', startedBy: 'ecs-svc/1' };
const overrides = {
  containerOverrides: [{ name: 'app', environment: [{ name: 'SERVICE_NAME', value: 'payments' }] }],
};

describe('a made-up event of a task that runs', () => {
  it('registers it under no other service’s name, whatever version it says, for more than a call', async () => {
    expect(await forging(OF_PAYMENTS)).toMatchObject(NOTHING);
    expect(await forging(OF_PAYMENTS, { version: 1_000_000 })).toMatchObject(NOTHING);
  });

  it('nor do eleven, which no limit keeps', async () => {
    expect(await forging(OF_PAYMENTS, { tasks: 11 })).toMatchObject(NOTHING);
  });

  it('nor by a name that the run is to have said', async () => {
    expect(await forging({ overrides })).toMatchObject(NOTHING);
  });
});
