import { expect } from 'vitest';
import { eventually, expectWritten, type Fact, quiet } from './stage.ts';

/**
 * Clients find a service by the name that it was registered by, whatever case a registry keeps it
 * in: `stage.service`.
 */
export const directory: readonly Fact[] = [
  {
    name: 'shows a client what was registered',
    async run(stage) {
      const made = stage.instance({ tags: ['blue', 'v1'], metadata: { team: 'stock' }, weight: 3 });
      await stage.put(made);
      await eventually(async () => {
        const targets = await stage.running.directory.instances(stage.service, quiet());
        expect(targets).toEqual([
          {
            id: made.id,
            service: stage.service,
            address: made.address,
            port: made.port,
            protocol: 'tcp',
            healthy: true,
            zone: 'eu-west-1a',
            weight: 3,
            tags: ['blue', 'v1'],
            metadata: expect.objectContaining({ team: 'stock', ROLLCALL_TASK: made.task }),
          },
        ]);
      });
    },
  },
  {
    name: 'shows udp as udp',
    async run(stage) {
      await stage.put(stage.instance({ protocol: 'udp' }));
      await eventually(async () => {
        const targets = await stage.running.directory.instances(stage.service, quiet());
        expect(targets?.map(({ protocol }) => protocol)).toEqual(['udp']);
      });
    },
  },
  {
    name: 'tells everything at once as it tells it service by service',
    async run(stage) {
      const records = await stage.put(stage.instance(), stage.instance());
      const { directory: one } = stage.running;
      const [first] = records;
      const all = await one.everything(quiet());
      expect(all.find(({ name }) => name === stage.service)?.targets).toHaveLength(
        records.filter(({ service }) => service === first?.service).length,
      );
      for (const { name, targets } of all) {
        expect(await one.instances(name, quiet())).toEqual(targets);
        expect(targets.filter(({ service }) => service !== name)).toEqual([]);
      }
    },
  },
  {
    name: 'shows who is healthy, in services sorted by name',
    async run(stage) {
      const records = await stage.put(stage.instance(), stage.instance(), stage.instance());
      const [sick] = records;
      if (!sick) throw new Error('fit gave no record');
      expectWritten(
        await stage.apply([
          { kind: 'health', record: sick, health: 'unhealthy', before: sick, reason: 'differs' },
        ]),
      );
      const { service } = stage;
      const instances = records.filter((record) => record.service === sick.service).length;
      await eventually(async () => {
        const all = await stage.running.directory.everything(quiet());
        const found = all.find(({ name }) => name === service)?.targets;
        expect(found).toHaveLength(instances);
        expect(found?.filter(({ healthy }) => !healthy).map(({ id }) => id)).toEqual([sick.id]);
        const order = all.map(({ name }) => name);
        expect(order).toEqual(order.toSorted());
      });
      const targets = await stage.running.directory.instances(service, quiet());
      const ids = targets?.map(({ id }) => id) ?? [];
      expect(ids).toEqual(ids.toSorted());
    },
  },
  {
    name: 'shows records of others too',
    async run(stage) {
      const [record] = await stage.put(stage.instance());
      if (!record) throw new Error('fit gave no record');
      const stranger = {
        service: record.service,
        id: `foreign-${stage.service}`,
        address: '10.9.9.9',
        port: 99,
      };
      await stage.running.plantForeign(stranger);
      await eventually(async () => {
        const targets = await stage.running.directory.instances(stage.service, quiet());
        expect(targets?.find(({ id }) => id === stranger.id)).toMatchObject({
          ...stranger,
          service: stage.service,
        });
      });
    },
  },
  {
    name: 'has no instances of a service that nobody registered',
    async run({ running, service }) {
      expect((await running.directory.instances(`${service}-never`, quiet())) ?? []).toEqual([]);
    },
  },
];
