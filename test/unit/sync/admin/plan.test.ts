import { describe, expect, it } from 'vitest';
import { plan } from '../../../../shared/sync/admin/plan.ts';
import { reconcile } from '../../../../shared/sync/reconcile.ts';
import {
  CLUSTER,
  fakeRegistry,
  fakeSource,
  live,
  NOW,
  recordOf,
  taskArn,
  taskOf,
  type World,
  worldOf,
} from '../fakes.ts';

const OTHER = 'arn:aws:ecs:eu-west-1:111122223333:cluster/zoo';
const ask = async (world: World, cluster?: string) => {
  const made = worldOf(world);
  return { ...made, answer: await plan({ cluster }, made.context, live()) };
};
const missing = (count: number) => Array.from({ length: count }, (_, at) => `m${at}`);

describe('a plan asked for by hand', () => {
  it('says what the next reconcile would do, and does nothing of it', async () => {
    const registry = fakeRegistry([recordOf('old')]);
    const source = fakeSource({
      tasks: [taskOf('a'), taskOf('old', { desiredStatus: 'STOPPED' })],
    });
    const { answer, store } = await ask({ registries: [registry], source });
    expect(answer.text).toMatch(
      /^\+ +consul +web +a-8080-\w+ +10\.0\.1\.163:8080 +not registered yet$/m,
    );
    expect(answer.text).toMatch(/^- +consul +web +old-record /m);
    expect(answer.json).toMatchObject([
      {
        cluster: CLUSTER,
        plans: [{ changes: [{ kind: 'upsert' }, { kind: 'remove' }] }],
        failures: [],
      },
    ]);
    expect(registry.calls).toEqual(['list']);
    expect([store.summary, store.approval]).toEqual([undefined, undefined]);
  });

  it('names the id of what is withheld: the very one that the reconciler withholds', async () => {
    const registries = [fakeRegistry(missing(12).map((id) => recordOf(id)))];
    const source = fakeSource({ tasks: [], missing: missing(12).map(taskArn) });
    const { answer, context } = await ask({ registries, source });
    const { withheld } = await reconcile(context, NOW + 55_000, live());
    expect(withheld).toHaveLength(1);
    expect(answer.json).toMatchObject([{ release: withheld[0]?.plan }]);
    const admin = { stack: 'rollcall-prod', region: 'eu-west-1' };
    const { text } = await plan({}, { ...context, admin }, live());
    const typed = `run: rollcall release ${withheld[0]?.plan}`;
    expect(answer.text).toMatch(new RegExp(`${typed}$`));
    expect(text).toContain(`${typed} --stack rollcall-prod --region eu-west-1`);
  });

  it('tells why something is not registered, and which registry cannot be read, beside the others', async () => {
    const down = fakeRegistry([], {
      name: 'eureka',
      list: () => Promise.reject(new Error('no answer')),
    });
    const source = fakeSource({ tasks: [taskOf('a')], definitions: [] });
    const { answer } = await ask({ registries: [fakeRegistry(), down], source });
    expect(answer.text).toContain('left out (definition-gone): ');
    expect(answer.text).toContain('eureka cannot be planned: no answer');
    expect(answer.json).toMatchObject([
      { plans: [{ registry: 'consul' }], failures: [{ registry: 'eureka' }] },
    ]);
  });

  it.each([
    [undefined, [CLUSTER, OTHER]],
    ['zoo', [OTHER]],
    ['*o*', [CLUSTER, OTHER]],
    [CLUSTER, [CLUSTER]],
  ])('of the cluster %s speaks of %j', async (cluster, expected) => {
    const source = fakeSource({ tasks: [], clusters: [CLUSTER, OTHER] });
    const { answer } = await ask({ source }, cluster);
    expect(answer.json).toMatchObject(expected.map((one) => ({ cluster: one })));
  });

  it.each(['shpo', ''])(
    'of a cluster that is not in scope (%j) is refused, with those that are',
    async (cluster) => {
      await expect(ask({}, cluster)).rejects.toThrow(
        `cluster: expected one in scope (${CLUSTER}), got ${cluster}`,
      );
    },
  );

  it('is refused where there is no cluster at all', async () => {
    await expect(ask({ source: fakeSource({ tasks: [], clusters: [] }) })).rejects.toThrow(
      'in scope (none)',
    );
  });
});
