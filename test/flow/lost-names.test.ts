import { describe, expect, it } from 'vitest';
import type { Task } from '../../local/aws/world/shapes.ts';
import {
  ABOVE_LIMIT,
  addService,
  bearing,
  denyServicesOf,
  explain,
  LABELS_ALL,
  named,
  nextRound,
  pass,
  placeOf,
  round,
  runInSide,
  runSaying,
} from './naming.ts';
import { container, expectPlaces, type Flow, startFlow } from './stage.ts';

/** Names have one owner alone: losers are out within a round, however many they are. */
const REFUSE = { environment: { ROLLCALL_SHARED_NAMES: 'refuse' } };

const HEALTH = { healthCheck: { command: ['CMD-SHELL', 'true'] } };

/** Tasks of the service `web` in the cluster `side` whose definition says this name by its tag. */
const squat = (flow: Flow, name: string, count = ABOVE_LIMIT): readonly Task[] =>
  runInSide(flow, { tags: named(name) }, count);

const placesAs = (name: string, tasks: readonly Task[]) =>
  ['cloudmap', 'consul', 'eureka'].flatMap((registry) =>
    tasks.map((task) => `${registry} ${name} ${placeOf(task)}`).sort(),
  );

describe('a name that a tag says, once an ECS service of that name runs,', () => {
  it.each([
    ['warn', 3],
    ['refuse', ABOVE_LIMIT],
  ] as const)(
    'is the service’s alone within a round: sharedNames=%s, borne by %i',
    async (shared, count) => {
      const flow = await startFlow({ environment: { ROLLCALL_SHARED_NAMES: shared } });
      const squatters = squat(flow, 'payments', count);
      await flow.settle();
      expect(await bearing(flow, 'payments')).toEqual(placesAs('payments', squatters));
      const owner = flow.run({ family: 'payments' });
      await flow.settle();
      await nextRound(flow);
      await expectPlaces(
        flow,
        `payments ${placeOf(owner)}`,
        ...squatters.map((task) => `web ${placeOf(task)}`),
      );
      expect((await flow.stack.reconcile.invoke()).withheld).toEqual([]);
      const told = 'its task is not registered under this name any more: it is the name of';
      expect(flow.lines.map(({ why }) => why)).toContain(`${told} shop/payments`);
      // Nobody comes back when the service restarts, neither by events nor by rounds.
      flow.stack.world.stopTask(owner.taskArn);
      for (const { taskArn } of squatters) flow.stack.world.changeTask(taskArn, {});
      await flow.settle();
      await nextRound(flow);
      expect(await bearing(flow, 'payments')).toEqual([]);
    },
  );

  it('stays with those who bear it besides, where they are more than the delete limit lets go, and is told', async () => {
    const flow = await startFlow();
    const bearers = squat(flow, 'payments');
    await flow.settle();
    const owner = flow.run({ family: 'payments' });
    await flow.settle();
    await nextRound(flow);
    expect(await bearing(flow, 'payments')).toEqual(
      expect.arrayContaining(placesAs('payments', [...bearers, owner])),
    );
    const { withheld } = await flow.stack.reconcile.invoke();
    expect(withheld).toMatchObject([{ why: 'renamed', removals: 3 * ABOVE_LIMIT }]);
    await flow.stack.operate({ command: 'release', plan: withheld[0]?.plan });
    await round(flow);
    expect(await bearing(flow, 'payments')).toEqual(placesAs('payments', [owner]));
  });

  it('is it with the names of further ports too, as far as it serves them', async () => {
    const flow = await startFlow(REFUSE);
    const portMappings = ['admin', 'metrics'].map((name, at) => ({ containerPort: 81 + at, name }));
    const [admin] = portMappings;
    const ports = (more: readonly object[]) => ({
      containerDefinitions: [container({ portMappings: [{ containerPort: 8080 }, ...more] })],
    });
    runInSide(flow, { tags: named('payments'), ...ports(portMappings) });
    await flow.settle();
    expect(await bearing(flow, 'payments-admin')).toHaveLength(3 * ABOVE_LIMIT);
    const owner = flow.run({ family: 'payments', ...ports(admin ? [admin] : []) });
    await flow.settle();
    await nextRound(flow);
    expect(await bearing(flow, 'payments')).toEqual(placesAs('payments', [owner]));
    expect(await bearing(flow, 'payments-admin')).toHaveLength(3);
    expect(await bearing(flow, 'payments-metrics')).toHaveLength(3 * ABOVE_LIMIT);
  });

  it('is it as a VIP', async () => {
    const environment = {
      ...LABELS_ALL.environment,
      ...REFUSE.environment,
      ROLLCALL_ADDRESS_LABELS: 'on',
    };
    const flow = await startFlow({ environment });
    for (let at = 0; at < ABOVE_LIMIT; at++)
      runSaying(flow, { SERVICE_EUREKA_VIP: 'web,payments,ghost' });
    await flow.settle();
    const found = async () => {
      const answer = await fetch(`${flow.stack.eureka?.url}/vips/payments`);
      return (await answer.text()).match(/<ipAddr>/g)?.length ?? 0;
    };
    expect(await found()).toBe(ABOVE_LIMIT);
    // A second name whose owner does not run keeps nothing.
    addService(flow, 'ghost');
    flow.run({ family: 'payments' });
    await flow.settle();
    await nextRound(flow);
    expect(await found()).toBe(1);
  });

  it('is it though the loser’s own name cannot be written', async () => {
    const flow = await startFlow({
      environment: { ...REFUSE.environment, ROLLCALL_NAMES: 'web=shop/another' },
    });
    squat(flow, 'payments');
    await flow.settle();
    const owner = flow.run({ family: 'payments' });
    await flow.settle();
    await nextRound(flow);
    await expectPlaces(flow, `payments ${placeOf(owner)}`);
  });
});

