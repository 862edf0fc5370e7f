import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ConsulServer, startConsul } from '../../../../local/consul.ts';
import { listCatalog } from '../../../../shared/registries/consul/directory.ts';
import { quiet } from '../../../contract/stage.ts';
import { useVirtualTime } from '../../../support/use-virtual-time.ts';

useVirtualTime();

let server: ConsulServer;
beforeEach(async () => {
  server = await startConsul();
});
afterEach(() => server.stop());

const list = () => listCatalog({ addresses: [server.url] }, quiet());
const register = (ID: string, Service: string) =>
  fetch(`${server.url}/v1/catalog/register`, {
    method: 'PUT',
    body: JSON.stringify({
      Node: 'host-1',
      Address: '10.0.0.1',
      Service: { ID, Service, Port: 80 },
    }),
  });

test('everybody’s records are listed, of every service', async () => {
  await register('a', 'web');
  await register('b', 'web');
  await register('c', 'team/api');
  const found = await list();
  expect(found.map(({ service, id }) => `${service} ${id}`).sort()).toEqual([
    'consul consul',
    'team/api c',
    'web a',
    'web b',
  ]);
});

test.each(['/v1/catalog/services', '/v1/health/service/web'])(
  'an answer of %s that hides something is an error that names the rights',
  async (path) => {
    await register('a', 'web');
    server.faults.inject({
      times: 1,
      status: 200,
      body: path.endsWith('web') ? '[]' : '{}',
      headers: { 'x-consul-results-filtered-by-acls': 'true' },
      match: (_, url) => url.startsWith(path),
    });
    await expect(list()).rejects.toThrow(/the token may not read .* node.* and .*service/);
  },
);

test('JSON of another shape is no empty catalog', async () => {
  server.faults.inject({ times: 1, status: 200, body: '[]' });
  await expect(list()).rejects.toThrow('expected an object of services');
});
