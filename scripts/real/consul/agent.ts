import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startProcess } from '../process.ts';

/** One agent on this machine's loopback that is a server. */
export interface ConsulAgent {
  readonly url: string;
  readonly dnsPort: number;
  /** As the servers name it among themselves, in `/v1/status/leader`. */
  readonly raftAddress: string;
  stop(): Promise<void>;
  /** As a machine dies: at once, without a word to the others. */
  kill(): Promise<void>;
  /** It takes connections and answers nothing, until it is resumed. */
  pause(): void;
  resume(): void;
}

/** By Consul's names of them. */
export interface AgentPorts {
  readonly http: number;
  readonly dns: number;
  readonly server: number;
  readonly serf_lan: number;
}

export interface AgentOptions {
  readonly binary: string;
  readonly ports: AgentPorts;
  /** In memory, alone, without ACLs: Consul's `-dev`. Default: a server on disk. */
  readonly dev?: boolean;
  /** Added to what every agent here has. */
  readonly config?: Readonly<Record<string, unknown>>;
}

export const PORTS_PER_AGENT = 4;

export const toAgentPorts = (ports: readonly number[]): readonly AgentPorts[] =>
  Array.from({ length: ports.length / PORTS_PER_AGENT }, (_, at) => {
    const [http = 0, dns = 0, server = 0, serf_lan = 0] = ports.slice(at * PORTS_PER_AGENT);
    return { http, dns, server, serf_lan };
  });

/**
 * Resolves when its HTTP API answers; a leader may be missing still. Its files go when it is
 * stopped.
 */
export const startAgent = async ({
  binary,
  ports,
  dev = false,
  config,
}: AgentOptions): Promise<ConsulAgent> => {
  const home = await mkdtemp(join(tmpdir(), 'rollcall-consul-'));
  const file = join(home, 'agent.json');
  await writeFile(
    file,
    JSON.stringify({ ...(await toCommon(binary, ports)), ...(!dev && toServer(home)), ...config }),
  );
  const url = `http://127.0.0.1:${ports.http}`;
  const server = await startProcess({
    command: binary,
    args: ['agent', ...(dev ? ['-dev'] : []), '-config-file', file],
    // Answered without a token and without a leader.
    ready: async () => (await fetch(`${url}/v1/status/leader`)).ok,
  });
  const end = async (signal: NodeJS.Signals) => {
    await server.stop(signal);
    await rm(home, { recursive: true, force: true });
  };
  return {
    url,
    dnsPort: ports.dns,
    raftAddress: `127.0.0.1:${ports.server}`,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    pause: server.pause,
    resume: server.resume,
  };
};

const toCommon = async (binary: string, ports: AgentPorts) => ({
  node_name: `server-${ports.server}`,
  bind_addr: '127.0.0.1',
  client_addr: '127.0.0.1',
  ports: {
    ...ports,
    serf_wan: -1,
    grpc: -1,
    https: -1,
    ...((await knowsGrpcTls(binary)) && { grpc_tls: -1 }),
  },
  disable_update_check: true,
  // Else a leader is elected only after six to nine seconds.
  performance: { raft_multiplier: 1 },
});

/** Since 1.14 servers listen there by default; older ones refuse the key. */
const knowsGrpcTls = async (binary: string): Promise<boolean> => {
  const { stdout } = await promisify(execFile)(binary, ['version']);
  return Number(/v1\.(\d+)/.exec(stdout)?.[1]) >= 14;
};

const toServer = (home: string) => ({ server: true, data_dir: join(home, 'data') });
