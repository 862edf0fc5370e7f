import { describe, expect, it } from 'vitest';
import type { Registry } from '../../../../shared/registries/registry.ts';
import { handleBatch } from '../../../../shared/sync/handle-events.ts';
import { followedAs } from '../../../support/outcomes.ts';
import { CLUSTER, fakeRegistry, fakeSource, live, taskArn, taskOf, worldOf } from '../fakes.ts';

/** A look at two tasks that wait for two operations, which end as said. */
const look = async (
  statuses: Record<string, 'pending' | 'done' | 'failed' | 'forgotten' | 'down'>,
) => {
  const described: string[] = [];
  const follow: Registry['follow'] = async (operations) =>
    operations.map((operation) => {
      const status = statuses[operation] ?? 'forgotten';
      if (status === 'down') throw new Error('503');
      return followedAs(operation, status);
    });
  const registry = fakeRegistry([], { name: 'cloudmap', follow });
  const source = fakeSource({ tasks: [taskOf('a'), taskOf('b')] });
  const { context, looks } = worldOf({
    registries: [registry],
    source: {
      ...source,
      describeTasks: (cluster, arns, signal) => {
        described.push(...arns);
        return source.describeTasks(cluster, arns, signal);
      },
    },
  });
  const body = JSON.stringify({
    rollcall: 1,
    kind: 'look',
    cluster: CLUSTER,
    tasks: [taskArn('a'), taskArn('b')],
    registry: 'cloudmap',
    look: 0,
    operations: Object.keys(statuses),
  });
  const failed = await handleBatch([{ messageId: 'm', body, receiveCount: 1 }], context, live());
  return { described, calls: registry.calls, looks, failed };
};

describe('a look that waits for operations', () => {
  it('ends with them: neither ECS nor the registry is asked for what was confirmed before', async () => {
    expect(await look({ one: 'done', two: 'done' })).toEqual({
      described: [],
      calls: [],
      looks: [],
      failed: [],
    });
  });

  it.each(['pending', 'down'] as const)(
    'looks again while one is %s, and asks nothing else',
    async (status) => {
      const { described, calls, looks } = await look({ one: status });
      expect([...described, ...calls]).toEqual([]);
      expect(looks).toMatchObject([
        { look: 1, operations: ['one'], tasks: [taskArn('a'), taskArn('b')] },
      ]);
    },
  );

  it.each(['failed', 'forgotten'] as const)(
    'reads everything anew where one is %s',
    async (status) => {
      const { described, calls } = await look({ one: status, two: 'done' });
      expect(described).toEqual(expect.arrayContaining([taskArn('a'), taskArn('b')]));
      expect(calls.filter((call) => call.startsWith('upsert'))).toHaveLength(2);
    },
  );
});
