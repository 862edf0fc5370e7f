import { describe, expect, it } from 'vitest';
import { ABOVE_LIMIT, bearing, denyServicesOf, named, nextRound, runInSide } from './naming.ts';
import { container, type Flow, startFlow } from './stage.ts';

const saying = (name: string) => ({
  overrides: [{ name: 'app', environment: [{ name: 'SERVICE_NAME', value: name }] }],
});

/** Tasks without a service, of the family `job`. */
const startRuns = ({ stack: { world } }: Flow, count: number, more: object = {}) => {
  world.registerTaskDefinition({
    family: 'job',
    networkMode: 'awsvpc',
    containerDefinitions: [container()],
  });
  const run = {
    cluster: 'shop',
    taskDefinition: 'job',
    startedBy: 'ci',
    launchType: 'FARGATE',
  } as const;
  for (let at = 0; at < count; at++) world.runTask({ ...run, ...more });
};

/** All are registered; then ECS lists one cluster’s services no more, to functions that are new. */
const loseSight = async (flow: Flow) => {
  await flow.settle();
  await nextRound(flow);
  denyServicesOf(flow, 'sick');
  await flow.stack.redeploy({});
  await nextRound(flow);
  await nextRound(flow);
};

describe('while the services of one other cluster cannot be listed, living tasks keep the names', () => {
  it.each([3, 10, ABOVE_LIMIT])('that %i runs say, and have them afterwards', async (count) => {
    const flow = await startFlow();
    startRuns(flow, count, saying('worker'));
    await loseSight(flow);
    expect(await bearing(flow, 'worker')).toHaveLength(3 * count);
    flow.stack.aws.faults.clear();
    await nextRound(flow);
    expect(await bearing(flow, 'worker')).toHaveLength(3 * count);
  });

  it('that forty runs say beside forty tasks of services', async () => {
    const flow = await startFlow();
    startRuns(flow, 40, saying('worker'));
    for (let at = 0; at < 40; at++) flow.run({}, { launchType: 'FARGATE' });
    await loseSight(flow);
    expect(await bearing(flow, 'worker')).toHaveLength(3 * 40);
  });

  it.each([3, ABOVE_LIMIT])('that %i runs have by their family (tasks=all)', async (count) => {
    const flow = await startFlow({ environment: { ROLLCALL_TASKS: 'all' } });
    startRuns(flow, count);
    await loseSight(flow);
    expect(await bearing(flow, 'job')).toHaveLength(3 * count);
  });

  it.each([3, ABOVE_LIMIT])(
    'that a template with {family} gives %i of a service',
    async (count) => {
      const flow = await startFlow({ environment: { ROLLCALL_NAME_TEMPLATE: '{family}' } });
      runInSide(flow, { family: 'web' }, count);
      await loseSight(flow);
      expect(await bearing(flow, 'web')).toHaveLength(3 * count);
    },
  );

  const portMappings = [{ containerPort: 8080 }, { containerPort: 81, name: 'admin' }];
  const containerDefinitions = [container({ portMappings })];

  it.each([3, ABOVE_LIMIT])('that registrator makes under refuse, of %i tasks', async (count) => {
    const environment = { ROLLCALL_PROFILE: 'registrator', ROLLCALL_SHARED_NAMES: 'refuse' };
    const flow = await startFlow({ environment });
    runInSide(flow, { family: 'web', containerDefinitions }, count);
    await loseSight(flow);
    expect(await bearing(flow, 'web-81')).toHaveLength(3 * count);
  });

  it.each([1, 10])('that a tag makes for further ports of %i tasks', async (count) => {
    const flow = await startFlow();
    for (let at = 0; at < count; at++) flow.run({ tags: named('payments'), containerDefinitions });
    await loseSight(flow);
    expect(await bearing(flow, 'payments')).toHaveLength(3 * count);
    expect(await bearing(flow, 'payments-admin')).toHaveLength(3 * count);
  });
});
