import { describe, expect, it } from 'vitest';
import {
  ABOVE_LIMIT,
  bearing,
  denyServicesOf,
  named,
  nextRound,
  pass,
  placeOf,
  round,
  runInSide,
} from './naming.ts';
import { container, expectPlaces, type Flow, startFlow } from './stage.ts';

const ALL = 3 * ABOVE_LIMIT;

const run = (flow: Flow, definition: Parameters<Flow['run']>[0], count = ABOVE_LIMIT) => {
  for (let at = 0; at < count; at++) flow.run(definition);
};

/** A deployment by mistake, in a round of its own, once all is at rest. */
const redeploy = async (flow: Flow, environment: Readonly<Record<string, string>>) => {
  await flow.settle();
  await nextRound(flow);
  await flow.stack.redeploy(environment);
  await nextRound(flow);
};

const saying = (name: string) => ({
  containerDefinitions: [container({ dockerLabels: { SERVICE_NAME: name } })],
});

describe('a service’s own name is withheld above the delete limit, though another serves it,', () => {
  it.each([
    ['{family}', []],
    ['{cluster}-{service}', named('web')],
  ])('where a template is wrong: %s', async (template, tags) => {
    const flow = await startFlow();
    runInSide(flow, { family: 'web' }, 1);
    run(flow, { family: 'web', tags });
    await redeploy(flow, { ROLLCALL_NAME_TEMPLATES: `shop=${template}` });
    expect(await bearing(flow, 'web')).toHaveLength(ALL + 3);
    expect((await flow.stack.reconcile.invoke()).withheld).toMatchObject([{ why: 'renamed' }]);
  });

  it.each<[string, object, Readonly<Record<string, string>>]>([
    ['a tag', { tags: named('pay') }, {}],
    ['a label of a pinned name', saying('pay'), { ROLLCALL_NAMES: 'pay=shop/pay' }],
  ])('where it begins with one that %s says without effect', async (_, definition, environment) => {
    const flow = await startFlow({ environment });
    flow.run({ family: 'pay' });
    runInSide(flow, { family: 'pay-roll', ...definition });
    await redeploy(flow, { ROLLCALL_NAME_TEMPLATES: 'side={cluster}-{service}' });
    expect(await bearing(flow, 'pay-roll')).toHaveLength(ALL);
  });

  it.each(['pay=shop/pay;pay-roll=shop/pay', 'pay-roll=shop/api'])(
    'where a pin is wrong: %s',
    async (pins) => {
      const flow = await startFlow();
      flow.run({ family: 'pay' });
      flow.run({ family: 'api', tags: named('pay-roll') });
      run(flow, { family: 'pay-roll' });
      await redeploy(flow, { ROLLCALL_NAMES: pins });
      expect((await bearing(flow, 'pay-roll')).length).toBeGreaterThanOrEqual(ALL);
    },
  );
});

describe('a name stays where its owner serves another that is like it', () => {
  it('with runs that call themselves as a port of a service would be', async () => {
    const flow = await startFlow();
    const { world } = flow.stack;
    world.registerTaskDefinition({
      family: 'job',
      networkMode: 'awsvpc',
      containerDefinitions: [container()],
    });
    const environment = [{ name: 'SERVICE_NAME', value: 'batch-worker' }];
    for (let at = 0; at < ABOVE_LIMIT; at++)
      world.runTask({
        cluster: 'shop',
        taskDefinition: 'job',
        startedBy: 'ci',
        launchType: 'FARGATE',
        overrides: [{ name: 'app', environment }],
      });
    await flow.settle();
    await nextRound(flow);
    flow.run({ family: 'batch' });
    await flow.settle();
    await nextRound(flow);
    await nextRound(flow);
    expect(await bearing(flow, 'batch-worker')).toHaveLength(ALL);
  });

  it('with a port of the younger of two services, of which the elder has none: refuse', async () => {
    const flow = await startFlow();
    flow.run({ family: 'web' });
    await flow.settle();
    await pass(2_000);
    const portMappings = [{ containerPort: 8080 }, { containerPort: 81, name: 'admin' }];
    runInSide(flow, { family: 'web', containerDefinitions: [container({ portMappings })] });
    await redeploy(flow, { ROLLCALL_SHARED_NAMES: 'refuse' });
    expect(await bearing(flow, 'web')).toHaveLength(3);
    expect(await bearing(flow, 'web-admin')).toHaveLength(ALL);
  });
});

describe('a name that others bear', () => {
  it('stays with them where the owner’s only task has stopped, of which no event has come yet', async () => {
    const flow = await startFlow();
    runInSide(flow, { tags: named('payments') });
    await flow.settle();
    const owner = flow.run({ family: 'payments' });
    await flow.settle();
    await pass(60_000);
    flow.stack.world.stopTask(owner.taskArn);
    await round(flow);
    expect(await bearing(flow, 'payments')).toHaveLength(ALL);
  });
});

describe('while the services of one cluster cannot be listed', () => {
  it('whoever says a second name, which may be another’s, keeps no known one for that', async () => {
    const flow = await startFlow();
    const dockerLabels = { SERVICE_81_NAME: 'web-x' };
    const portMappings = [{ containerPort: 8080 }, { containerPort: 81 }];
    const definition = { containerDefinitions: [container({ portMappings, dockerLabels })] };
    runInSide(flow, { tags: named('payments'), ...definition });
    await flow.settle();
    const owner = flow.run({ family: 'payments' });
    await flow.settle();
    expect(await bearing(flow, 'web-x')).toHaveLength(ALL);
    denyServicesOf(flow, 'sick');
    await flow.stack.redeploy({});
    await nextRound(flow);
    await nextRound(flow);
    expect(await bearing(flow, 'payments')).toEqual(
      ['cloudmap', 'consul', 'eureka'].map((one) => `${one} payments ${placeOf(owner)}`),
    );
    expect(await bearing(flow, 'web')).toHaveLength(ALL);
    expect(await bearing(flow, 'web-x')).toHaveLength(ALL);
    expect(await bearing(flow, 'web-81')).toEqual([]);
  });

  it('the health of whoever says a name is kept true, under this name alone', async () => {
    const flow = await startFlow();
    const health = { healthCheck: { command: ['CMD-SHELL', 'true'] } };
    const one = flow.run({ tags: named('canary'), containerDefinitions: [container(health)] });
    flow.stack.world.setHealth(one.taskArn, 'HEALTHY');
    await flow.settle();
    await nextRound(flow);
    denyServicesOf(flow, 'sick');
    await flow.stack.redeploy({});
    await nextRound(flow);
    await expectPlaces(flow, `canary ${placeOf(one)}`);
    flow.stack.world.setHealth(one.taskArn, 'UNHEALTHY');
    await nextRound(flow);
    await expectPlaces(flow, `canary ${placeOf(one)} unhealthy`);
  });
});
