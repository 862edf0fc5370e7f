import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goProgram } from './clients/go.ts';
import type { ConsulServer } from './consul.ts';
import { startProcess } from './process.ts';
import type { Unavailable } from './unavailable.ts';

/** HashiCorp's External Service Monitor, which makes the checks of nodes that have no agent. */
export const consulEsm = (): Promise<string | Unavailable> => goProgram('consul-esm');

export interface Esm {
  /** The end of its log. */
  output(): string;
  stop(): Promise<void>;
}

/** Resolves when it has registered itself. It makes checks once it leads, some seconds later. */
export const startEsm = async (binary: string, { url }: ConsulServer): Promise<Esm> => {
  const home = await mkdtemp(join(tmpdir(), 'rollcall-esm-'));
  const file = join(home, 'esm.json');
  // UDP pings need no right of their own; none is sent to a node with external-probe=false.
  await writeFile(file, JSON.stringify({ http_addr: url, ping_type: 'udp', log_level: 'DEBUG' }));
  const esm = await startProcess({
    command: binary,
    args: ['-config-file', file],
    ready: async () => {
      const answer = await fetch(`${url}/v1/health/service/consul-esm?passing`);
      return ((await answer.json()) as readonly object[]).length > 0;
    },
  });
  return {
    output: esm.output,
    async stop() {
      await esm.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
};
