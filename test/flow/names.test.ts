import { describe, expect, it } from 'vitest';
import { refusal } from '../../local/aws/refusal.ts';
import { bringUp, takeDown } from '../../local/outage.ts';
import { httpApiEvent } from '../support/http-api-event.ts';
import { ECS, explain, LABELS_ALL, pass, placeOf, round, runSaying } from './naming.ts';
import { container, expectPlaces, type Flow, startFlow } from './stage.ts';

const asked = ({ stack }: Flow, operation: string) =>
  stack.aws.calls().filter((call) => call.service === ECS && call.operation === operation).length;

/** The same service in two clusters, shop’s made first. */
const runTwice = async (flow: Flow) => {
  flow.stack.world.addCluster('stage');
  const first = flow.run();
  await pass(1_000);
  const second = flow.run({}, { cluster: 'stage', launchType: 'FARGATE' });
  return { first, second };
};

describe('who may register a task definition, and no more,', () => {
  it('gets no name outside of his service by a label: it is told, and his port has its own', async () => {
    const flow = await startFlow();
    const task = runSaying(flow, { SERVICE_NAME: 'payments' });
    await flow.settle();
    await round(flow);
    await expectPlaces(flow, `web ${placeOf(task)}`);
    expect(asked(flow, 'ListServices')).toBe(0);
    expect(flow.saying('SERVICE_NAME payments has no effect')).not.toEqual([]);
    expect(await explain(flow, task)).toContain('expected web or web-…');
  });

  it('gets no service’s name even where labels may say all, though nothing of the service runs', async () => {
    const flow = await startFlow(LABELS_ALL);
    const owner = flow.run({ family: 'payments' });
    await flow.settle();
    flow.stack.world.stopTask(owner.taskArn);
    await flow.settle();
    const task = runSaying(flow, { SERVICE_8080_NAME: 'Payments' });
    await flow.settle();
    await expectPlaces(flow, `web ${placeOf(task)}`);
    await round(flow);
    const again = flow.run({ family: 'payments' });
    await flow.settle();
    await expectPlaces(flow, `web ${placeOf(task)}`, `payments ${placeOf(again)}`);
    expect(await explain(flow, task)).toContain('it is the name of ECS service shop/payments');
  });

  it('gets no service’s name by a tag', async () => {
    const flow = await startFlow();
    flow.stack.world.addService({ cluster: 'shop', name: 'payments', taskDefinition: 'web' });
    const task = flow.run({ tags: [{ key: 'rollcall:name', value: 'payments' }] });
    await flow.settle();
    await round(flow);
    await expectPlaces(flow, `web ${placeOf(task)}`);
  });

  it('gets no client of another service by a VIP, an address or a URL', async () => {
    const flow = await startFlow();
    const payments = flow.run({ family: 'payments' });
    const task = runSaying(flow, {
      SERVICE_EUREKA_VIP: 'payments',
      SERVICE_EUREKA_IPADDR: '198.51.100.7',
      SERVICE_EUREKA_HOMEPAGEURL: 'http://198.51.100.7/',
    });
    await flow.settle();
    await round(flow);
    await expectPlaces(flow, `web ${placeOf(task)}`, `payments ${placeOf(payments)}`);
    const read = async (path: string) => (await fetch(`${flow.stack.eureka?.url}${path}`)).text();
    const vip = await read('/vips/payments');
    expect([vip.includes(placeOf(payments).replace(/:.*/, '')), vip.includes('WEB')]).toEqual([
      true,
      false,
    ]);
    expect(await read('/apps')).not.toContain('198.51.100.7');
  });

  it('stands beside no server of the registry: a service called consul is left out', async () => {
    const flow = await startFlow();
    const task = flow.run({ family: 'consul' });
    await flow.settle();
    await round(flow);
    await expectPlaces(flow);
    expect(await explain(flow, task)).toContain('registries use it themselves');
    expect(flow.saying('it may not be called consul')[0]).toMatchObject({ code: 'name-taken' });
  });

  it('gets no pinned name, which its owners share in silence', async () => {
    const environment = {
      ROLLCALL_NAMES: 'payments=shop/payments+shop/payments-fargate',
      ROLLCALL_SHARED_NAMES: 'refuse',
    };
    const flow = await startFlow({ environment });
    const old = flow.run({ family: 'payments' });
    const young = runSaying(flow, { SERVICE_NAME: 'payments' }, 'payments-fargate');
    const other = runSaying(flow, { SERVICE_NAME: 'payments' }, 'payments-evil');
    await flow.settle();
    await round(flow);
    await expectPlaces(
      flow,
      `payments ${placeOf(old)}`,
      `payments ${placeOf(young)}`,
      `payments-evil ${placeOf(other)}`,
    );
    expect(flow.saying('is the name of')).toEqual([]);
  });
});

