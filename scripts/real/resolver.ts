import { fileURLToPath } from 'node:url';
import { onFreePorts } from './ports.ts';
import { type ServerProcess, startProcess } from './process.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

export interface ResolverProcess extends Pick<ServerProcess, 'pid' | 'stop'> {
  readonly url: string;
}

/**
 * The resolver as `npm run resolver` starts it, on a free port of the loopback, with these
 * variables and none of this process's but its path. `folder`: the project as it is, or another
 * state of it.
 */
export const startResolverProcess = (
  environment: Readonly<Record<string, string>>,
  folder = PROJECT,
): Promise<ResolverProcess> =>
  onFreePorts(1, async ([port]) => {
    const url = `http://127.0.0.1:${port}`;
    const { pid, stop } = await startProcess({
      command: process.execPath,
      args: [`${folder}/scripts/resolver.ts`],
      environment: {
        PATH: process.env['PATH'],
        ROLLCALL_OWNER: 'real',
        ROLLCALL_HOST: '127.0.0.1',
        ROLLCALL_PORT: String(port),
        ...environment,
      },
      ready: async () => (await fetch(`${url}/health`)).ok,
    });
    return { url, pid, stop };
  });
