import { randomUUID } from 'node:crypto';
import { startConsul } from '../../local/consul.ts';
import { createConsul } from '../../shared/registries/consul/consul.ts';
import { createConsulDirectory } from '../../shared/registries/consul/directory.ts';
import { toNodeName } from '../../shared/registries/consul/names.ts';
import { withoutFaults } from './contract.ts';
import type { Harness, Running } from './harness.ts';

/** Every start has an owner of its own, and so a node of its own: a real server may hold those of earlier runs. */
const runningAt = (url: string): Omit<Running, 'stop'> => {
  const owner = `contract-${randomUUID()}:123456789012:eu-west-1`;
  const cluster = 'arn:aws:ecs:eu-west-1:123456789012:cluster/contract';
  const node = toNodeName(owner, cluster);
  const config = { addresses: [url] };
  return {
    owner,
    cluster,
    registry: createConsul(config, { owner }),
    directory: createConsulDirectory(config),
    registryFor: (other) => createConsul(config, { owner: other }),
    async plantForeign({ service, id, address, port }) {
      const body = {
        Node: node,
        SkipNodeUpdate: true,
        Service: { ID: id, Service: service, Address: address, Port: port },
      };
      await call(url, 'PUT', '/v1/catalog/register', body);
    },
    async foreignExists({ id }) {
      const answer = await call(url, 'GET', `/v1/catalog/node-services/${node}`);
      return answer.includes(JSON.stringify(id));
    },
  };
};

const call = async (url: string, method: string, path: string, body?: unknown): Promise<string> => {
  const reply = await fetch(url + path, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
  return text;
};

export const consulHarness: Harness = {
  title: 'Consul, simulated',
  registry: 'consul',
  async start() {
    const server = await startConsul();
    return {
      ...runningAt(server.url),
      inject: (fault) => server.faults.inject(fault),
      clearFaults: () => server.faults.clear(),
      writes: server.writes,
      inFlight: server.inFlight,
      stop: server.stop,
    };
  },
};

/** A server that runs already; our nodes are taken out at the end, with everything on them. */
export const realConsulHarness = (url: string): Harness => ({
  title: `Consul, at ${url}`,
  registry: 'consul',
  skip: withoutFaults('a real server cannot be made to fail on demand'),
  async start() {
    const running = runningAt(url);
    return {
      ...running,
      async stop() {
        for (const owner of [running.owner, `${running.owner}-other`])
          await call(url, 'PUT', '/v1/catalog/deregister', { Node: toNodeName(owner, running.cluster) });
      },
    };
  },
});
