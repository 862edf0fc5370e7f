import {
  ListServicesCommand,
  RegisterInstanceCommand,
  ServiceDiscoveryClient,
} from '@aws-sdk/client-servicediscovery';
import { describe, expect, it } from 'vitest';
import { KEY } from '../../shared/model/registration.ts';
import { toNodeName } from '../../shared/registries/consul/names.ts';
import { container, expectPlaces, type Flow, startFlow } from './stage.ts';

const PLACE = 'arn:aws:ecs:eu-central-1:111122223333';
const CLUSTER = `${PLACE}:cluster/shop`;
const ID = '0'.repeat(31);

/** Records that bear our mark and speak of no task that ECS could know. */
const POISONS = {
  'a task of another cluster': `${PLACE}:task/zoo/${ID}1`,
  'a task of another account': `arn:aws:ecs:eu-central-1:999999999999:task/shop/${ID}2`,
  'a short id': `${PLACE}:task/shop/abc`,
  nonsense: 'DROP TABLE tasks',
  'no task at all': undefined,
};

const metadataOf = (owner: string, task: string | undefined) => ({
  [KEY.owner]: owner,
  [KEY.cluster]: CLUSTER,
  [KEY.started]: new Date(Date.now() - 7_200_000).toISOString(),
  ...(task !== undefined && { [KEY.task]: task }),
});

/**
 * Writes each poison into every registry, by the registry's own API, beside `web`, which is there.
 */
const poison = async ({ stack }: Flow) => {
  const cloudmap = new ServiceDiscoveryClient({ endpoint: stack.aws.url, disableHostPrefix: true });
  const { Services = [] } = await cloudmap.send(new ListServicesCommand({}));
  for (const [at, task] of Object.values(POISONS).entries()) {
    const metadata = metadataOf(stack.owner, task);
    const [id, address, port] = [`poison-${at}`, `10.66.0.${at}`, 80];
    await cloudmap.send(
      new RegisterInstanceCommand({
        ServiceId: Services[0]?.Id,
        InstanceId: id,
        Attributes: { ...metadata, AWS_INSTANCE_IPV4: address, AWS_INSTANCE_PORT: String(port) },
      }),
    );
    await put(`${stack.consul?.url}/v1/catalog/register`, 'PUT', {
      Node: toNodeName(stack.owner, { cluster: CLUSTER, kind: 'plain' }),
      SkipNodeUpdate: true,
      Service: { ID: id, Service: 'web', Address: address, Port: port, Meta: metadata },
    });
    await put(`${stack.eureka?.url}/apps/WEB`, 'POST', {
      instance: {
        instanceId: id,
        app: 'WEB',
        hostName: address,
        ipAddr: address,
        vipAddress: 'web',
        status: 'UP',
        port: { $: port, '@enabled': 'true' },
        leaseInfo: { durationInSecs: 900 },
        dataCenterInfo: {
          '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
          name: 'MyOwn',
        },
        metadata,
      },
    });
  }
};

const put = async (url: string, method: string, body: object) => {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.ok).toBe(true);
};

const addressOf = (task: ReturnType<Flow['run']>) =>
  task.containers[0]?.networkInterfaces[0]?.privateIpv4Address ?? 'no address';

describe('records of ours that speak of no task of their cluster', () => {
  it('keep nothing else of the cluster from being repaired, are told once, and go', async () => {
    const flow = await startFlow();
    const { stack } = flow;
    const [first, second] = [flow.run(), flow.run()];
    await flow.settle();
    await poison(flow);
    stack.world.dropNext(Number.POSITIVE_INFINITY);
    const late = flow.run();
    stack.world.stopTask(first.taskArn);

    expect((await flow.places()).consul).toHaveLength(2 + Object.keys(POISONS).length);
    const { failures, unfinished } = await stack.reconcile.invoke();
    expect([failures, unfinished]).toEqual([[], []]);
    await expectPlaces(flow, ...[second, late].map((task) => `web ${addressOf(task)}:8080`));
    for (const task of Object.values(POISONS))
      expect(flow.saying(`): "${task ?? ''}"`)).toHaveLength(1);
  });

  it('are not looked at where Eureka lost them, and what runs is', async () => {
    const flow = await startFlow();
    const { stack } = flow;
    const task = flow.run();
    await flow.settle();
    await poison(flow);
    await stack.renew.invoke();
    stack.eureka?.restart();
    stack.eureka?.faults.inject({
      times: 1,
      status: 500,
      match: (_, url) => url.endsWith('/apps'),
    });
    await stack.renew.invoke();
    const bodies = stack.sqs
      .queue('rollcall-events')
      ?.messages()
      .map(({ body }) => JSON.parse(body));
    // Whether an id of another length is one is ECS's to say.
    expect(bodies?.flatMap(({ tasks }) => tasks).sort()).toEqual(
      [task.taskArn, POISONS['a short id']].sort(),
    );
    await flow.settle();
    expect((await flow.places()).eureka).toEqual([`web ${addressOf(task)}:8080`]);
  });
});

describe('a look', () => {
  it('of a hundred tasks, some of which are none, looks at the others', async () => {
    const flow = await startFlow();
    const { stack } = flow;
    stack.world.dropNext(Number.POSITIVE_INFINITY);
    const tasks = [flow.run(), flow.run()];
    const wrong = Object.values(POISONS).flatMap((arn) => arn ?? []);
    const look = { rollcall: 1, kind: 'look', cluster: CLUSTER, look: 0, operations: [] };
    stack.sqs
      .queue('rollcall-events')
      ?.send(
        JSON.stringify({ ...look, tasks: [...wrong, ...tasks.map(({ taskArn }) => taskArn)] }),
      );
    await flow.drain();
    await expectPlaces(flow, ...tasks.map((task) => `web ${addressOf(task)}:8080`));
    await flow.settle();
    expect(stack.deadLetters.messages()).toEqual([]);
  });
});

describe('events whose ARNs ECS refuses', () => {
  it('keep no other task of their batch from being registered', async () => {
    const flow = await startFlow();
    const { stack } = flow;
    flow.run({ networkMode: 'bridge' });
    await flow.settle();
    stack.world.holdNext();
    const task = flow.run({
      networkMode: 'bridge',
      family: 'api',
      containerDefinitions: [container()],
    });
    stack.world.release((events) =>
      events.flatMap((event) => {
        const { detail } = event;
        if (detail['lastStatus'] !== 'RUNNING') return [];
        const forged = (id: string, changes: object) => ({
          ...event,
          detail: { ...detail, taskArn: `${PLACE}:task/shop/${id}`, ...changes },
        });
        return [
          forged(`${ID}3`, { containerInstanceArn: `${PLACE}:container-instance/zoo/${ID}3` }),
          forged(`${ID}4`, { taskDefinitionArn: `${PLACE}:task-definition/no such:1` }),
          event,
        ];
      }),
    );
    await flow.drain();
    const { consul } = await flow.places();
    expect(consul.filter((place) => place.startsWith('api '))).toHaveLength(1);
    expect(task.lastStatus).toBe('RUNNING');
  });
});
