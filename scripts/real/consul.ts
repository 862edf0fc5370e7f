import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  type AgentPorts,
  type ConsulAgent,
  PORTS_PER_AGENT,
  startAgent,
  toAgentPorts,
} from './consul/agent.ts';
import { debianConsul } from './consul/debian.ts';
import { buildNewerConsul } from './consul/newer.ts';
import { onFreePorts } from './ports.ts';
import { startTogether, untilInterrupted } from './process.ts';
import { isUnavailable } from './unavailable.ts';

export { debianConsul } from './consul/debian.ts';
export { newerConsul } from './consul/newer.ts';

export interface ConsulServer extends ConsulAgent {
  /** One that may do everything; where there are ACLs. */
  readonly token?: string;
}

/**
 * What Rollcall's own token needs. The right to read all nodes is the resolver's, which shows what
 * others registered: Consul shows an instance only to whoever may read both its service and its
 * node.
 */
export const LEAST_PRIVILEGE = `
  node_prefix "rollcall-" { policy = "write" }
  node_prefix "" { policy = "read" }
  service_prefix "" { policy = "write" }
`;

/**
 * A server alone. `dev`: Consul's mode for development, which keeps all in memory, but indents its
 * answers, at half the throughput. With ACLs everything is denied to whoever has no token.
 */
export const startConsul = async (
  binary: string,
  { acl = false, dev = !acl }: { readonly acl?: boolean; readonly dev?: boolean } = {},
): Promise<ConsulServer> => {
  const denied = { acl: { enabled: true, default_policy: 'deny' } };
  const config = { bootstrap_expect: 1, ...(acl && denied) };
  const [agent] = await startAgents(1, (ports) =>
    startAgent({ binary, ports, ...(dev ? { dev } : { config }) }),
  );
  if (!agent) throw new Error('one agent was asked for, none came');
  if (!acl) return untilWritable(agent);
  const { SecretID: token } = await untilDone(() => put(agent, '/v1/acl/bootstrap'));
  return untilWritable({ ...agent, token });
};

/** Several servers that follow a leader of their choice, without ACLs. */
export const startConsulServers = async (
  binary: string,
  count: number,
): Promise<readonly ConsulServer[]> => {
  const agents = await startAgents(count, (ports, all) => {
    const retry_join = all.map(({ serf_lan }) => `127.0.0.1:${serf_lan}`);
    return startAgent({
      binary,
      ports,
      config: { bootstrap_expect: count, retry_join, retry_interval: '1s' },
    });
  });
  return Promise.all(agents.map(untilWritable));
};

const startAgents = (
  count: number,
  start: (ports: AgentPorts, all: readonly AgentPorts[]) => Promise<ConsulAgent>,
): Promise<readonly ConsulAgent[]> =>
  onFreePorts(count * PORTS_PER_AGENT, (ports) => {
    const all = toAgentPorts(ports);
    return startTogether(all.map((own) => start(own, all)));
  });

/** The server that the others follow. Rejects while there is none. */
export const leaderOf = async (servers: readonly ConsulServer[]): Promise<ConsulServer> => {
  const answers = await Promise.all(servers.map(({ url }) => fetch(`${url}/v1/status/leader`)));
  const addresses = await Promise.all(answers.map((answer) => answer.json()));
  const leader = servers.find(({ raftAddress }) => addresses.includes(raftAddress));
  if (!leader) throw new Error(`no leader among ${servers.map(({ raftAddress }) => raftAddress)}`);
  return leader;
};

/** A token that carries these rules and no others. */
export const createToken = async (server: ConsulServer, rules: string): Promise<string> => {
  const policy = await put(server, '/v1/acl/policy', { Name: crypto.randomUUID(), Rules: rules });
  const token = await put(server, '/v1/acl/token', { Policies: [{ ID: policy.ID }] });
  return token.SecretID;
};

/** Milliseconds. */
const PATIENCE = 30_000;

const untilDone = async <T>(act: () => Promise<T>): Promise<T> => {
  const deadline = Date.now() + PATIENCE;
  for (;;)
    try {
      return await act();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(50);
    }
};

/**
 * Answers come before writes do; the removal of a node that is absent is a write that leaves
 * nothing.
 */
const untilWritable = async <T extends ConsulServer>(server: T): Promise<T> => {
  await untilDone(() => put(server, '/v1/catalog/deregister', { Node: 'nobody' }));
  return server;
};

const put = async ({ url, token }: ConsulServer, path: string, body: unknown = {}) => {
  const answer = await fetch(url + path, {
    method: 'PUT',
    headers: token ? { 'x-consul-token': token } : {},
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`PUT ${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
};

const show = async (): Promise<void> => {
  const binary = await (process.argv.includes('--newer') ? buildNewerConsul() : debianConsul());
  if (isUnavailable(binary)) {
    console.error(`Consul cannot be had here: ${binary.unavailable}`);
    process.exitCode = 1;
    return;
  }
  const acl = process.argv.includes('--acl');
  const server = await startConsul(binary, { acl });
  console.log(
    `Consul answers at ${server.url}, its DNS at port ${server.dnsPort}, until you press Ctrl-C.`,
  );
  if (server.token) console.log(`The token that may do everything: ${server.token}`);
  console.log(`In another terminal:\n\n  export CONSUL_HTTP_ADDR=${server.url}`);
  if (acl) console.log(`  export CONSUL_HTTP_TOKEN=${await createToken(server, LEAST_PRIVILEGE)}`);
  console.log(
    `\n  npm start -- --real\n  dig @127.0.0.1 -p ${server.dnsPort} SRV stock-price.service.consul`,
  );
  await untilInterrupted();
  await server.stop();
};

if (import.meta.url === pathToFileURL(join(process.argv[1] ?? '')).href) await show();