describe('while the services of one cluster cannot be listed', () => {
  it('a name that is known to be another’s is lost all the same, and one that may be is kept', async () => {
    const flow = await startFlow(REFUSE);
    const squatters = squat(flow, 'payments');
    const [other] = squat(flow, 'canary', 1);
    await flow.settle();
    const owner = flow.run({ family: 'payments' });
    await flow.settle();
    expect(await bearing(flow, 'payments')).toHaveLength(3 * (1 + ABOVE_LIMIT));
    denyServicesOf(flow, 'sick');
    await flow.stack.redeploy({});
    await nextRound(flow);
    await nextRound(flow);
    if (!other) throw new Error('one says canary');
    await expectPlaces(
      flow,
      `payments ${placeOf(owner)}`,
      `canary ${placeOf(other)}`,
      ...squatters.map((task) => `web ${placeOf(task)}`),
    );
  });
});

describe('a name that tags and labels say, while the ECS service of that name runs nothing,', () => {
  it('stays with those who bear it, is told, and is nobody else’s: it goes with the first task', async () => {
    const flow = await startFlow(LABELS_ALL);
    const bearers = Array.from({ length: 4 }, () => runSaying(flow, { SERVICE_NAME: 'shop' }));
    await flow.settle();
    addService(flow, 'shop');
    await nextRound(flow);
    await nextRound(flow);
    expect(await bearing(flow, 'shop')).toEqual(placesAs('shop', bearers));
    const { withheld } = await flow.stack.reconcile.invoke();
    expect(withheld).toMatchObject([{ why: 'renamed', removals: 12 }]);
    const until = 'until shop/shop is registered under the name';
    expect(flow.saying(until)).not.toEqual([]);
    expect((await flow.stack.inspect({ command: 'plan', cluster: 'shop' })).text).toContain(until);
    const [first] = bearers;
    if (first) expect(await explain(flow, first)).toContain('it is the name of ECS service shop');

    const late = runSaying(flow, { SERVICE_NAME: 'shop' });
    await flow.settle();
    await nextRound(flow);
    expect(await bearing(flow, 'shop')).toEqual(placesAs('shop', bearers));

    const owner = flow.run({ family: 'shop' });
    await flow.settle();
    await nextRound(flow);
    await expectPlaces(
      flow,
      `shop ${placeOf(owner)}`,
      ...[...bearers, late].map((task) => `web ${placeOf(task)}`),
    );
  });

  it('does not go to a task that is not healthy yet', async () => {
    const flow = await startFlow();
    const bearers = squat(flow, 'shop', 3);
    await flow.settle();
    const owner = flow.run({ family: 'shop', containerDefinitions: [container(HEALTH)] });
    await flow.settle();
    await nextRound(flow);
    const living = await bearing(flow, 'shop');
    expect(living).toEqual(expect.arrayContaining(placesAs('shop', bearers)));
    flow.stack.world.setHealth(owner.taskArn, 'HEALTHY');
    await flow.settle();
    await nextRound(flow);
    await nextRound(flow);
    expect(await bearing(flow, 'shop')).toEqual(placesAs('shop', [owner]));
  });

  it('is taken out with its task, and leaves nothing behind', async () => {
    const flow = await startFlow();
    const [first, second] = squat(flow, 'shop', 2);
    await flow.settle();
    addService(flow, 'shop');
    await nextRound(flow);
    if (!first || !second) throw new Error('two tasks run');
    flow.stack.world.stopTask(first.taskArn);
    await flow.settle();
    expect(await bearing(flow, 'shop')).toEqual(placesAs('shop', [second]));
    flow.stack.world.stopTask(second.taskArn);
    await flow.settle();
    await expectPlaces(flow);
  });

  it('is taken out with its host, in the same moment', async () => {
    const flow = await startFlow();
    flow.run({ networkMode: 'bridge', tags: named('shop') });
    await flow.settle();
    expect(await bearing(flow, 'shop')).toHaveLength(3);
    addService(flow, 'shop');
    await nextRound(flow);
    expect(await bearing(flow, 'shop')).toHaveLength(3);
    const [machine] = flow.stack.world.machines();
    flow.stack.world.setMachineState(machine?.instanceId ?? '', 'shutting-down');
    await flow.settle();
    await expectPlaces(flow);
  });

  it('goes where an operator releases it', async () => {
    const flow = await startFlow();
    const bearers = squat(flow, 'shop', 2);
    await flow.settle();
    addService(flow, 'shop');
    await nextRound(flow);
    const { withheld } = await flow.stack.reconcile.invoke();
    await flow.stack.operate({ command: 'release', plan: withheld[0]?.plan });
    await round(flow);
    await expectPlaces(flow, ...bearers.map((task) => `web ${placeOf(task)}`));
  });

  it('holds back no other renaming', async () => {
    const flow = await startFlow();
    squat(flow, 'shop', 8);
    const others = squat(flow, 'canary', 4);
    await flow.settle();
    addService(flow, 'shop');
    flow.run({ family: 'canary' });
    await flow.settle();
    await nextRound(flow);
    expect(await bearing(flow, 'shop')).toHaveLength(3 * 8);
    const places = placesAs('canary', others);
    expect((await bearing(flow, 'canary')).filter((one) => places.includes(one))).toEqual([]);
  });
});

