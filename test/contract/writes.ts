import { expect } from 'vitest';
import { KEY, type Registration } from '../../shared/model/registration.ts';
import {
  clear,
  eventually,
  expectHeld,
  expectWritten,
  type Fact,
  listOurs,
  quiet,
  removals,
  type Stage,
  sorted,
  upserts,
} from './stage.ts';

const one = (records: readonly Registration[]): Registration => {
  const [record] = records;
  if (!record) throw new Error('fit gave no record');
  return record;
};

const setHealth = (stage: Stage, record: Registration, health: 'healthy' | 'unhealthy') =>
  stage.apply([{ kind: 'health', record, health, before: record, reason: 'health differs' }]);

export const writes: readonly Fact[] = [
  {
    name: 'shows what was registered, in list and get, equal to what fit gave',
    async run(stage) {
      const records = await stage.put(
        stage.instance({
          tags: ['blue', 'v1'],
          metadata: { team: 'stock', 'Mixed-Case': 'Value one' },
        }),
        stage.instance({ address: '10.0.1.18', ipv4: '10.0.1.18', port: 32768, weight: 5 }),
        stage.instance({ protocol: 'udp', port: 5353 }),
      );
      await expectHeld(stage.running, records);
    },
  },
  {
    name: 'names the records of an identity before there is an address',
    async run(stage) {
      const { registry } = stage.running;
      const made = stage.instance({ service: 'Name with/slash', tags: ['a'] });
      const { id, service, protocol, cluster } = made;
      const keys = registry
        .refs({ id, service, protocol, cluster })
        .map((ref) => registry.key(ref));
      const fitted = stage.fit(made);
      expect(fitted).not.toEqual([]);
      for (const record of fitted) expect(keys).toContain(registry.key(record));
    },
  },
  {
    name: 'is the same after a record is sent twice',
    async run(stage) {
      const records = await stage.put(stage.instance());
      expectWritten(await stage.apply(upserts(records)));
      expectWritten(
        await stage.apply(
          records.map((record) => ({ kind: 'upsert', record, before: record, reason: 'again' })),
          stage.running.registryFor(stage.running.owner),
        ),
      );
      await expectHeld(stage.running, records);
    },
  },
  {
    name: 'replaces a record whose port, address, tags and metadata changed',
    async run(stage) {
      const before = stage.instance({ tags: ['old'], metadata: { stays: 'a', leaves: 'b' } });
      await stage.put(before);
      const { leaves: _, ...metadata } = before.metadata;
      const after = {
        ...before,
        address: '10.0.1.99',
        ipv4: '10.0.1.99',
        port: 9090,
        tags: ['new'],
        metadata,
      };
      await expectHeld(stage.running, await stage.put(after));
    },
  },
  {
    name: 'shows a change of health, both ways, and nothing else changed',
    async run(stage) {
      const records = await stage.put(stage.instance());
      for (const health of ['unhealthy', 'healthy'] as const) {
        for (const record of records) expectWritten(await setHealth(stage, record, health));
        await expectHeld(
          stage.running,
          records.map((record) => ({ ...record, health: record.health && health })),
        );
      }
    },
  },
  {
    name: 'writes an instance that is starting, or waits for its first healthy answer',
    async run(stage) {
      const records = stage.fit(stage.instance({ health: 'starting' }));
      const outcomes = await stage.apply(upserts(records));
      if (stage.running.registry.waitsForHealth) {
        expect(outcomes.map(({ status }) => status)).toEqual(records.map(() => 'pending'));
        expect(await stage.running.registry.get(records, quiet())).toEqual([]);
      } else {
        expectWritten(outcomes);
        await expectHeld(stage.running, records);
      }
    },
  },
  {
    name: 'removes a record, says of what is absent that nothing changed, and leaves neighbours alone',
    async run(stage) {
      const stays = await stage.put(
        stage.instance(),
        stage.instance({ service: `${stage.service}-b` }),
      );
      const leaves = await stage.put(stage.instance());
      for (const status of ['done', 'unchanged']) {
        const outcomes = await stage.apply(removals(leaves));
        expect(outcomes).toMatchObject(leaves.map(() => ({ status })));
      }
      await expectHeld(stage.running, stays);
      expect(await stage.running.registry.get(leaves, quiet())).toEqual([]);
    },
  },
  {
    name: 'says that nothing changed where the service was never known',
    async run(stage) {
      const absent = stage.fit(stage.instance({ service: 'never-registered' }));
      expect(await stage.apply(removals(absent))).toMatchObject(
        absent.map(() => ({ status: 'unchanged' })),
      );
    },
  },
  {
    name: 'answers gone to a health change of an absent record, and writes nothing',
    async run(stage) {
      const record = one(stage.fit(stage.instance()));
      const outcomes = await setHealth(stage, { ...record }, 'unhealthy');
      expect(outcomes.map(({ status }) => status)).toEqual(['gone']);
      expect(await stage.running.registry.get([record], quiet())).toEqual([]);
    },
  },
  {
    name: 'gives one outcome per change, in order, and one failure stops no other',
    async run(stage) {
      const a = one(stage.fit(stage.instance()));
      const b = one(stage.fit(stage.instance()));
      const absent = one(stage.fit(stage.instance()));
      const changes = [
        ...upserts([a]),
        { kind: 'health', record: absent, health: 'unhealthy', reason: 'health differs' } as const,
        ...upserts([b]),
        ...removals([absent]),
      ];
      const outcomes = await stage.apply(changes);
      expect(outcomes.map(({ change }) => change)).toEqual(changes);
      expect(outcomes.map(({ status }) => status)).toEqual([
        'done',
        'gone',
        'done',
        expect.stringMatching(/^(done|unchanged)$/),
      ]);
      await expectHeld(stage.running, [a, b]);
    },
  },
  {
    name: 'carries 250 records through batches and pages',
    async run(stage) {
      const records = await stage.put(
        ...Array.from({ length: 250 }, (_, at) => stage.instance({ port: 9000 + at })),
      );
      await expectHeld(stage.running, records);
      await eventually(async () => {
        const targets = await stage.running.directory.instances(one(records).service, quiet());
        expect(targets?.length).toBe(
          records.filter(({ service }) => service === one(records).service).length,
        );
      });
      expectWritten(await stage.apply(removals(records)));
      await eventually(async () => expect(await listOurs(stage.running)).toEqual([]));
    },
  },
  {
    name: 'does nothing, without a failure, for an empty batch',
    async run({ apply }) {
      expect(await apply([])).toEqual([]);
    },
  },
  {
    name: 'renews what is there, and answers gone for what is not, where records live on leases',
    async run(stage) {
      const { registry } = stage.running;
      const records = await stage.put(stage.instance());
      const absent = stage.fit(stage.instance());
      const outcomes = await registry.renew?.([...records, ...absent], quiet());
      if (outcomes)
        expect(outcomes.map(({ status }) => status)).toEqual([
          ...records.map(() => expect.stringMatching(/^(done|unchanged)$/)),
          ...absent.map(() => 'gone'),
        ]);
      await expectHeld(stage.running, records);
    },
  },
  {
    name: 'lists records of others without our owner, and never touches them',
    async run(stage) {
      const records = await stage.put(stage.instance());
      const service = one(records).service;
      const stranger = { service, id: `foreign-${service}`, address: '10.9.9.9', port: 99 };
      await stage.running.plantForeign(stranger);
      await eventually(async () => {
        const { records: all } = await stage.running.registry.list(quiet());
        const seen = all.filter(({ id }) => id === stranger.id);
        expect(seen.map(({ metadata }) => metadata[KEY.owner])).toEqual([undefined]);
      });
      expectWritten(await stage.apply(removals(records)));
      expect(await stage.running.foreignExists(stranger)).toBe(true);
    },
  },
  {
    name: 'keeps two owners apart, even under one service name',
    async run(stage) {
      const { running } = stage;
      const owner = `${running.owner}-other`;
      const other = running.registryFor(owner);
      const mine = await stage.put(stage.instance());
      const base = stage.instance({ address: '10.0.1.44' });
      const theirs = other.fit({
        ...base,
        metadata: { ...base.metadata, [KEY.owner]: owner },
      }).records;
      expectWritten(await stage.apply(upserts(theirs), other));
      await expectHeld(running, mine);
      await eventually(async () =>
        expect(await listOurs(running, { owner, registry: other })).toStrictEqual(sorted(theirs)),
      );
      await clear(running, owner);
      await expectHeld(running, mine);
    },
  },
  {
    name: 'shows a write of one function instance to another that was warm before it',
    async run(stage) {
      const { running } = stage;
      const warm = running.registryFor(running.owner);
      await listOurs(running, { registry: warm });
      const records = await stage.put(stage.instance());
      await eventually(async () =>
        expect(await listOurs(running, { registry: warm })).toStrictEqual(sorted(records)),
      );
    },
  },
];
