import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Health, Registration } from '../../shared/model/registration.ts';
import type { EurekaHarness, EurekaRunning } from './eureka.harness.ts';
import {
  clear,
  eventually,
  expectHeld,
  expectWritten,
  quiet,
  type Stage,
  stageOn,
  upserts,
} from './stage.ts';

/** What of a server's answers is looked at here. */
interface Answer {
  readonly instance: {
    readonly status: string;
    readonly metadata: Readonly<Record<string, string>>;
  };
}

/**
 * What Rollcall promises of Eureka beyond the contract; run on the simulator and, where there is
 * one, on a real server.
 */
export const behaviour = (harness: EurekaHarness): void => {
  describe(`${harness.title}: leases, statuses, timestamps`, () => {
    let running: EurekaRunning;
    beforeAll(async () => {
      running = await harness.start();
    });
    afterEach(() => clear(running));
    afterAll(() => running?.stop());

    const call = (method: string, path: string, body?: unknown) =>
      fetch(running.url + path, {
        method,
        headers: { accept: 'application/json', 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    const pathOf = ({ service, id }: Registration) => `/apps/${service}/${id}`;
    const fetchJson = async (path: string) => (await (await call('GET', path)).json()) as Answer;
    const heldAt = async (record: Registration) => (await fetchJson(pathOf(record))).instance;
    const putOne = async (stage: Stage, over?: Parameters<Stage['instance']>[0]) => {
      const [record] = await stage.put(stage.instance(over));
      if (!record) throw new Error('fit gave no record');
      return record;
    };
    const setHealth = (stage: Stage, record: Registration, health: Health) =>
      stage.apply([{ kind: 'health', record, health, reason: 'differs' }]);
    const readHealth = async (stage: Stage, record: Registration) =>
      (await stage.running.registry.get([record], quiet()))[0]?.health;

    test('holds everything that Spring and Netflix clients read, as it was fitted', async () => {
      const stage = stageOn(running);
      const records = await stage.put(
        stage.instance({
          eureka: {
            vip: 'shop,till',
            secureVip: 'shop-secure',
            securePort: 8443,
            portEnabled: false,
            managementPort: 9001,
            homePageUrl: 'https://shop.example/',
            statusPageUrl: 'https://shop.example/info',
            healthCheckUrl: 'http://shop.example/health',
            secureHealthCheckUrl: 'https://shop.example/health',
            hostName: 'shop.example',
            ipAddr: '10.9.8.7',
            dataCenter: 'Amazon',
            status: 'OUT_OF_SERVICE',
          },
        }),
        stage.instance({ address: 'fd00::17', eureka: { securePort: 443 } }),
      );
      await expectHeld(running, records);
    });

    test('leaves an operator’s override alone: it is not compared, and no health is written over it', async () => {
      const stage = stageOn(running);
      const record = await putOne(stage);
      expect((await call('PUT', `${pathOf(record)}/status?value=OUT_OF_SERVICE`)).status).toBe(200);
      expect(await readHealth(stage, record)).toBeUndefined();
      expect((await setHealth(stage, record, 'unhealthy')).map(({ status }) => status)).toEqual([
        'unchanged',
      ]);
      const before = { ...record, health: undefined };
      const sick = { ...record, health: 'unhealthy' } as const;
      expectWritten(
        await stage.apply([{ kind: 'upsert', record: sick, before, reason: 'port changed' }]),
      );
      expect(await heldAt(record)).toMatchObject({
        status: 'OUT_OF_SERVICE',
        overriddenStatus: 'OUT_OF_SERVICE',
      });
    });

    test('takes up again a record whose override was deleted without a value', async () => {
      const stage = stageOn(running);
      const record = await putOne(stage);
      await call('PUT', `${pathOf(record)}/status?value=OUT_OF_SERVICE`);
      await call('DELETE', `${pathOf(record)}/status`);
      const outcomes = await running.registry.renew?.([record], quiet());
      expect(outcomes?.map(({ status }) => status)).toEqual(['gone']);
      expect(await readHealth(stage, record)).toBe('unhealthy');
      expectWritten(await setHealth(stage, record, 'healthy'));
      expect(await heldAt(record)).toMatchObject({ status: 'UP', overriddenStatus: 'UNKNOWN' });
    });

    test('moves between UP and OUT_OF_SERVICE, which a server ignores when it is registered plainly', async () => {
      const stage = stageOn(running);
      const up = await putOne(stage);
      const out = { ...up, detail: { ...up.detail, status: 'OUT_OF_SERVICE' } };
      expectWritten(await stage.apply(upserts([out])));
      expect(await heldAt(up)).toMatchObject({ status: 'UP' });
      for (const [record, before, status] of [
        [out, up, 'OUT_OF_SERVICE'],
        [up, out, 'UP'],
      ] as const) {
        expectWritten(
          await stage.apply([{ kind: 'upsert', record, before, reason: 'status changed' }]),
        );
        expect(await heldAt(up)).toMatchObject({ status });
        await expectHeld(running, [record]);
      }
    });

    test.each([
      ['UP', 'DOWN'],
      ['DOWN', 'DOWN'],
      ['OUT_OF_SERVICE', 'DOWN'],
      ['STARTING', 'STARTING'],
    ] as const)(
      'registers a healthy instance as %s where its labels say so, an unhealthy one as %s, and back',
      async (status, sick) => {
        const stage = stageOn(running);
        const record = await putOne(stage, { eureka: { status } });
        expect(await heldAt(record)).toMatchObject({ status });
        expectWritten(await setHealth(stage, record, 'unhealthy'));
        expect(await heldAt(record)).toMatchObject({ status: sick });
        expectWritten(await setHealth(stage, record, 'healthy'));
        expect(await heldAt(record)).toMatchObject({ status });
      },
    );

    test('writes over what another function instance wrote whose clock runs ahead', async () => {
      const stage = stageOn(running);
      const record = await putOne(stage);
      const ahead = await heldAt(record);
      const lastDirtyTimestamp = String(Date.now() + 3_600_000);
      const { status } = await call('POST', `/apps/${record.service}`, {
        instance: { ...ahead, lastDirtyTimestamp, metadata: { ...ahead.metadata, late: 'yes' } },
      });
      expect(status).toBe(204);
      // Blind, it is accepted and ignored; once read, it is surpassed.
      expectWritten(await stage.apply(upserts([record])));
      expect((await heldAt(record)).metadata['late']).toBe('yes');
      await running.registry.get([record], quiet());
      expectWritten(await stage.apply(upserts([record])));
      await expectHeld(running, [record]);
    });

    test('finds instances by application and by VIP address, in any case, and shows https where only that is open', async () => {
      const stage = stageOn(running);
      const vip = `${stage.service}-Vip`;
      const record = await putOne(stage, {
        eureka: { vip: `other,${vip}`, securePort: 8443, portEnabled: false },
      });
      for (const name of [stage.service.toLowerCase(), record.service, vip.toUpperCase(), vip]) {
        await eventually(async () => {
          const targets = await running.directory.instances(name, quiet());
          expect(targets).toMatchObject([
            { id: record.id, port: 8443, metadata: { secure: 'true' } },
          ]);
        });
      }
    });
  });
};
