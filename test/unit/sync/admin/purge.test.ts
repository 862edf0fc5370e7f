import { describe, expect, it } from 'vitest';
import { KEY } from '../../../../shared/model/registration.ts';
import { purge } from '../../../../shared/sync/admin/purge.ts';
import { CLUSTER, fakeRegistry, live, recordOf, worldOf } from '../fakes.ts';

const observe = { policy: 'observe' } as const;

describe('a purge', () => {
  it('believes no list that may hide records: it fails there, and deletes no service', async () => {
    const calls: string[] = [];
    const registry = fakeRegistry([], {
      list: async () => ({ records: [], unknown: 'the server has just started' }),
      removeEmptyServices: async () => {
        calls.push('removeEmptyServices');
        return ['web'];
      },
    });
    const { context } = worldOf({ registries: [registry], config: observe });
    const { json } = await purge({ dryRun: false }, context, live());
    expect(json).toEqual([
      { registry: 'consul', error: expect.stringContaining('the server has just started') },
    ]);
    expect(calls).toEqual([]);
  });

  it('still removes what such a list does show', async () => {
    const registry = fakeRegistry([recordOf('a')], { staleLists: true });
    const list = registry.list;
    const hiding = {
      ...registry,
      list: async (...args: Parameters<typeof list>) => ({
        ...(await list(...args)),
        unknown: 'some may be hidden',
      }),
    };
    const { context } = worldOf({ registries: [hiding], config: observe });
    const { json } = await purge({ dryRun: false }, context, live());
    expect(registry.records.size).toBe(0);
    expect(json).toEqual([{ registry: 'consul', error: expect.stringContaining('1 removed') }]);
  });

  it('does not take for left what a list shows though it is gone', async () => {
    const record = recordOf('a');
    const registry = fakeRegistry([record], {
      staleLists: true,
      list: async () => ({ records: [record] }),
    });
    const { context } = worldOf({ registries: [registry], config: observe });
    const { json } = await purge({ dryRun: false }, context, live());
    expect(registry.records.size).toBe(0);
    expect(json).toMatchObject([{ removed: 1, left: 0 }]);
  });

  it('says of a dry run too that the list may hide records', async () => {
    const registry = fakeRegistry([], {
      list: async () => ({ records: [], unknown: 'warming up' }),
    });
    const { context } = worldOf({ registries: [registry] });
    const { json } = await purge({ dryRun: true }, context, live());
    expect(json).toEqual([{ registry: 'consul', error: expect.stringContaining('warming up') }]);
  });

  it.each(['create-only', 'upsert-only', 'sync'] as const)(
    'is refused under %s, which would put everything back, and its dry run is not',
    async (policy) => {
      const registry = fakeRegistry([recordOf('a')]);
      const { context } = worldOf({ registries: [registry], config: { policy } });
      await expect(purge({ dryRun: false }, context, live())).rejects.toThrow(
        `ROLLCALL_POLICY: expected observe before a purge, got ${policy}`,
      );
      expect(registry.calls).toEqual([]);
      const { json } = await purge({ dryRun: true }, context, live());
      expect(json).toMatchObject([{ removed: 1, left: 1 }]);
      expect(registry.calls).toEqual(['list']);
    },
  );

  it('of one registry leaves the others alone, and does not even list them', async () => {
    const consul = fakeRegistry([recordOf('a')]);
    const eureka = { ...fakeRegistry([recordOf('a')]), name: 'eureka' as const };
    const { context } = worldOf({ registries: [consul, eureka], config: observe });
    const { json } = await purge({ registry: 'eureka', dryRun: false }, context, live());
    expect(json).toMatchObject([{ registry: 'eureka', removed: 1, left: 0 }]);
    expect(eureka.records.size).toBe(0);
    expect(consul.records.size).toBe(1);
    expect(consul.calls).toEqual([]);
  });

  it.each([true, false])(
    'of a registry that is not chosen is refused, and touches nothing (dry run: %s)',
    async (dryRun) => {
      const consul = fakeRegistry([recordOf('a')]);
      const { context } = worldOf({ registries: [consul], config: observe });
      for (const registry of ['eureka', 'Consul', ''])
        await expect(purge({ registry, dryRun }, context, live())).rejects.toThrow(
          `registry: expected one of those chosen, consul, got "${registry}"`,
        );
      expect(consul.calls).toEqual([]);
    },
  );

  it.each([
    [undefined, ['theirs']],
    ['shop', ['theirs', 'zoo']],
    ['nowhere', ['shop', 'theirs', 'zoo']],
    ['', ['shop', 'theirs', 'zoo']],
  ])('of the cluster %j leaves %j', async (cluster, left) => {
    const zoo = 'arn:aws:ecs:eu-west-1:111122223333:cluster/zoo';
    const registry = fakeRegistry([
      recordOf('shop'),
      recordOf('zoo', { cluster: zoo }),
      recordOf('theirs', { metadata: { [KEY.owner]: 'theirs:111122223333:eu-west-1' } }),
    ]);
    const { context } = worldOf({ registries: [registry], config: observe });
    await purge({ cluster, dryRun: false }, context, live());
    expect(
      [...registry.records.values()].map(({ id }) => id.replace('-record', '')).sort(),
    ).toEqual(left);
  });

  it.each([
    ['of another region', 'arn:aws:ecs:us-east-1:111122223333:cluster/shop', []],
    ['that is not served', 'arn:aws:ecs:eu-west-1:111122223333:cluster/zoo', ['shop']],
    ['that is none', 'zoo', []],
  ])('leaves our owner’s records of a cluster %s', async (_which, cluster, clusters) => {
    const registry = fakeRegistry([recordOf('shop'), recordOf('other', { cluster })]);
    const { context } = worldOf({ registries: [registry], config: { ...observe, clusters } });
    await purge({ dryRun: false }, context, live());
    expect([...registry.records.values()].map(({ id }) => id)).toEqual(['other-record']);
    await purge({ cluster, dryRun: false }, context, live());
    expect(registry.records.size).toBe(1);
  });

  it('is made in one registry while another is down, and says which', async () => {
    const registry = fakeRegistry([recordOf('a')]);
    const down = fakeRegistry([], {
      name: 'eureka',
      list: () => Promise.reject(new Error('no answer')),
    });
    const { context } = worldOf({ registries: [registry, down], config: observe });
    const { text, json } = await purge({ dryRun: false }, context, live());
    expect(json).toMatchObject([
      { registry: 'consul', removed: 1, left: 0 },
      { registry: 'eureka', error: 'no answer' },
    ]);
    expect(text).toMatch(/eureka .*no answer/);
  });

  it.each([true, false])(
    'of a mistyped cluster names those that have records (dry run: %s)',
    async (dryRun) => {
      const { context } = worldOf({ registries: [fakeRegistry([recordOf('a')])], config: observe });
      const { text } = await purge({ cluster: 'shpo', dryRun }, context, live());
      expect(text).toContain(`no record of ours is in shpo, but in: ${CLUSTER}`);
    },
  );

  it('of a cluster that has records gives no such hint', async () => {
    const { context } = worldOf({ registries: [fakeRegistry([recordOf('a')])], config: observe });
    expect((await purge({ cluster: 'shop', dryRun: true }, context, live())).text).not.toContain(
      'no record of ours',
    );
  });
});
