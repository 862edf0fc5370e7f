import { describe, expect, it } from 'vitest';
import { createWorld } from '../../local/aws/world.ts';
import { container, expectPlaces, startFlow } from './stage.ts';

const HOUR = 3_600_000;

/**
 * A stack with so many tasks registered, whose tasks ECS then forgets: their events lost, and over
 * an hour gone.
 */
const withForgotten = async (count: number) => {
  let now = Date.now() - 2 * HOUR;
  const world = createWorld({ now: () => now });
  const flow = await startFlow({ world });
  const tasks = Array.from({ length: count }, () => flow.run());
  await flow.settle();
  await flow.stack.reconcile.invoke();
  world.dropNext(Number.POSITIVE_INFINITY);
  for (const { taskArn } of tasks) world.stopTask(taskArn);
  now += 2 * HOUR;
  return flow;
};

describe('the delete limit', () => {
  it('withholds removals of merely missing tasks until an operator releases that very plan', async () => {
    const flow = await withForgotten(12);
    const { stack } = flow;
    const before = await flow.places();
    expect(before.consul).toHaveLength(12);

    const summary = await stack.reconcile.invoke();
    expect(await flow.places()).toEqual(before);
    const [withheld] = summary.withheld;
    expect(withheld?.removals).toBe(36);
    await expect(stack.operate({ command: 'release', plan: 'other' })).rejects.toThrow(
      'release: expected a plan that',
    );
    expect((await stack.inspect({ command: 'plan' })).text).toContain(
      'withheld: above the delete limit',
    );

    await stack.operate({ command: 'release', plan: withheld?.plan });
    expect(await flow.places()).toEqual(before);
    await stack.reconcile.invoke();
    await flow.settle();
    await expectPlaces(flow);
  });

  it('holds for an hour: half of the tasks forgotten, and half of the others a minute later', async () => {
    let now = Date.now() - 2 * HOUR;
    const world = createWorld({ now: () => now });
    const flow = await startFlow({ world });
    const tasks = Array.from({ length: 12 }, () => flow.run());
    await flow.settle();
    await flow.stack.reconcile.invoke();
    world.dropNext(Number.POSITIVE_INFINITY);
    for (const { taskArn } of tasks.slice(0, 6)) world.stopTask(taskArn);
    now += 2 * HOUR;
    expect((await flow.stack.reconcile.invoke()).withheld).toEqual([]);
    await flow.settle();
    expect((await flow.places()).consul).toHaveLength(6);

    for (const { taskArn } of tasks.slice(6, 9)) world.stopTask(taskArn);
    now += 2 * HOUR;
    const { withheld } = await flow.stack.reconcile.invoke();
    expect(withheld).toMatchObject([{ removals: 9, why: 'missing' }]);
    expect((await flow.places()).consul).toHaveLength(6);
  });

  it.each(['{"unfinished":{}}', '5', '[]', 'x'.repeat(4_000)])(
    'counts as reached where its parameter holds %.20s, as the others may without harm',
    async (nonsense) => {
      const flow = await startFlow();
      const { stack } = flow;
      for (const name of ['summary', 'release', 'removals'])
        stack.ssm.overwrite(`/rollcall/local/${name}`, nonsense);
      flow.run();
      const summary = await stack.reconcile.invoke();
      await flow.settle();
      expect(summary.registries.consul).toMatchObject({ written: 1, failed: 0 });
      await expectPlaces(flow, 'web 10.0.0.10:8080');
      expect(flow.saying('what was removed within the last hour cannot be read')).toHaveLength(1);
      expect(flow.saying('the last summary cannot be read')).toHaveLength(1);
      expect((await stack.inspect({ command: 'explain', service: 'web' })).text).toContain(
        'as it should',
      );
      // The page shows the summary of that round, which has taken the place of the nonsense.
      stack.ssm.overwrite('/rollcall/local/summary', nonsense);
      expect((await stack.inspect({ command: 'explain', service: 'web' })).text).toContain(
        'as it should',
      );
    },
  );

  it('does not count tasks that ECS describes as stopped', async () => {
    const flow = await startFlow();
    const tasks = Array.from({ length: 12 }, () => flow.run());
    await flow.settle();
    flow.stack.world.dropNext(Number.POSITIVE_INFINITY);
    for (const { taskArn } of tasks) flow.stack.world.stopTask(taskArn);
    const summary = await flow.stack.reconcile.invoke();
    expect(summary.withheld).toEqual([]);
    await expectPlaces(flow);
  });
});

