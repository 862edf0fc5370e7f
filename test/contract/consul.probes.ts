import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Change } from '../../shared/model/plan.ts';
import type { Instance, Registration } from '../../shared/model/registration.ts';
import { difference } from '../../shared/plan/diff.ts';
import { planChanges } from '../../shared/plan/plan.ts';
import type { NodeKind } from '../../shared/registries/consul/names.ts';
import type { ConsulHarness, ConsulRunning } from './consul.harness.ts';
import { clear, expectHeld, expectWritten, quiet, removals, stageOn, upserts } from './stage.ts';

/** What of a check is looked at here. */
interface CheckRow {
  readonly CheckID: string;
  readonly ServiceID: string;
  readonly Status: string;
  readonly Output: string;
  readonly Definition: Readonly<Record<string, string>>;
  readonly ModifyIndex: number;
}

interface ServiceRow {
  readonly ID: string;
  readonly ModifyIndex: number;
}

const CHECK = { kind: 'http', target: 'http://10.0.1.17:8080/health', interval: '10s' } as const;

/** Records of which consul-esm makes a check, beside ECS's health. */
export const probes = (harness: ConsulHarness): void => {
  describe(`${harness.title}: a record with a probe`, () => {
    let running: ConsulRunning;
    beforeAll(async () => {
      running = await harness.start();
    });
    afterEach(() => clear(running));
    afterAll(() => running?.stop());

    const read = async <T>(path: string) => JSON.parse(await running.call('GET', path)) as T;
    const servicesOn = async (kind: NodeKind) => {
      const path = `/v1/catalog/node-services/${running.nodes[kind]}`;
      return (await read<{ Services: readonly ServiceRow[] | null }>(path)).Services ?? [];
    };
    const idsOn = async (kind: NodeKind) => (await servicesOn(kind)).map(({ ID }) => ID);
    const checksOn = async (kind: NodeKind) => {
      const rows = await read<readonly CheckRow[]>(`/v1/health/node/${running.nodes[kind]}`);
      return rows
        .filter(({ ServiceID }) => ServiceID !== '')
        .sort((a, b) => (a.CheckID < b.CheckID ? -1 : 1));
    };
    const apply = (changes: readonly Change[]) => running.registry.apply(changes, quiet());
    const put = async (...records: readonly Registration[]) =>
      expectWritten(await apply(upserts(records)));
    /** As whoever changes a record does, who has read it. */
    const change = async (record: Registration) => {
      const before = await held(record);
      const [upsert] = upserts([record]);
      expectWritten(await apply(upsert ? [{ ...upsert, ...(before && { before }) }] : []));
    };
    const held = async (record: Registration) => (await running.registry.get([record], quiet()))[0];
    const listed = async ({ id }: Registration) =>
      (await running.registry.list(quiet())).records.find((record) => record.id === id);
    const make = (over: Partial<Instance> = {}): Registration => {
      const stage = stageOn(running);
      const [record] = stage.fit(stage.instance(over));
      if (!record) throw new Error('no record');
      return record;
    };
    const probed = (over: Partial<Instance> = {}) => make({ check: CHECK, ...over });
    /** The same record without its probe. */
    const bare = (record: Registration): Registration => ({ ...record, detail: make().detail });
    /** What the ESM does after a probe: it sends back what it has read, of which it knows this. */
    const probe = async ({ id, service }: Registration, Status: string) => {
      const CheckID = `rollcall:${id}:probe`;
      const now = (await checksOn('esm')).find((check) => check.CheckID === CheckID);
      if (!now) throw new Error('no probe');
      const { Definition, ModifyIndex } = now;
      const check = {
        Node: running.nodes.esm,
        CheckID,
        Name: 'Checked by consul-esm',
        Status,
        Output: 'HTTP GET: 503',
        ServiceID: id,
        ServiceName: service,
        Definition: { HTTP: Definition['HTTP'], Interval: Definition['Interval'] },
        ModifyIndex,
      };
      await running.call('PUT', '/v1/txn', [{ Check: { Verb: 'cas', Check: check } }]);
    };

    test('stands on a node of its own with both checks, and others do not', async () => {
      const [one, other] = [probed({ health: 'unhealthy' }), make()];
      await put(other, one);
      await expectHeld(running, [one, other]);
      expect(await idsOn('esm')).toEqual([one.id]);
      expect(await idsOn('plain')).toEqual([other.id]);
      expect(await checksOn('esm')).toMatchObject([
        { CheckID: `rollcall:${one.id}`, Status: 'critical', ServiceID: one.id },
        {
          CheckID: `rollcall:${one.id}:probe`,
          Status: 'passing',
          ServiceID: one.id,
          Definition: { HTTP: CHECK.target, Interval: '10s' },
        },
      ]);
    });

    test('is healthy for clients where both checks pass, and only then', async () => {
      const one = probed();
      const isHealthy = async () =>
        (await running.directory.instances(one.service, quiet()))?.map(({ healthy }) => healthy);
      const say = (health: 'healthy' | 'unhealthy') =>
        apply([{ kind: 'health', record: one, health, reason: 'ECS' }]);
      await put(one);
      expect(await isHealthy()).toEqual([true]);
      expectWritten(await say('unhealthy'));
      expect(await isHealthy()).toEqual([false]);
      await probe(one, 'critical');
      expectWritten(await say('healthy'));
      expect(await isHealthy()).toEqual([false]);
      await probe(one, 'passing');
      expect(await isHealthy()).toEqual([true]);
    });

    test('keeps the status that the ESM wrote when it is sent again, or changes', async () => {
      const one = probed();
      await put(one, make());
      await probe(one, 'critical');
      for (const again of [
        one,
        { ...one, port: 9090 },
        { ...one, detail: { ...one.detail, probeInterval: '30s' } },
      ]) {
        await put(make(), again);
        expect(await held(one)).toStrictEqual(again);
        expect(await listed(one)).toStrictEqual(again);
        expect(await checksOn('esm')).toMatchObject([
          { Status: 'passing', Output: 'ECS: healthy' },
          { Status: 'critical', Output: 'HTTP GET: 503' },
        ]);
      }
    });

    test('wakes nobody where it is there already, and neither does one without', async () => {
      for (const one of [probed(), make()]) {
        await put(one);
        const look = async () => [
          await running.directory.changed?.(one.service, '0', quiet()),
          await Promise.all((['plain', 'esm'] as const).map(servicesOn)),
          await Promise.all((['plain', 'esm'] as const).map(checksOn)),
        ];
        const before = await look();
        await put(one);
        expect(await look()).toStrictEqual(before);
      }
    });

    test.each([
      ['ECS’s check', (id: string) => `rollcall:${id}`],
      ['the probe', (id: string) => `rollcall:${id}:probe`],
    ])('that has lost %s differs, and has it back', async (_, toId) => {
      const one = probed();
      await put(one);
      const lost = { Node: running.nodes.esm, CheckID: toId(one.id) };
      await running.call('PUT', '/v1/catalog/deregister', lost);
      expect(difference(one, await held(one))).toMatchObject({ kind: 'upsert' });
      await put(one);
      await expectHeld(running, [one]);
    });

    test('moves between the nodes, is never on neither, and is left on one alone', async () => {
      const one = probed();
      await put(one, make());
      const counts = new Set<number>();
      const moves = (async () => {
        for (const next of [bare(one), one, bare(one), one, bare(one)]) {
          await change(next);
          const [to, from] =
            next === one ? (['esm', 'plain'] as const) : (['plain', 'esm'] as const);
          expect(await held(one)).toStrictEqual(next);
          expect(await listed(one)).toStrictEqual(next);
          expect(await idsOn(to)).toContain(one.id);
          expect(await idsOn(from)).not.toContain(one.id);
          const checks = await checksOn(to);
          expect(checks.filter(({ ServiceID }) => ServiceID === one.id)).toHaveLength(
            next === one ? 2 : 1,
          );
        }
      })();
      let isMoving = true;
      const end = () => {
        isMoving = false;
      };
      moves.then(end, end);
      while (isMoving) {
        const answer = await read<readonly object[]>(`/v1/health/service/${one.service}`);
        counts.add(answer.length);
      }
      await moves;
      expect([...counts]).toEqual([1]);
    });

    test.each([
      ['is known', true],
      ['is not known', false],
    ])('is removed where it %s on which node it stands', async (_, isKnown) => {
      const all = [probed(), make(), probed()];
      await put(...all, make());
      const changes = removals([...all, make()]).map(
        (change, at): Change =>
          change.kind === 'remove' && isKnown && all[at] ? { ...change, before: all[at] } : change,
      );
      expect((await apply(changes)).map(({ status }) => status)).toEqual([
        'done',
        'done',
        'done',
        'unchanged',
      ]);
      expect((await running.registry.list(quiet())).records).toHaveLength(1);
      expect(await checksOn('esm')).toEqual([]);
    });

    test('that stands on both nodes differs from whatever is desired, and goes from the wrong one', async () => {
      const one = probed();
      await put(one, make());
      for (const desired of [one, bare(one)]) {
        const [right, wrong] =
          desired === one ? (['esm', 'plain'] as const) : (['plain', 'esm'] as const);
        await put(desired);
        await plant(wrong, one);
        for (const found of [await held(one), await listed(one)])
          for (const either of [one, bare(one)])
            expect(difference(either, found)).toMatchObject({ kind: 'upsert' });
        await change(desired);
        expect(await held(one)).toStrictEqual(desired);
        expect(await idsOn(right)).toContain(one.id);
        expect(await idsOn(wrong)).not.toContain(one.id);
        await plant(wrong, one);
        expect(await apply(removals([one]))).toMatchObject([{ status: 'done' }]);
        expect(await held(one)).toBeUndefined();
      }
    });

    /** As an older version leaves it, which knows the plain node alone. */
    const plant = (kind: NodeKind, { id, service, metadata }: Registration) =>
      running.call('PUT', '/v1/catalog/register', {
        Node: running.nodes[kind],
        SkipNodeUpdate: true,
        Service: { ID: id, Service: service, Address: '10.0.1.17', Port: 80, Meta: metadata },
      });

    describe('of the version that had one node, with one check for each record', () => {
      /** As that version wrote it. */
      const writeOld = async (record: Registration, check: object) => {
        const { id, service, address, port, tags, metadata } = record;
        const { nodes, owner, cluster } = running;
        const common = { Node: nodes.plain, CheckID: `rollcall:${id}`, ServiceID: id };
        await running.call('PUT', '/v1/catalog/register', {
          Node: nodes.plain,
          Address: '127.0.0.1',
          NodeMeta: {
            'external-node': 'true',
            'external-probe': 'false',
            'rollcall-owner': owner,
            'rollcall-cluster': cluster,
          },
        });
        await running.call('PUT', '/v1/txn', [
          {
            Service: {
              Verb: 'set',
              Node: nodes.plain,
              Service: {
                ID: id,
                Service: service,
                Address: address,
                Port: port,
                Tags: tags,
                Meta: metadata,
                Weights: { Passing: 1, Warning: 1 },
              },
            },
          },
          { Check: { Verb: 'set', Check: { ...common, ServiceName: service, ...check } } },
        ]);
      };
      const healthy = { Name: 'ECS health', Status: 'passing', Notes: '', Output: 'ECS: healthy' };
      const oldProbe = (Status: string) => ({
        Name: 'Checked by consul-esm',
        Status,
        Notes: '',
        Output: 'HTTP GET',
        Definition: {
          HTTP: CHECK.target,
          Interval: '10s',
          DeregisterCriticalServiceAfter: '1m30s',
        },
      });
      const planFor = async (desired: readonly Registration[]) => {
        const { registry, cluster, owner } = running;
        const { records, unknown } = await registry.list(quiet());
        expect(unknown).toBeUndefined();
        return planChanges({
          registry,
          cluster,
          config: { owner, policy: 'sync', deleteLimit: 1 },
          desired,
          actual: { kind: 'listed', records, removed: undefined, removalOf: () => undefined },
        });
      };

      test('is brought over by one plan, which rewrites nothing but the records with a probe', async () => {
        const stay = [make(), make()];
        const move = [probed(), probed()];
        for (const record of stay) await writeOld(record, healthy);
        for (const [at, record] of move.entries())
          await writeOld(record, oldProbe(at === 0 ? 'critical' : 'passing'));
        const before = await servicesOn('plain');

        const plan = await planFor([...stay, ...move]);
        expect(plan.changes.map(({ kind }) => kind)).toEqual(['upsert', 'upsert']);
        expect([plan.withheld, plan.forbidden, plan.unchanged]).toEqual([[], [], 2]);
        expect((await running.registry.list(quiet())).flaw?.(running.cluster)).toBeDefined();
        expect(await running.registry.repair?.(running.cluster, quiet())).toEqual({
          status: 'done',
        });
        expectWritten(await apply(plan.changes));

        await expectHeld(running, [...stay, ...move]);
        const kept = new Set(stay.map(({ id }) => id));
        expect(await servicesOn('plain')).toStrictEqual(before.filter(({ ID }) => kept.has(ID)));
        expect((await idsOn('esm')).sort()).toEqual(move.map(({ id }) => id).sort());
        // What consul-esm has found is not forgotten.
        const [failing] = move;
        const checks = await checksOn('esm');
        for (const { CheckID, Status, Definition } of checks) {
          const isFailing = CheckID === `rollcall:${failing?.id}:probe`;
          expect([CheckID, Status]).toEqual([CheckID, isFailing ? 'critical' : 'passing']);
          expect(Definition['DeregisterCriticalServiceAfter']).toBeUndefined();
        }
        expect(checks).toHaveLength(4);
        expect((await planFor([...stay, ...move])).changes).toEqual([]);
        expect((await running.registry.list(quiet())).flaw?.(running.cluster)).toBeUndefined();
      });

      test('is removed by an event that knows no node', async () => {
        const one = probed();
        await writeOld(one, oldProbe('passing'));
        expect(await apply(removals([one]))).toMatchObject([{ status: 'done' }]);
        expect(await idsOn('plain')).toEqual([]);
        await running.registry.repair?.(running.cluster, quiet());
      });

      test('whose probe is not wanted any more stays where it is, with ECS’s health', async () => {
        const one = bare(probed());
        await writeOld(one, oldProbe('critical'));
        expect(difference(one, await held(one))).toMatchObject({ kind: 'upsert' });
        await put(one);
        await running.registry.repair?.(running.cluster, quiet());
        await expectHeld(running, [one]);
        expect(await checksOn('plain')).toMatchObject([
          { Status: 'passing', Output: 'ECS: healthy' },
        ]);
      });
    });
  });
};
