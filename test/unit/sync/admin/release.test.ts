import { describe, expect, it } from 'vitest';
import type { Summary } from '../../../../shared/model/summary.ts';
import { release } from '../../../../shared/sync/admin/release.ts';
import { CLUSTER, live, NOW, worldOf } from '../fakes.ts';

const summary = (withheld: Summary['withheld']): Summary => ({
  at: new Date(NOW).toISOString(),
  milliseconds: 10,
  policy: 'sync',
  clusters: 1,
  tasks: 0,
  registries: {},
  withheld,
  unfinished: [],
  skips: [],
  failures: [],
});
const withholding = (...plans: readonly string[]) => {
  const world = worldOf();
  world.store.summary = summary(
    plans.map((plan) => ({ cluster: CLUSTER, plan, removals: 36, why: 'missing' })),
  );
  return world;
};

describe('a release', () => {
  it('lets the very plan through for 15 minutes, and says what that is', async () => {
    const { context, store } = withholding('aaaa', 'bbbb');
    const answer = await release({ plan: 'bbbb' }, context, live());
    expect(store.approval).toEqual({ plan: 'bbbb', until: NOW + 15 * 60_000 });
    const until = '2026-01-02T12:15:00.000Z';
    expect(answer).toEqual({
      text: `released 36 removals (all registries) in ${CLUSTER} until ${until}`,
      json: { cluster: CLUSTER, plan: 'bbbb', removals: 36, why: 'missing', until },
    });
  });

  it('of a plan that the last reconcile did not withhold is refused, with those that it did', async () => {
    const { context, store } = withholding('aaaa', 'bbbb');
    await expect(release({ plan: 'cccc' }, context, live())).rejects.toThrow(
      'release: expected a plan that the last reconcile withheld (aaaa, bbbb), got cccc',
    );
    expect(store.approval).toBeUndefined();
  });

  it.each([
    ['nothing is withheld', withholding()],
    ['no reconcile has left a summary yet', worldOf()],
  ])('is refused where %s', async (_, { context, store }) => {
    await expect(release({ plan: 'aaaa' }, context, live())).rejects.toThrow(
      '(none is withheld), got aaaa',
    );
    expect(store.approval).toBeUndefined();
  });

  it('that cannot be left is no release', async () => {
    const { context, store } = withholding('aaaa');
    const denied = { ...store, saveApproval: () => Promise.reject(new Error('AccessDenied')) };
    await expect(release({ plan: 'aaaa' }, { ...context, store: denied }, live())).rejects.toThrow(
      'AccessDenied',
    );
  });
});
