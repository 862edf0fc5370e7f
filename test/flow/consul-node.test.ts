import { describe, expect, it } from 'vitest';
import { toNodeName } from '../../shared/registries/consul/names.ts';
import { expectPlaces, type Flow, startFlow } from './stage.ts';

/** Three tasks registered by their events, one of which stops without Rollcall being told. */
const withLostStop = async () => {
  const flow = await startFlow();
  const tasks = [flow.run(), flow.run(), flow.run()];
  await flow.settle();
  flow.stack.world.dropNext(Number.POSITIVE_INFINITY);
  flow.stack.world.stopTask(tasks[0]?.taskArn ?? '');
  const left = (await flow.places()).consul;
  expect(left).toHaveLength(3);
  return flow;
};

const nameOf = ({ stack }: Flow) => {
  const [cluster = ''] = stack.world.tasks().map(({ clusterArn }) => clusterArn);
  return toNodeName(stack.owner, { cluster, kind: 'plain' });
};

/** As an operator's tool would: what it does not send is gone. */
const registerAnew = (flow: Flow, node: { Address?: string; NodeMeta?: object } = {}) =>
  fetch(`${flow.stack.consul?.url}/v1/catalog/register`, {
    method: 'PUT',
    body: JSON.stringify({ Node: nameOf(flow), Address: '127.0.0.1', ...node }),
  });

const readNode = async (flow: Flow) => {
  const reply = await fetch(`${flow.stack.consul?.url}/v1/catalog/node-services/${nameOf(flow)}`);
  return JSON.parse(await reply.text()) as { Node: { Address: string; Meta: object } };
};

/** Notes what is asked of Consul, and hinders nothing. */
const watchWrites = ({ stack }: Flow) => {
  const writes: string[] = [];
  const match = (method: string, url: string) =>
    method !== 'GET' && writes.push(url.split('?')[0] ?? '') < 0;
  stack.consul?.faults.inject({ times: 1, match });
  return writes;
};

describe('a Consul node that somebody registers anew without its metadata', () => {
  it('is put right by a round that has nothing else to do, and no record is written again', async () => {
    const flow = await startFlow();
    flow.run();
    await flow.settle();
    await flow.stack.reconcile.invoke();
    const before = await readNode(flow);
    await registerAnew(flow);
    const writes = watchWrites(flow);
    const summary = await flow.stack.reconcile.invoke();
    expect(writes).toEqual(['/v1/catalog/register']);
    expect(await readNode(flow)).toMatchObject({
      Node: { Address: before.Node.Address, Meta: before.Node.Meta },
    });
    expect(summary.registries.consul).toMatchObject({ records: 1, drift: 0, failed: 0 });
    expect(summary.registries.consul).not.toHaveProperty('unknown');
    await flow.stack.reconcile.invoke();
    expect(writes).toEqual(['/v1/catalog/register']);
  });

  it('hides no record: what has stopped is taken out in the same round', async () => {
    const flow = await withLostStop();
    await registerAnew(flow, { Address: '192.0.2.1' });
    const summary = await flow.stack.reconcile.invoke();
    expect(summary.registries.consul).toMatchObject({
      records: 3,
      drift: 1,
      written: 0,
      removed: 1,
    });
    expect((await flow.places()).consul).toEqual((await flow.places()).cloudmap);
    expect((await flow.places()).consul).toHaveLength(2);
  });

  it('is told, and not written, under observe', async () => {
    const flow = await withLostStop();
    await registerAnew(flow);
    const blind = await readNode(flow);
    await flow.stack.redeploy({ ROLLCALL_POLICY: 'observe' });
    const writes = watchWrites(flow);
    const summary = await flow.stack.reconcile.invoke();
    expect(summary.registries.consul).toMatchObject({
      records: 3,
      unknown: expect.stringContaining('the metadata rollcall-owner'),
    });
    expect(writes).toEqual([]);
    expect(await readNode(flow)).toEqual(blind);
  });

  it('stays as it is where it bears another owner’s mark: nothing is written there, and why is told', async () => {
    const flow = await withLostStop();
    await registerAnew(flow, { NodeMeta: { 'rollcall-owner': 'somebody else' } });
    const taken = await readNode(flow);
    const writes = watchWrites(flow);
    const summary = await flow.stack.reconcile.invoke();
    expect(writes).toEqual([]);
    expect(await readNode(flow)).toEqual(taken);
    expect(summary.failures).toEqual([
      expect.stringContaining('mark of another owner, "somebody else"'),
    ]);
    expect((await flow.places()).cloudmap).toHaveLength(2);
    await registerAnew(flow);
    await flow.stack.reconcile.invoke();
    const { cloudmap } = await flow.places();
    await expectPlaces(flow, ...cloudmap);
  });
});
