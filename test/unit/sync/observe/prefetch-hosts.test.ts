import { beforeEach, describe, expect, it } from 'vitest';
import { idOf } from '../../../../shared/model/arn.ts';
import { KEY } from '../../../../shared/model/registration.ts';
import type { Host } from '../../../../shared/model/task.ts';
import type { Answered } from '../../../../shared/source/source.ts';
import { reconcile } from '../../../../shared/sync/reconcile.ts';
import { binding, definition, running } from '../../derive/builders.ts';
import {
  answered,
  CLUSTER,
  type FakeRegistry,
  fakeRegistry,
  fakeSource,
  live,
  NOW,
  servicesOf,
  taskOf,
  worldOf,
} from '../fakes.ts';

const BRIDGE = `${definition().arn}-bridge` as const;
const CLUSTERS = ['a', 'b', 'c'].map((name) => `${CLUSTER}-${name}` as const);
const machineIn = (cluster: string) =>
  `arn:aws:ecs:eu-west-1:111122223333:container-instance/${idOf(cluster)}/1` as const;
const hostIn = (cluster: string): Host => ({
  containerInstanceArn: machineIn(cluster),
  instanceId: `i-${cluster.at(-1)}`,
  privateIpv4: '10.0.0.1',
});

/** A bridge task on a machine of its own in each of three clusters. */
const tasks = CLUSTERS.map((cluster) => {
  const id = `t${cluster.at(-1)}`;
  return taskOf(id, {
    arn: `arn:aws:ecs:eu-west-1:111122223333:task/${idOf(cluster)}/${id}`,
    clusterArn: cluster,
    definitionArn: BRIDGE,
    containerInstanceArn: machineIn(cluster),
    containers: [running({ bindings: [binding(8080, 32_768)] })],
  });
});

interface Meanwhile {
  /** Before the registry's list is read. */
  readonly beforeList?: (round: number, registry: FakeRegistry) => void;
  /** Before a cluster's tasks are. */
  readonly beforeTasks?: (round: number, cluster: string, registry: FakeRegistry) => void;
  readonly now?: () => number;
}

/** What EC2 is asked in each of some rounds, by instance ids. */
const roundsWith = async (
  count: number,
  answer: (round: number, ids: readonly string[]) => Answered<string>,
  { beforeList, beforeTasks, now = () => NOW }: Meanwhile = {},
) => {
  let round = 0;
  const asked: string[][] = [];
  const registry = fakeRegistry();
  const { list } = registry;
  Object.assign(registry, {
    list: async (signal: AbortSignal) => {
      beforeList?.(round, registry);
      return list(signal);
    },
  });
  const listed = fakeSource({ tasks, clusters: CLUSTERS });
  const source = fakeSource(
    {
      tasks,
      clusters: CLUSTERS,
      definitions: [definition({ arn: BRIDGE, networkMode: 'bridge' })],
    },
    {
      listTasks: async (cluster, signal) => {
        beforeTasks?.(round, cluster, registry);
        return listed.listTasks(cluster, signal);
      },
      hosts: async (cluster) => answered({ [machineIn(cluster)]: hostIn(cluster) }),
      hostStates: async (hosts) => {
        const ids = hosts.map(({ instanceId }) => instanceId);
        asked.push(ids);
        return answer(round, ids);
      },
    },
  );
  const { context } = worldOf({ registries: [registry], source, now });
  for (; round < count; round++) await reconcile(context, NOW + 55_000, live());
  return { asked, registry };
};

const up = (ids: readonly string[]) =>
  answered(Object.fromEntries(ids.map((id) => [id, 'running'])));

describe('the hosts of a round', () => {
  it('are asked for together once they are known, whatever their clusters', async () => {
    const { asked, registry } = await roundsWith(2, (_, ids) => up(ids));
    expect(asked).toEqual([['i-a'], ['i-b'], ['i-c'], ['i-a', 'i-b', 'i-c']]);
    expect(registry.records.size).toBe(3);
  });

  it('lose their tasks in the round in which EC2 calls them down', async () => {
    const { registry } = await roundsWith(2, (round, ids) =>
      round === 0 ? up(ids) : answered({ 'i-a': 'running', 'i-b': 'terminated', 'i-c': 'running' }),
    );
    expect(servicesOf(registry)).toEqual(['web ta', 'web tc']);
  });

  it.each(['unread', 'rejected'])('keep their tasks where EC2 cannot be asked: %s', async (how) => {
    const { registry } = await roundsWith(3, (round, ids) => {
      if (round === 0) return up(ids);
      if (how === 'rejected') throw new Error('Unavailable');
      return answered({}, Object.fromEntries(ids.map((id) => [id, 'Unavailable'])));
    });
    expect(registry.records.size).toBe(3);
  });

  describe('of which one dies, and loses its tasks by an event, while ECS calls them running', () => {
    const die = (registry: FakeRegistry) => {
      isDead = true;
      for (const [key, { metadata }] of registry.records)
        if (metadata[KEY.cluster]?.endsWith('-c')) registry.records.delete(key);
    };
    let isDead = false;
    const answer = (_: number, ids: readonly string[]) =>
      answered(
        Object.fromEntries(
          ids.map((id) => [id, isDead && id === 'i-c' ? 'terminated' : 'running']),
        ),
      );
    beforeEach(() => {
      isDead = false;
    });

    it('do not get them back where that was before the lists were read', async () => {
      const beforeList: Meanwhile['beforeList'] = (round, registry) => {
        if (round === 1) die(registry);
      };
      const { registry } = await roundsWith(2, answer, { beforeList });
      expect(servicesOf(registry)).toEqual(['web ta', 'web tb']);
    });

    it('do not get them back in a round that takes long', async () => {
      let now = NOW;
      const beforeTasks: Meanwhile['beforeTasks'] = (round, cluster, registry) => {
        if (round === 0 || !cluster.endsWith('-c')) return;
        die(registry);
        now += 10_001;
      };
      // Not on the list either: an event of this very minute wrote it.
      const beforeList: Meanwhile['beforeList'] = (round, registry) => {
        if (round === 1) registry.records.delete([...registry.records.keys()].at(-1) ?? '');
      };
      const { asked, registry } = await roundsWith(2, answer, {
        beforeList,
        beforeTasks,
        now: () => now,
      });
      expect(servicesOf(registry)).toEqual(['web ta', 'web tb']);
      expect(asked.slice(3)).toEqual([
        ['i-a', 'i-b', 'i-c'],
        ['i-a', 'i-b', 'i-c'],
      ]);
    });
  });
});