describe('a VIP that labels may not say any more', () => {
  it('stays until the plan that takes it is released, as a name does', async () => {
    const environment = { ...LABELS_ALL.environment, ROLLCALL_ADDRESS_LABELS: 'on' };
    const flow = await startFlow({ environment });
    for (let at = 0; at < 12; at++) runSaying(flow, { SERVICE_EUREKA_VIP: 'web,legacy' });
    await flow.settle();
    const found = async () => {
      const answer = await fetch(`${flow.stack.eureka?.url}/vips/legacy`);
      return (await answer.text()).match(/<ipAddr>/g)?.length ?? 0;
    };
    expect(await found()).toBe(12);
    await flow.stack.redeploy({ ROLLCALL_ADDRESS_LABELS: 'off' });
    await round(flow);
    expect(await found()).toBe(12);
    const summary = await flow.stack.reconcile.invoke();
    expect(summary.withheld).toMatchObject([{ why: 'renamed', removals: 12 }]);
    await flow.stack.operate({ command: 'release', plan: summary.withheld[0]?.plan });
    await round(flow);
    expect(await found()).toBe(0);
  });
});

describe('a stop', () => {
  const ports = [{ containerPort: 8080 }, { containerPort: 81 }];

  it('leaves no record of a task that got the name of its tag and lost that of its label', async () => {
    const flow = await startFlow(LABELS_ALL);
    flow.stack.world.addService({ cluster: 'shop', name: 'canary', taskDefinition: 'web' });
    const dockerLabels = { SERVICE_81_NAME: 'canary' };
    const task = flow.run({
      tags: [{ key: 'rollcall:name', value: 'shop' }],
      containerDefinitions: [container({ portMappings: ports, dockerLabels })],
    });
    await flow.settle();
    const { eureka } = await flow.places();
    expect(eureka.map((one) => one.split(' ')[0]).sort()).toEqual(['shop', 'shop-81']);
    flow.stack.world.stopTask(task.taskArn);
    await flow.settle();
    await expectPlaces(flow);
  });

  it('leaves no record under a label’s name that no longer counts and is withheld', async () => {
    const flow = await startFlow(LABELS_ALL);
    const [first] = Array.from({ length: 12 }, () => runSaying(flow, { SERVICE_NAME: 'shop' }));
    await flow.settle();
    await flow.stack.redeploy({ ROLLCALL_LABELS: 'within-service' });
    await round(flow);
    const held = async () => {
      const { cloudmap, eureka } = await flow.places();
      return [cloudmap, eureka].map((all) => all.filter((one) => one.startsWith('shop ')).length);
    };
    expect(await held()).toEqual([12, 12]);
    if (first) flow.stack.world.stopTask(first.taskArn);
    await flow.settle();
    expect(await held()).toEqual([11, 11]);
  });
});

describe('a task that says a name which nobody else has', () => {
  const outcomes = ({ lines }: Flow) => lines.filter(({ kind }) => kind === 'outcome');

  it.each(['cloudmap', 'consul', 'eureka'] as const)(
    'is told of under that name alone, though %s is down when it stops',
    async (registry) => {
      const flow = await startFlow();
      const labels = { SERVICE_9090_NAME: 'web-metrics' };
      const sidecar = { name: 'metrics', portMappings: [{ name: 'metrics', containerPort: 9090 }] };
      const task = flow.run({
        containerDefinitions: [container(), container({ ...sidecar, dockerLabels: labels })],
      });
      await flow.settle();
      takeDown(flow.stack, registry, 'error');
      flow.stack.world.stopTask(task.taskArn);
      await flow.drain();
      bringUp(flow.stack, registry);
      await flow.settle();
      await round(flow);
      await expectPlaces(flow);
      const told = outcomes(flow).map(({ service }) => String(service).toLowerCase());
      expect([...new Set(told)].toSorted()).toEqual(['web', 'web-metrics']);
      expect(outcomes(flow).filter(({ status }) => status === 'retry')).not.toEqual([]);
    },
  );
});

