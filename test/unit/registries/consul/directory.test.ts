import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ConsulServer, startConsul } from '../../../../local/consul.ts';
import { createDirectory as createConsulDirectory } from '../../../../shared/registries/consul/directory.ts';
import type { Directory } from '../../../../shared/registries/registry.ts';
import { quiet } from '../../../contract/stage.ts';
import { useVirtualTime } from '../../../support/use-virtual-time.ts';

useVirtualTime();

let server: ConsulServer;
let directory: Directory;
beforeEach(async () => {
  server = await startConsul();
  directory = createConsulDirectory({ addresses: [server.url] });
});
afterEach(() => server.stop());

/** As any agent or script would register, without a mark of ours. */
const register = async (Service: object, Checks: readonly object[] = [], Node = 'host-1') => {
  const body = JSON.stringify({ Node, Address: '10.0.0.1', Service, Checks });
  const reply = await fetch(`${server.url}/v1/catalog/register`, { method: 'PUT', body });
  expect(await reply.text()).toBe('true');
};

test('a stranger’s service is shown with what Consul knows of it', async () => {
  await register({
    ID: 'b',
    Service: 'db',
    Port: 5432,
    Tags: ['z', 'a'],
    Weights: { Passing: 7, Warning: 1 },
  });
  await register({
    ID: 'a',
    Service: 'db',
    Address: '10.0.0.9',
    Port: 53,
    Tags: ['udp'],
    Meta: { team: 'x' },
  });
  const common = { service: 'db', healthy: true, zone: null };
  expect(await directory.instances('db', quiet())).toEqual([
    {
      ...common,
      id: 'a',
      address: '10.0.0.9',
      port: 53,
      protocol: 'udp',
      weight: 1,
      tags: ['udp'],
      metadata: { team: 'x' },
    },
    {
      ...common,
      id: 'b',
      address: '10.0.0.1',
      port: 5432,
      protocol: 'tcp',
      weight: 7,
      tags: ['a', 'z'],
      metadata: {},
    },
  ]);
});

test.each([
  ['passing', true],
  ['warning', false],
  ['critical', false],
])('an instance with a %s check is healthy: %s, as with ?passing', async (Status, healthy) => {
  await register({ ID: 'a', Service: 'db' }, [{ CheckID: 'c', Name: 'c', ServiceID: 'a', Status }]);
  expect(await directory.instances('db', quiet())).toMatchObject([{ healthy }]);
});

test('a failing check of the node makes every instance on it unhealthy', async () => {
  await register({ ID: 'a', Service: 'db' }, [
    { CheckID: 'serfHealth', Name: 'serf', Status: 'critical' },
  ]);
  expect(await directory.everything(quiet())).toMatchObject([
    { name: 'consul', targets: [{ healthy: true }] },
    { name: 'db', targets: [{ healthy: false }] },
  ]);
});

test('everything is read in one call and one for each service', async () => {
  await register({ ID: 'a', Service: 'db' });
  await register({ ID: 'b', Service: 'web' });
  const asked: string[] = [];
  server.faults.latency = ({ url }) => void asked.push(url);
  const all = await directory.everything(quiet());
  expect(all.map(({ name, targets }) => [name, targets.length])).toEqual([
    ['consul', 1],
    ['db', 1],
    ['web', 1],
  ]);
  expect(asked.sort()).toEqual([
    '/v1/catalog/services',
    '/v1/health/service/consul',
    '/v1/health/service/db',
    '/v1/health/service/web',
  ]);
});

test('everything fails where one service cannot be read, and is never the rest', async () => {
  await register({ ID: 'a', Service: 'db' });
  const match = (_: string, url: string) => url.endsWith('/db');
  server.faults.inject({ status: 500, body: 'rpc error', times: Number.POSITIVE_INFINITY, match });
  await expect(directory.everything(quiet())).rejects.toThrow('rpc error');
});

test('a service whose name no path can carry is left out, and asked for it is unknown', async () => {
  await register({ ID: 'a', Service: '..' });
  expect((await directory.everything(quiet())).map(({ name }) => name)).toEqual(['consul']);
  expect(await directory.instances('..', quiet())).toBeUndefined();
});

test('a service tells of its own changes, and not of others', async () => {
  const now = () => directory.changed?.('db', '0', quiet());
  await register({ ID: 'a', Service: 'db' });
  const before = await now();
  await register({ ID: 'x', Service: 'web' }, [], 'host-2');
  expect(await now()).toBe(before);
  await register({ ID: 'b', Service: 'db' });
  expect(Number(await now())).toBeGreaterThan(Number(before));
});

test('what Consul answers as before is not made anew, not even a text', async () => {
  await register({ ID: 'a', Service: 'db' });
  await register({ ID: 'b', Service: 'web' });
  const texts = vi.spyOn(Buffer.prototype, 'toString');
  const made = () => texts.mock.contexts.filter((bytes) => bytes.includes('"web"')).length;
  const before = await directory.instances('web', quiet());
  const first = made();
  expect(await directory.instances('web', quiet())).toBe(before);
  // The server's own texts are the same both times.
  expect(made() - first).toBe(first - 1);
  texts.mockRestore();
  const all = await directory.everything(quiet());
  expect(all.find(({ name }) => name === 'web')?.targets).toBe(before);
  await register({ ID: 'c', Service: 'web' });
  expect((await directory.instances('web', quiet()))?.map(({ id }) => id)).toEqual(['b', 'c']);
});
