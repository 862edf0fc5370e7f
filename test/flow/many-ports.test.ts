import { afterEach, expect, it } from 'vitest';
import type { RegistryName } from '../../shared/model/registration.ts';
import { type Scale, startScale } from '../support/scale.ts';

let running: Scale | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

const CONTAINERS = 4;
const PORTS = 100;
const RECORDS = CONTAINERS * PORTS;

it('a task with more ports than one batch has time for is written part by part, in each registry at its own pace', async () => {
  const scale = await startScale({
    clusters: 1,
    services: 1,
    tasks: 1,
    cloudMap: { burst: 100, perSecond: 50 },
  });
  running = scale;
  const { world, stack, time, roads } = scale;
  await scale.round(scale.renew);
  const seen: Readonly<Record<RegistryName, Set<string>>> = {
    cloudmap: new Set(),
    consul: new Set(),
    eureka: new Set(),
  };
  let wide = '-';
  const note = (registry: RegistryName, id: string) => {
    if (id.startsWith(wide)) seen[registry].add(id);
  };
  roads.cloudmap.arrived = ({ url, body }) => {
    if (url === '/RegisterInstance') note('cloudmap', JSON.parse(body).InstanceId);
  };
  roads.consul.arrived = ({ url, body }) => {
    if (!url.startsWith('/v1/txn')) return;
    const operations: readonly { Service?: { Service: { ID: string } } }[] = JSON.parse(body);
    for (const { Service } of operations) if (Service) note('consul', Service.Service.ID);
  };
  roads.eureka.arrived = ({ method, body }) => {
    if (method === 'POST') note('eureka', JSON.parse(body).instance.instanceId);
  };
  // To read all of it takes longer than a batch has.
  scale.slow('eureka', 25);
  const { machine } = world.addMachine({ cluster: 'cluster-0', privateIpAddress: '10.8.0.1' });
  const portMappings = Array.from({ length: PORTS }, (_, at) => ({ containerPort: 1_000 + at }));
  world.registerTaskDefinition({
    family: 'wide',
    networkMode: 'bridge',
    containerDefinitions: Array.from({ length: CONTAINERS }, (_, at) => ({
      name: `c${at}`,
      image: 'example/wide:1',
      portMappings,
    })),
  });
  const { taskArn } = world.runTask({
    cluster: 'cluster-0',
    taskDefinition: 'wide',
    service: 'wide',
    machine: machine.instanceId,
  });
  wide = taskArn.slice(taskArn.lastIndexOf('/') + 1);

  const written: number[] = [];
  for (let batch = 0; batch < 6; batch++) {
    await time.during(stack.events.drain());
    written.push(seen.eureka.size);
    const next = stack.events.nextVisibleAt();
    if (next === undefined) break;
    await time.during(time.wait(Math.max(0, next - time.now()) + 1));
  }
  expect(seen.consul.size).toBe(RECORDS);
  expect(seen.cloudmap.size).toBeGreaterThan(RECORDS / 4);
  // What the first batch had no time for, the looks go on with.
  expect(written[0]).toBeGreaterThan(0);
  expect(written.at(-1)).toBeGreaterThan(4 * (written[0] ?? 0));

  scale.slow('eureka', 1);
  await scale.round(scale.renew);
  for (const [name, ids] of Object.entries(seen)) expect(ids.size, name).toBe(RECORDS);
  expect(stack.deadLetters.messages()).toEqual([]);
});