describe('a name that several services say, with sharedNames=refuse,', () => {
  it('is the elder’s within a round, however many of the younger’s bear it', async () => {
    const environment = { ...LABELS_ALL.environment, ROLLCALL_SHARED_NAMES: 'refuse' };
    const flow = await startFlow({ environment });
    const elder = runSaying(flow, { SERVICE_NAME: 'shop' });
    await flow.drain();
    await pass(1_000);
    const younger = Array.from({ length: ABOVE_LIMIT }, () =>
      runSaying(flow, { SERVICE_NAME: 'shop' }, 'api'),
    );
    await flow.settle();
    expect(await bearing(flow, 'shop')).toHaveLength(3 * (1 + ABOVE_LIMIT));
    await round(flow);
    await expectPlaces(
      flow,
      `shop ${placeOf(elder)}`,
      ...younger.map((task) => `api ${placeOf(task)}`),
    );
  });

  it('stays with all of them while the service of that name runs nothing', async () => {
    const flow = await startFlow(LABELS_ALL);
    const tasks = ['web', 'api'].map((family) => runSaying(flow, { SERVICE_NAME: 'shop' }, family));
    await flow.settle();
    addService(flow, 'shop');
    await flow.stack.redeploy({ ROLLCALL_SHARED_NAMES: 'refuse' });
    await nextRound(flow);
    expect(await bearing(flow, 'shop')).toEqual(placesAs('shop', tasks));
  });
});

describe('a name that is pinned while others bear it', () => {
  it('goes at once from those whose labels count no more, too', async () => {
    const flow = await startFlow(LABELS_ALL);
    for (let at = 0; at < ABOVE_LIMIT; at++) runSaying(flow, { SERVICE_NAME: 'payments' });
    const owner = flow.run({ family: 'api', tags: named('payments') });
    await flow.settle();
    await flow.stack.redeploy({ ROLLCALL_LABELS: 'within-service' });
    await nextRound(flow);
    // What a deployment takes back is limited as ever: nobody is known to have a right to it.
    expect(await bearing(flow, 'payments')).toHaveLength(3 * (1 + ABOVE_LIMIT));
    await flow.stack.redeploy({ ...REFUSE.environment, ROLLCALL_NAMES: 'payments=shop/api' });
    await round(flow);
    expect(await bearing(flow, 'payments')).toEqual(placesAs('payments', [owner]));
  });

  it('stays with them until one of its owners is registered, and goes at once then', async () => {
    const flow = await startFlow(REFUSE);
    const squatters = squat(flow, 'payments');
    await flow.settle();
    await flow.stack.redeploy({ ROLLCALL_NAMES: 'payments=shop/payments' });
    await nextRound(flow);
    expect(await bearing(flow, 'payments')).toEqual(placesAs('payments', squatters));
    const owner = flow.run({ family: 'payments' });
    await flow.settle();
    await round(flow);
    expect(await bearing(flow, 'payments')).toEqual(placesAs('payments', [owner]));
  });
});
