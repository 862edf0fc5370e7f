import { describe, expect, it } from 'vitest';
import type { Task } from '../../local/aws/world/shapes.ts';
import { type DockerPort, type Inspected, register } from '../support/registrator.ts';
import { container, type Flow, startFlow } from './stage.ts';

const LABELS = { SERVICE_TAGS: 'blue,v2', SERVICE_TEAM: 'shop', SERVICE_8080_CHECK_HTTP: '/up' };
const HOSTS = ['10.1.0.10', '10.1.0.20'] as const;

/**
 * A cluster of two hosts with bridge-mode tasks, under the profile `registrator` and the policy
 * `observe`.
 */
const startBridged = async (environment: Readonly<Record<string, string>> = {}) => {
  const flow = await startFlow({
    environment: { ROLLCALL_PROFILE: 'registrator', ROLLCALL_POLICY: 'observe', ...environment },
  });
  flow.stack.world.addMachine({ cluster: 'shop', privateIpAddress: HOSTS[1] });
  return flow;
};

const runOn = (flow: Flow, address: string): Task => {
  const machine = flow.stack.world
    .machines()
    .find((one) => one.privateIpAddress === address)?.instanceId;
  return flow.run(
    {
      networkMode: 'bridge',
      containerDefinitions: [
        container({
          image: 'registry:5000/team/api:v1',
          dockerLabels: LABELS,
          environment: [{ name: 'SERVICE_REVISION', value: '7' }],
          portMappings: [{ containerPort: 8080 }, { containerPort: 9090 }],
        }),
      ],
    },
    { ...(machine && { machine }) },
  );
};

/** As Docker on the task's host shows its container. */
const inspect = ({ containers }: Task): Inspected => {
  const [app] = containers;
  const ports = (app?.networkBindings ?? []).map(
    ({ bindIP, containerPort = 0, hostPort = 0, protocol }): DockerPort => ({
      containerPort,
      protocol: protocol === 'udp' ? 'udp' : 'tcp',
      bindings: [{ hostIp: bindIP, hostPort }],
    }),
  );
  const name = `ecs-web-1-app-${app?.containerArn.slice(-20).replace(/[^a-z0-9]/g, '')}`;
  return {
    name,
    image: 'registry:5000/team/api:v1',
    env: ['PATH=/bin', 'SERVICE_REVISION=7'],
    labels: LABELS,
    ports,
  };
};

/** What Registrator on the task's host, and the agent it speaks to, leave in Consul. */
const plant = async ({ stack }: Flow, task: Task, address: string) => {
  const hostname = `ip-${address.replaceAll('.', '-')}`;
  const services = register(inspect(stack.world.task(task.taskArn) ?? task), {
    hostname,
    hostIp: address,
  });
  for (const service of services) {
    const body = {
      Node: hostname,
      Address: address,
      Service: {
        ID: service.id,
        Service: service.name,
        Address: service.address,
        Port: service.port,
        Tags: service.tags,
        Meta: service.attributes,
      },
    };
    const url = `${stack.environment['CONSUL_HTTP_ADDR']}/v1/catalog/register`;
    const reply = await fetch(url, { method: 'PUT', body: JSON.stringify(body) });
    expect(await reply.text()).toBe('true');
  }
  return services;
};

const startPlanted = async (environment: Readonly<Record<string, string>> = {}) => {
  const flow = await startBridged(environment);
  const tasks = HOSTS.map((address) => runOn(flow, address));
  await flow.settle();
  for (const [at, task] of tasks.entries()) await plant(flow, task, HOSTS[at] ?? '');
  return { flow, tasks };
};

const parity = async ({ stack }: Flow, more: object = {}) => {
  const { json, text } = await stack.inspect({ command: 'parity', ...more });
  return { text, ...(json as { counts: object; rows: readonly object[] }) };
};
const CLEAN = { missing: 0, different: 0, added: 0, same: 4, other: 1 };

describe('parity with what Registrator wrote', () => {
  it('is whole under the profile registrator, and nothing is written to find out', async () => {
    const { flow } = await startPlanted();
    const { counts, text } = await parity(flow);
    expect(counts).toEqual(CLEAN);
    expect(text).toContain('api-8080');
    expect((await flow.places()).consul).toEqual([]);
  });

  it('stays whole while both write, and shows as added what Registrator no longer does', async () => {
    const { flow } = await startPlanted({ ROLLCALL_POLICY: 'sync' });
    expect((await flow.places()).consul).toHaveLength(4);
    expect((await parity(flow)).counts).toEqual(CLEAN);

    const url = `${flow.stack.environment['CONSUL_HTTP_ADDR']}/v1/catalog/deregister`;
    await fetch(url, { method: 'PUT', body: JSON.stringify({ Node: 'ip-10-1-0-10' }) });
    expect((await parity(flow)).counts).toEqual({ ...CLEAN, same: 2, added: 2 });
  });

  it('tells under another profile which names, tags and metadata would change', async () => {
    const { flow } = await startPlanted({ ROLLCALL_PROFILE: 'ecs' });
    const { counts, rows } = await parity(flow, { service: 'web' });
    expect(counts).toEqual({ ...CLEAN, same: 0, different: 2, other: 0 });
    expect(rows).toMatchObject([
      {
        held: { service: 'api-8080' },
        desired: { service: 'web' },
        differs: [
          { field: 'name', held: 'api-8080', desired: 'web' },
          { field: 'metadata.check_http', held: '/up' },
          { field: 'metadata.revision', held: '7' },
        ],
      },
      {},
    ]);
  });

  it('calls missing what Registrator left behind of a task that stopped', async () => {
    const { flow, tasks } = await startPlanted();
    flow.stack.world.stopTask(tasks[0]?.taskArn ?? '');
    const { counts } = await parity(flow, { cluster: 'shop' });
    expect(counts).toMatchObject({ missing: 2, same: 2 });
  });
});

it('parity without Consul is refused, saying what it needs', async () => {
  const { stack } = await startFlow({ environment: { ROLLCALL_REGISTRIES: 'cloudmap' } });
  await expect(stack.inspect({ command: 'parity' })).rejects.toThrow(
    'parity: expected consul among ROLLCALL_REGISTRIES',
  );
});