describe('where ECS cannot say whose a name is', () => {
  it('a task that says one waits, what is registered stays, and who says none is not asked about', async () => {
    const flow = await startFlow(LABELS_ALL);
    const known = runSaying(flow, { SERVICE_NAME: 'shop' }, 'api');
    await flow.settle();
    // Nothing is known of services from here on.
    await flow.stack.redeploy({});
    const throttled = refusal(ECS, 'ThrottlingException', {
      operation: 'ListServices',
      times: 999,
    });
    flow.stack.aws.faults.inject(throttled);
    const waiting = runSaying(flow, { SERVICE_NAME: 'canary' }, 'late');
    const plain = flow.run();
    await flow.drain();
    const registered = [`shop ${placeOf(known)}`, `web ${placeOf(plain)}`];
    await expectPlaces(flow, ...registered);
    await flow.stack.reconcile.invoke();
    await expectPlaces(flow, ...registered);
    flow.stack.aws.faults.clear();
    await flow.settle();
    await round(flow);
    await expectPlaces(flow, ...registered, `canary ${placeOf(waiting)}`);
  });
});

describe('a task that asks whose a name is', () => {
  it('holds up nothing of its batch for more than a second: a stop is written, a start too', async () => {
    const flow = await startFlow(LABELS_ALL);
    const gone = flow.run({ family: 'old' });
    await flow.settle();
    const hang = { operation: 'ListServices', times: 999 };
    flow.stack.aws.faults.inject({ ...refusal(ECS, 'ThrottlingException', hang), hang: true });
    runSaying(flow, { SERVICE_NAME: 'canary' }, 'late');
    const plain = flow.run();
    flow.stack.world.stopTask(gone.taskArn);
    const done = flow.drain();
    await pass(3_000);
    await expectPlaces(flow, `web ${placeOf(plain)}`);
    await done;
  });

  it.each(['warn', 'refuse'])(
    'is registered under its own name by a round, while one cluster cannot be listed: %s',
    async (shared) => {
      const flow = await startFlow({ environment: { ROLLCALL_SHARED_NAMES: shared } });
      flow.stack.world.addCluster('sick');
      const { faults } = flow.stack.aws;
      let isSick = false;
      faults.latency = ({ url, body }) => {
        isSick = url === '/ListServices' && body.includes('sick');
        return undefined;
      };
      const denied = refusal(ECS, 'AccessDeniedException', {
        operation: 'ListServices',
        times: 999,
      });
      faults.inject({
        ...denied,
        match: (...asked) => isSick && denied.match?.(...asked) === true,
      });
      const plain = flow.run();
      const saying = runSaying(flow, { SERVICE_NAME: 'api-canary' }, 'api');
      await flow.drain();
      await expectPlaces(flow, `web ${placeOf(plain)}`);
      await flow.stack.reconcile.invoke();
      await expectPlaces(flow, `web ${placeOf(plain)}`, `api ${placeOf(saying)}`);
      faults.clear();
      await flow.settle();
      await pass(60_000);
      await round(flow);
      await expectPlaces(flow, `web ${placeOf(plain)}`, `api-canary ${placeOf(saying)}`);
    },
  );
});

describe('under registrator, where Cloud Map leaves out of names what it cannot hold,', () => {
  const named = async (flow: Flow, name: string) =>
    (await flow.places()).cloudmap.filter((place) => place.startsWith(`${name} `));

  it.each(['_.payments', 'payments._', 'payments.ä', 'Payments.', '-payments'])(
    '%s is no pinned payments',
    async (name) => {
      const flow = await startFlow({
        environment: { ROLLCALL_PROFILE: 'registrator', ROLLCALL_NAMES: 'payments=shop/payments' },
      });
      runSaying(flow, { SERVICE_NAME: name });
      await flow.settle();
      expect(await named(flow, 'payments')).toEqual([]);
    },
  );

  it.each(['_payments._tcp.', '-_payments._tcp', '_payments._tcp-', '_pay\nments._tcp'])(
    '%j is no SRV record of another’s',
    async (name) => {
      const flow = await startFlow({ environment: { ROLLCALL_PROFILE: 'registrator' } });
      runSaying(flow, { SERVICE_NAME: name });
      await flow.settle();
      const { cloudmap } = await flow.places();
      expect(cloudmap.filter((place) => /\._(tcp|udp) /.test(place))).toEqual([]);
    },
  );
});

