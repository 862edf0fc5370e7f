import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ConsulServer, debianConsul, startConsul } from '../../scripts/real/consul.ts';
import { consulEsm, type Esm, startEsm } from '../../scripts/real/esm.ts';
import { isUnavailable } from '../../scripts/real/unavailable.ts';
import type { Registration } from '../../shared/model/registration.ts';
import { createRegistry as createConsul } from '../../shared/registries/consul/index.ts';
import { toNodeName } from '../../shared/registries/consul/names.ts';
import { instanceFor } from '../contract/instance.ts';
import { expectWritten, quiet, removals, upserts } from '../contract/stage.ts';
import { withExtra } from './real.ts';

const owner = 'esm:123456789012:eu-west-1';
const cluster = 'arn:aws:ecs:eu-west-1:123456789012:cluster/esm';
const NODE = toNodeName(owner, { cluster, kind: 'esm' });

/** consul-esm becomes a leader, is given the node, and makes the check: seconds. */
const SOON = { timeout: 45_000, interval: 100 };

interface Programs {
  readonly consul: string;
  readonly esm: string;
}

const probing = ({ consul, esm: binary }: Programs) =>
  describe('a probe that a real consul-esm makes', () => {
    let server: ConsulServer;
    let esm: Esm;
    let task: Task;
    const registry = () => createConsul({ addresses: [server.url] }, { owner });

    beforeAll(async () => {
      server = await startConsul(consul);
      task = await startTask();
    });
    afterAll(async () => {
      await esm?.stop();
      await task?.close();
      await server?.stop();
    });

    /** ECS's check and the probe of a record, as Consul has them. */
    const statuses = async ({ id }: Registration) => {
      const answer = await fetch(`${server.url}/v1/health/node/${NODE}`);
      const checks = (await answer.json()) as readonly Readonly<Record<string, string>>[];
      const statusOf = (check: string) =>
        checks.find(({ CheckID }) => CheckID === check)?.['Status'];
      return [statusOf(`rollcall:${id}`), statusOf(`rollcall:${id}:probe`)];
    };
    const record = () => {
      const check = {
        kind: 'http',
        target: `http://127.0.0.1:${task.port}/up`,
        interval: '1s',
        timeout: '1s',
        initialStatus: 'critical',
      } as const;
      const place = { address: '127.0.0.1', port: task.port };
      const [one] = registry().fit(instanceFor({ owner, cluster }, { ...place, check })).records;
      if (!one) throw new Error('no record');
      return one;
    };
    const put = async (one: Registration) =>
      expectWritten(await registry().apply(upserts([one]), quiet()));
    const setHealth = async (one: Registration, health: 'healthy' | 'unhealthy') =>
      expectWritten(
        await registry().apply([{ kind: 'health', record: one, health, reason: 'ECS' }], quiet()),
      );

    test('follows the task, beside ECS’s health; and a task that is removed stays away', async () => {
      const one = record();
      await put(one);
      expect(await statuses(one)).toEqual(['passing', 'critical']);
      // A node that comes later is looked after with the next change of any check, or in 5 minutes.
      esm = await startEsm(binary, server);
      await expect.poll(() => statuses(one), SOON).toEqual(['passing', 'passing']);
      expect(task.asked()).toContain('GET /up');

      await task.close();
      await expect.poll(() => statuses(one), SOON).toEqual(['passing', 'critical']);
      await put(one);
      expect(await statuses(one)).toEqual(['passing', 'critical']);
      await task.open();
      await expect.poll(() => statuses(one), SOON).toEqual(['passing', 'passing']);

      await setHealth(one, 'unhealthy');
      expect(await statuses(one)).toEqual(['critical', 'passing']);
      const asked = task.asked().length;
      await expect.poll(() => task.asked().length, SOON).toBeGreaterThan(asked + 2);
      expect(await statuses(one)).toEqual(['critical', 'passing']);
      expect(await registry().get([one], quiet())).toEqual([{ ...one, health: 'unhealthy' }]);

      expectWritten(await registry().apply(removals([one]), quiet()));
      await task.close();
      await expect.poll(() => esm.output(), SOON).toContain('Deleting check');
      expect((await registry().list(quiet())).records).toEqual([]);
      expect(await statuses(one)).toEqual([undefined, undefined]);
    }, 60_000);
  });

interface Task {
  readonly port: number;
  /** What it was asked so far: `GET /up`. */
  asked(): readonly string[];
  close(): Promise<void>;
  /** Once more, at the same port. */
  open(): Promise<void>;
}

/** What ECS would run: a server that answers 200. */
const startTask = async (): Promise<Task> => {
  const asked: string[] = [];
  let server: Server | undefined;
  let port = 0;
  const open = async () => {
    server = createServer(({ method, url }, response) => {
      asked.push(`${method} ${url}`);
      response.end('well');
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  };
  await open();
  return {
    port,
    asked: () => asked,
    open,
    async close() {
      if (!server?.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

const programs = async () => {
  const [consul, esm] = await Promise.all([debianConsul(), consulEsm()]);
  if (isUnavailable(consul)) return consul;
  return isUnavailable(esm) ? esm : { consul, esm };
};

await withExtra('consul-esm 0.6.0 at Consul 1.8.7', programs, probing);