describe('another profile', () => {
  it('keeps the old names of many tasks until an operator releases them: beside the new ones, or instead', async () => {
    const flow = await startFlow();
    const { stack } = flow;
    for (let at = 0; at < 12; at++)
      flow.run({ containerDefinitions: [container({ image: 'example/shop:1' })] });
    await flow.settle();
    await stack.redeploy({ ROLLCALL_PROFILE: 'registrator' });
    const { withheld } = await stack.reconcile.invoke();
    await flow.settle();
    expect(withheld).toMatchObject([{ removals: 36, why: 'renamed' }]);
    const names = async () =>
      Object.fromEntries(
        Object.entries(await flow.places()).map(([registry, places]) => [
          registry,
          [...new Set(places.map((place) => place.split(' ')[0]))].sort(),
        ]),
      );
    expect(await names()).toEqual({
      cloudmap: ['shop', 'web'],
      consul: ['web'],
      eureka: ['shop', 'web'],
    });
    const { text } = await stack.inspect({ command: 'plan' });
    expect(text).toContain(
      'its task is not registered under this name any more (withheld: above the delete limit)',
    );
    expect((await stack.reconcile.invoke()).withheld).toEqual(withheld);

    await stack.operate({ command: 'release', plan: withheld[0]?.plan });
    expect((await stack.reconcile.invoke()).withheld).toEqual([]);
    await flow.settle();
    expect(await names()).toEqual({ cloudmap: ['shop'], consul: ['shop'], eureka: ['shop'] });
    expect((await stack.reconcile.invoke()).registries.consul).toMatchObject({ drift: 0 });
  });
});

describe('a host that shuts down', () => {
  it('takes its tasks out while ECS still calls them running, and the reconciler agrees', async () => {
    const flow = await startFlow();
    const { world } = flow.stack;
    const task = flow.run({ networkMode: 'bridge' });
    const other = world.addMachine({ cluster: 'shop', privateIpAddress: '10.1.0.20' });
    world.runTask({
      cluster: 'shop',
      taskDefinition: 'web',
      service: 'web',
      machine: other.machine.instanceId,
    });
    await flow.settle();
    await expectPlaces(flow, 'web 10.1.0.10:32768', 'web 10.1.0.20:32768');

    const [host] = world
      .machines()
      .filter(({ privateIpAddress }) => privateIpAddress === '10.1.0.10');
    world.setMachineState(host?.instanceId ?? '', 'shutting-down');
    expect(world.task(task.taskArn)).toMatchObject({
      desiredStatus: 'RUNNING',
      lastStatus: 'RUNNING',
    });
    await flow.settle();
    await expectPlaces(flow, 'web 10.1.0.20:32768');
    await flow.stack.reconcile.invoke();
    await flow.settle();
    await expectPlaces(flow, 'web 10.1.0.20:32768');
  });
});

describe('purge', () => {
  it('is refused under any policy that would put everything back, and empties under observe', async () => {
    const flow = await startFlow();
    flow.run();
    await flow.settle();
    await expect(flow.stack.operate({ command: 'purge' })).rejects.toThrow(
      'ROLLCALL_POLICY: expected observe',
    );
    await expectPlaces(flow, 'web 10.0.0.10:8080');

    await flow.stack.redeploy({ ROLLCALL_POLICY: 'observe' });
    const { text } = await flow.stack.operate({ command: 'purge', dryRun: true });
    expect(text).toMatch(/consul +1 +1/);
    await expectPlaces(flow, 'web 10.0.0.10:8080');
    await flow.stack.operate({ command: 'purge' });
    await expectPlaces(flow);
    await flow.stack.reconcile.invoke();
    await expectPlaces(flow);
  });

  it('refuses a mistyped key, which must not purge', async () => {
    const flow = await startFlow({ environment: { ROLLCALL_POLICY: 'observe' } });
    await expect(flow.stack.operate({ command: 'purge', dryrun: true })).rejects.toThrow('dryrun');
  });
});

describe('wrong configuration', () => {
  const environment = {
    ROLLCALL_POLICY: 'yes',
    ROLLCALL_DELETE_LIMIT: '101',
    ROLLCALL_RESOLVE_ACCES: 'open',
    ROLLCALL_MODE: 'opt',
  };

  it.each(['reconcile', 'renew', 'inspect', 'operate', 'resolve'] as const)(
    'stops %s at its start with every fault listed',
    async (name) => {
      const { stack } = await startFlow({ environment });
      const start = {
        reconcile: () => stack.reconcile.invoke(),
        renew: () => stack.renew.invoke(),
        inspect: () => stack.inspect({ command: 'plan' }),
        operate: () => stack.operate({ command: 'release', plan: 'a' }),
        resolve: () => stack.resolve(JSON.parse('{}')),
      }[name];
      const error = await start().then(String, String);
      for (const variable of Object.keys(environment)) expect(error).toContain(variable);
    },
  );

  it('keeps the event function from losing a message', async () => {
    const flow = await startFlow({ environment });
    flow.run();
    await flow.drain();
    expect(flow.saying('ROLLCALL_POLICY: expected one of')).not.toEqual([]);
    expect(flow.stack.sqs.queue('rollcall-events')?.messages()).toHaveLength(1);
  });
});