describe('two clusters that have a service of one name', () => {
  const told = ({ lines }: Flow) =>
    lines.filter(({ message }) => String(message).includes('is the name of'));

  it('share it by default, which is told once with both, in plan, explain and on the page', async () => {
    const flow = await startFlow();
    const { first, second } = await runTwice(flow);
    await flow.settle();
    await round(flow);
    await round(flow);
    await expectPlaces(flow, `web ${placeOf(first)}`, `web ${placeOf(second)}`);
    const text = 'web is the name of shop/web and stage/web: clients get all of them';
    expect(told(flow).map(({ message }) => message)).toEqual([text]);
    expect((await flow.stack.inspect({ command: 'plan', cluster: 'shop' })).text).toContain(text);
    expect(await explain(flow, second)).toContain(text);
    const { shared } = await flow.stack.reconcile.invoke();
    expect(shared).toEqual([{ name: 'web', owners: ['shop/web', 'stage/web'] }]);
    expect(asked(flow, 'ListServices')).toBe(0);
  });

  it('with sharedNames=allow nothing is told', async () => {
    const flow = await startFlow({ environment: { ROLLCALL_SHARED_NAMES: 'allow' } });
    const { first, second } = await runTwice(flow);
    await flow.settle();
    await round(flow);
    await expectPlaces(flow, `web ${placeOf(first)}`, `web ${placeOf(second)}`);
    expect(told(flow)).toEqual([]);
  });

  it('with sharedNames=refuse the younger is not written at all, and is told who has the name', async () => {
    const flow = await startFlow({ environment: { ROLLCALL_SHARED_NAMES: 'refuse' } });
    const { first, second } = await runTwice(flow);
    await flow.settle();
    await expectPlaces(flow, `web ${placeOf(first)}`);
    await round(flow);
    await expectPlaces(flow, `web ${placeOf(first)}`);
    expect(await explain(flow, second)).toMatch(/shop\/web, created .*, goes before stage\/web/);
    // It stays the elder’s while that restarts.
    flow.stack.world.stopTask(first.taskArn);
    await flow.settle();
    await round(flow);
    await expectPlaces(flow);
  });

  it('are kept apart by templates', async () => {
    const environment = { ROLLCALL_NAME_TEMPLATES: 'shop={service};*={cluster}-{service}' };
    const flow = await startFlow({ environment });
    const { first, second } = await runTwice(flow);
    await flow.settle();
    await round(flow);
    await expectPlaces(flow, `web ${placeOf(first)}`, `stage-web ${placeOf(second)}`);
    expect(told(flow)).toEqual([]);
  });
});

/** Two services that say one name under `refuse`, the elder first; no round has come yet. */
const startEquals = async () => {
  const environment = { ...LABELS_ALL.environment, ROLLCALL_SHARED_NAMES: 'refuse' };
  const flow = await startFlow({ environment });
  const elder = runSaying(flow, { SERVICE_NAME: 'shop' });
  await flow.drain();
  await pass(1_000);
  const younger = runSaying(flow, { SERVICE_NAME: 'shop' }, 'api');
  await flow.settle();
  return { flow, elder, younger };
};

describe('a name that two services say, with sharedNames=refuse', () => {
  it('is the elder’s within one round, where both started at once', async () => {
    const { flow, elder, younger } = await startEquals();
    await expectPlaces(flow, `shop ${placeOf(elder)}`, `shop ${placeOf(younger)}`);
    await round(flow);
    await expectPlaces(flow, `shop ${placeOf(elder)}`, `api ${placeOf(younger)}`);
    await round(flow);
    await expectPlaces(flow, `shop ${placeOf(elder)}`, `api ${placeOf(younger)}`);
    expect(await explain(flow, younger)).toContain('goes before shop/api');
  });
});

describe('a task that has lost its name to another, with sharedNames=refuse,', () => {
  it('does not take it again by each event of its own, in any registry', async () => {
    const { flow, elder, younger } = await startEquals();
    await round(flow);
    const places = [`shop ${placeOf(elder)}`, `api ${placeOf(younger)}`];
    await expectPlaces(flow, ...places);
    for (const version of [100, 101]) {
      await pass(60_000);
      flow.stack.world.changeTask(younger.taskArn, { version, lastStatus: 'RUNNING' });
      await flow.settle();
      await expectPlaces(flow, ...places);
    }
  });
});

describe('another installation', () => {
  it('that has the same name in the same registry is told, and nothing is refused', async () => {
    const flow = await startFlow({ environment: { ROLLCALL_SHARED_NAMES: 'refuse' } });
    const theirs = flow.run();
    await flow.settle();
    await flow.stack.redeploy({ ROLLCALL_OWNER: 'another' });
    await round(flow);
    expect((await flow.stack.reconcile.invoke()).shared).toEqual([
      { name: 'web', owners: ['shop/web', `shop/web of ${flow.stack.owner}`] },
    ]);
    const answer = await flow.stack.resolve(httpApiEvent('GET', '/services/web'));
    expect(JSON.parse(answer.body ?? '').instances).toHaveLength(2);
    expect(placeOf(theirs)).toContain(':8080');
  });
});
