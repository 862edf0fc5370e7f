import { expect, it } from 'vitest';
import { reconcile } from '../../../shared/sync/reconcile.ts';
import {
  CLUSTER,
  fakeRegistry,
  fakeSource,
  live,
  NOW,
  recordOf,
  servicesOf,
  worldOf,
} from './fakes.ts';

it.each([
  ['region', CLUSTER.replace('eu-west-1', 'us-east-1')],
  ['account', CLUSTER.replace('111122223333', '444455556666')],
])(
  'a cluster of another %s is not called gone: this ECS cannot know it',
  async (_where, cluster) => {
    const registry = fakeRegistry([recordOf('a', { cluster })]);
    const source = fakeSource(
      { tasks: [] },
      { goneClusters: async (clusters) => new Set(clusters) },
    );
    const { context } = worldOf({ registries: [registry], source });
    const { unfinished } = await reconcile(context, NOW + 54_000, live());
    expect(servicesOf(registry)).toEqual(['web a']);
    expect(unfinished).toEqual([]);
  },
);
