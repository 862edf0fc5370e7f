import { afterEach, describe, expect, it } from 'vitest';
import { createEc2 } from '../../local/aws/ec2.ts';
import { createEcs } from '../../local/aws/ecs.ts';
import { type AwsServer, startAws } from '../../local/aws/server.ts';
import { createWorld } from '../../local/aws/world.ts';
import { type Flow, startFlow } from './stage.ts';

const servers: AwsServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

/**
 * Tasks registered from one region; then the functions are those of another one, with the same
 * owner and registries.
 */
const moved = async (tasks: number): Promise<Flow> => {
  const flow = await startFlow();
  for (let at = 0; at < tasks; at++) flow.run();
  await flow.settle();
  const elsewhere = createWorld({ region: 'us-east-1' });
  const server = await startAws([createEcs(elsewhere), createEc2(elsewhere)]);
  servers.push(server);
  await flow.stack.redeploy({
    AWS_REGION: elsewhere.region,
    AWS_ENDPOINT_URL_ECS: server.url,
    AWS_ENDPOINT_URL_EC2: server.url,
    ROLLCALL_PLACE: `aws:${elsewhere.region}:${elsewhere.account}`,
  });
  return flow;
};

describe('a second region with the same owner and the same registries, without a cluster of its own', () => {
  it('removes, plans, renews and purges no record of the first one', async () => {
    const flow = await moved(14);
    const { stack } = flow;
    const before = await flow.places();
    expect(before.eureka).toHaveLength(14);

    const summary = await stack.reconcile.invoke();
    expect(summary).toMatchObject({ clusters: 0, withheld: [], failures: [] });
    for (const { drift, removed } of Object.values(summary.registries))
      expect([drift, removed]).toEqual([0, 0]);
    await expect(stack.inspect({ command: 'plan' })).rejects.toThrow('in scope (none)');
    expect((await stack.operate({ command: 'purge', dryRun: true })).json).toMatchObject([
      { removed: 0 },
      { removed: 0 },
      { removed: 0 },
    ]);
    const writes = stack.eureka?.writes();
    await stack.renew.invoke();
    expect(stack.eureka?.writes()).toBe(writes);
    expect(await flow.places()).toEqual(before);
  });

  it('leaves events of the first one, which a shared bus brings, without a call of ECS’s', async () => {
    const flow = await moved(1);
    const { stack } = flow;
    const before = await flow.places();
    flow.run();
    stack.aws.clearCalls();
    await flow.settle();
    expect(stack.aws.calls().filter(({ operation }) => /^Describe|^List/.test(operation))).toEqual(
      [],
    );
    expect(await flow.places()).toEqual(before);
    expect(stack.deadLetters.messages()).toEqual([]);
    expect(flow.saying('events of another account or region')).toHaveLength(1);
  });
});
