import { describe, expect, it } from 'vitest';
import { toNodeName } from '../../shared/registries/consul/names.ts';
import { container, expectPlaces, type Flow, startFlow } from './stage.ts';

const PROBED = { dockerLabels: { SERVICE_CHECK_HTTP: '/health', SERVICE_CHECK_INTERVAL: '30s' } };
const withProbe = { containerDefinitions: [container(PROBED)] };

/** What of a record in Consul is looked at here, by its id. */
interface Row {
  readonly node: string;
  readonly modified: number;
  readonly checks: Readonly<Record<string, string>>;
}

const nodesOf = ({ stack }: Flow) => {
  const cluster = stack.world.tasks()[0]?.clusterArn ?? '';
  return {
    plain: toNodeName(stack.owner, { cluster, kind: 'plain' }),
    esm: toNodeName(stack.owner, { cluster, kind: 'esm' }),
  };
};

const tablesOf = ({ stack }: Flow) => {
  const tables = stack.consul?.tables();
  if (!tables) throw new Error('no simulated Consul');
  return tables;
};

const rowsOf = (flow: Flow): readonly (Row & { readonly id: string })[] => {
  const { services, checks } = tablesOf(flow);
  return [...services.values()]
    .filter(({ Service }) => Service === 'web')
    .map(({ node: Node, ID, ModifyIndex }) => ({
      id: ID,
      node: Node,
      modified: ModifyIndex,
      checks: Object.fromEntries(
        [...checks.values()]
          .filter((check) => check.Node === Node && check.ServiceID === ID)
          .map(({ CheckID, Status }) => [CheckID.replace(ID, '*'), Status]),
      ),
    }));
};

const call = async (flow: Flow, path: string, body: unknown) => {
  const reply = await fetch(`${flow.stack.consul?.url}${path}`, {
    method: 'PUT',
    body: JSON.stringify(body),
  });
  expect(reply.status, await reply.text()).toBe(200);
};

/** All of Consul as the version wrote it that had one node, and one check for each record. */
const goBack = async (flow: Flow, statusOf: (id: string) => string) => {
  const { plain, esm } = nodesOf(flow);
  const marks = { 'external-node': 'true', 'external-probe': 'false' };
  const { Meta } = [...tablesOf(flow).nodes.values()].find(({ Node }) => Node === plain) ?? {};
  const node = { Node: plain, Address: '127.0.0.1', NodeMeta: { ...Meta, ...marks } };
  await call(flow, '/v1/catalog/register', node);
  const { services, checks } = tablesOf(flow);
  for (const { node: Node, ID, CreateIndex: _, ModifyIndex: __, ...service } of services.values()) {
    const probe = [...checks.values()].find(({ CheckID }) => CheckID === `rollcall:${ID}:probe`);
    if (Node !== esm || !probe) continue;
    const check = {
      Node: plain,
      CheckID: `rollcall:${ID}`,
      Name: 'Checked by consul-esm',
      Status: statusOf(ID),
      ServiceID: ID,
      ServiceName: service.Service,
      Definition: probe.Definition,
    };
    await call(flow, '/v1/txn', [
      { Service: { Verb: 'set', Node: plain, Service: { ID, ...service } } },
      { Check: { Verb: 'set', Check: check } },
    ]);
  }
  await call(flow, '/v1/catalog/deregister', { Node: esm });
};

describe('a task with a probe', () => {
  it('has ECS’s health in all registries, and leaves all of them', async () => {
    const flow = await startFlow();
    const healthCheck = { command: ['CMD-SHELL', 'true'] };
    const { taskArn } = flow.run({ containerDefinitions: [container({ ...PROBED, healthCheck })] });
    flow.stack.world.setHealth(taskArn, 'HEALTHY');
    await flow.settle();
    await flow.stack.reconcile.invoke();
    const [row] = rowsOf(flow);
    expect(row).toMatchObject({
      node: nodesOf(flow).esm,
      checks: { 'rollcall:*': 'passing', 'rollcall:*:probe': 'passing' },
    });
    const { consul } = await flow.places();
    await expectPlaces(flow, ...consul);

    flow.stack.world.setHealth(taskArn, 'UNHEALTHY');
    await flow.settle();
    await flow.stack.reconcile.invoke();
    await expectPlaces(flow, `${consul[0]} unhealthy`);
    expect(rowsOf(flow)[0]?.checks).toEqual({
      'rollcall:*': 'critical',
      'rollcall:*:probe': 'passing',
    });

    flow.stack.world.stopTask(taskArn);
    await flow.settle();
    await expectPlaces(flow);
  });

  it('costs a round that finds nothing to do no write', async () => {
    const flow = await startFlow();
    flow.run(withProbe);
    flow.run();
    await flow.settle();
    await flow.stack.reconcile.invoke();
    const before = flow.stack.consul?.writes();
    const summary = await flow.stack.reconcile.invoke();
    expect(summary.registries.consul).toMatchObject({ records: 2, drift: 0 });
    expect(flow.stack.consul?.writes()).toBe(before);
  });
});

