import { expect, it, onTestFinished } from 'vitest';
import { startConsul } from '../../../../local/consul.ts';
import { createDirectory } from '../../../../shared/registries/consul/directory.ts';
import { useVirtualTime } from '../../../support/use-virtual-time.ts';
import { ask, fakeClock, resolverOver } from '../support.ts';

useVirtualTime();

/** A Consul that holds so many services beside its own, and the requests for them. */
const consulWith = async (services: number) => {
  const server = await startConsul();
  onTestFinished(() => server.stop());
  const put = (at: number) => {
    const Service = { ID: `s-${at}`, Service: `service-${at}`, Port: 80 };
    const body = JSON.stringify({ Node: 'host', Address: '10.0.0.1', Service });
    return fetch(`${server.url}/v1/catalog/register`, { method: 'PUT', body });
  };
  for (let at = 0; at < services; at++) await put(at);
  const asked: string[] = [];
  server.faults.latency = ({ url }) => {
    asked.push(url);
    return undefined;
  };
  return { directory: createDirectory({ addresses: [server.url] }), asked };
};

it('a look costs one request a service, and clients’ questions and further looks none', async () => {
  const { directory, asked } = await consulWith(40);
  const { now, advance } = fakeClock();
  const resolver = resolverOver(directory, { now });
  const { body } = await ask(resolver, 'GET /', { accept: 'text/html' });
  expect(body).toContain('41 services');
  // The names, and each service, Consul's own among them.
  expect(asked).toHaveLength(1 + 41);
  for (const path of ['/services', '/services/service-3', '/', '/?group=zone', '/?service=consul'])
    expect((await ask(resolver, `GET ${path}`)).status).toBe(200);
  expect(asked).toHaveLength(1 + 41);
  advance(60);
  await Promise.all([ask(resolver, 'GET /'), ask(resolver, 'GET /services')]);
  expect(asked).toHaveLength(2 * (1 + 41));
});
