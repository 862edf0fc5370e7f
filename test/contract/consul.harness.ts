import { randomUUID } from 'node:crypto';
import { startConsul } from '../../local/consul.ts';
import type { Secret } from '../../shared/config/secret.ts';
import { createDirectory as createConsulDirectory } from '../../shared/registries/consul/directory.ts';
import { createRegistry as createConsul } from '../../shared/registries/consul/index.ts';
import { NODE_KINDS, type NodeKind, toNodeName } from '../../shared/registries/consul/names.ts';
import { inVirtualTime } from '../support/virtual-time.ts';
import { withoutFaults } from './contract.ts';
import type { Harness, Running } from './harness.ts';

export interface ConsulHarness extends Harness {
  start(): Promise<ConsulRunning>;
}

export interface ConsulRunning extends Running {
  /** The nodes that hold the records. */
  readonly nodes: Readonly<Record<NodeKind, string>>;
  /** As curl would, with all rights; gives what was answered. Rejects unless it is 200. */
  call(method: string, path: string, body?: unknown): Promise<string>;
}

/** How a server is reached: by Rollcall, and by the test itself. */
export interface ConsulAccess {
  /** Base URLs, tried in turn. */
  readonly addresses: readonly string[];
  readonly token?: Secret;
  /** May do everything, where there are ACLs. */
  readonly management?: string;
}

/**
 * Every start has an owner of its own, and so nodes of its own: a real server may hold those of
 * earlier runs.
 */
const runningAt = (access: ConsulAccess): ConsulRunning => {
  const owner = `contract-${randomUUID()}:123456789012:eu-west-1`;
  const cluster = 'arn:aws:ecs:eu-west-1:123456789012:cluster/contract';
  const nodesOf = (whose: string) => ({
    plain: toNodeName(whose, { cluster, kind: 'plain' }),
    esm: toNodeName(whose, { cluster, kind: 'esm' }),
  });
  const nodes = nodesOf(owner);
  const { addresses, token } = access;
  const config = { addresses, ...(token && { token }) };
  return {
    owner,
    cluster,
    nodes,
    call: (...request) => call(access, ...request),
    registry: createConsul(config, { owner }),
    directory: createConsulDirectory(config),
    registryFor: (other) => createConsul(config, { owner: other }),
    async plantForeign({ service, id, address, port }) {
      const body = {
        Node: nodes.plain,
        SkipNodeUpdate: true,
        Service: { ID: id, Service: service, Address: address, Port: port },
      };
      await call(access, 'PUT', '/v1/catalog/register', body);
    },
    async foreignExists({ id }) {
      const answer = await call(access, 'GET', `/v1/catalog/node-services/${nodes.plain}`);
      return answer.includes(JSON.stringify(id));
    },
    async stop() {
      for (const whose of [owner, `${owner}-other`])
        for (const kind of NODE_KINDS)
          await call(access, 'PUT', '/v1/catalog/deregister', { Node: nodesOf(whose)[kind] });
    },
  };
};

const call = async (
  { addresses, management }: ConsulAccess,
  ...request: Request
): Promise<string> => {
  const [method, path, body] = request;
  const reply = await fetch(addresses.at(-1) + path, {
    method,
    headers: management === undefined ? {} : { 'x-consul-token': management },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
  return text;
};

type Request = readonly [method: string, path: string, body?: unknown];

export const consulHarness: ConsulHarness = {
  title: 'Consul, simulated',
  registry: 'consul',
  start: inVirtualTime(async () => {
    const server = await startConsul();
    return {
      ...runningAt({ addresses: [server.url] }),
      inject: (fault) => server.faults.inject(fault),
      clearFaults: () => server.faults.clear(),
      writes: server.writes,
      inFlight: server.inFlight,
      stop: server.stop,
    };
  }),
};

/** A server that runs already; our nodes are taken out at the end, with everything on them. */
export const realConsulHarness = (title: string, access: () => ConsulAccess): ConsulHarness => ({
  title,
  registry: 'consul',
  skip: withoutFaults('a real server cannot be made to fail on demand'),
  start: async () => runningAt(access()),
});