describe('a Consul as the version before left it', () => {
  /** Tasks with and without a probe, more than the delete limit lets go; their ids. */
  const start = async () => {
    const flow = await startFlow({ environment: { ROLLCALL_DELETE_LIMIT: '1' } });
    const plain = [flow.run(), flow.run()];
    const probed = Array.from({ length: 12 }, () => flow.run(withProbe));
    await flow.settle();
    await flow.stack.reconcile.invoke();
    const [failing = ''] = probed.map(({ taskArn }) => taskArn.split('/').at(-1) ?? '');
    await goBack(flow, (id) => (id.startsWith(failing) ? 'critical' : 'passing'));
    expect(new Set(rowsOf(flow).map(({ node }) => node))).toEqual(new Set([nodesOf(flow).plain]));
    return { flow, plain, probed, failing };
  };

  it('is brought over by one round: only records with a probe move, and none is missing meanwhile', async () => {
    const { flow, plain, probed, failing } = await start();
    const before = rowsOf(flow);
    const counts = new Set<number>();
    const look = () => counts.add(new Set(rowsOf(flow).map(({ id }) => id)).size).size < 0;
    flow.stack.consul?.faults.inject({ times: 1, match: look });
    const summary = await flow.stack.reconcile.invoke();
    look();

    expect([...counts]).toEqual([plain.length + probed.length]);
    expect(summary.registries.consul).toMatchObject({ drift: 12, removed: 0, failed: 0 });
    expect(flow.saying('as an earlier version wrote it')).toHaveLength(1);
    const after = rowsOf(flow);
    expect(after).toHaveLength(plain.length + probed.length);
    const { plain: first, esm } = nodesOf(flow);
    for (const { taskArn } of plain) {
      const id = taskArn.split('/').at(-1) ?? '';
      const unchanged = before.find((row) => row.id.startsWith(id));
      expect(after.find((row) => row.id.startsWith(id))).toEqual(unchanged);
      expect(unchanged).toMatchObject({ node: first, checks: { 'rollcall:*': 'passing' } });
    }
    const moved = after.filter(({ node }) => node === esm);
    expect(moved).toHaveLength(probed.length);
    for (const { id, checks } of moved)
      expect(checks).toEqual({
        'rollcall:*': 'passing',
        'rollcall:*:probe': id.startsWith(failing) ? 'critical' : 'passing',
      });
    const metas = [...tablesOf(flow).nodes.values()].map(({ Node, Meta }) => [
      Node,
      Object.keys(Meta ?? {}).includes('external-node'),
    ]);
    expect(metas).toEqual(
      expect.arrayContaining([
        [first, false],
        [esm, true],
      ]),
    );
    const writes = flow.stack.consul?.writes();
    expect((await flow.stack.reconcile.invoke()).registries.consul).toMatchObject({ drift: 0 });
    expect(flow.stack.consul?.writes()).toBe(writes);
  });

  it('loses a task that stops before that, though the event knows no node', async () => {
    const { flow, probed } = await start();
    flow.stack.world.stopTask(probed[0]?.taskArn ?? '');
    await flow.settle();
    expect(rowsOf(flow)).toHaveLength(13);
    await flow.stack.reconcile.invoke();
    expect(rowsOf(flow)).toHaveLength(13);
    expect((await flow.places()).consul).toHaveLength(13);
  });

  it('is only told under observe', async () => {
    const { flow } = await start();
    await flow.stack.redeploy({ ROLLCALL_POLICY: 'observe' });
    const before = rowsOf(flow);
    const summary = await flow.stack.reconcile.invoke();
    expect(summary.registries.consul).toMatchObject({
      unknown: expect.stringContaining('bears the metadata external-node'),
    });
    expect(rowsOf(flow)).toEqual(before);
  });
});
