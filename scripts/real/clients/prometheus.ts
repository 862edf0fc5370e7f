import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianPackage } from '../debian.ts';
import { onFreePorts } from '../ports.ts';
import { startProcess } from '../process.ts';
import { isUnavailable, type Unavailable } from '../unavailable.ts';

/**
 * Prometheus' program out of Debian 12's package. It is built without the discoveries of Consul and
 * of the clouds.
 */
export const debianPrometheus = async (): Promise<string | Unavailable> => {
  const folder = await debianPackage({
    name: 'prometheus',
    version: '2.42.0+ds-5+deb12u1',
    pool: 'pool/main/p/prometheus/prometheus',
    sha256: {
      amd64: '81d59a24fce84f7fbe97a45a4f2914b6a5881b5cd1db2a6a0e129e515e1a5f55',
      arm64: 'ca131aa102390083398afbc80be9c8dd1dda78f9f92154fc00df8f7f1f4556e9',
    },
  });
  return isUnavailable(folder) ? folder : join(folder, 'usr/bin/prometheus');
};

export interface Prometheus {
  readonly url: string;
  isAlive(): boolean;
  stop(): Promise<void>;
}

/** With this configuration, on a port and with files of its own. Resolves when it is ready. */
export const startPrometheus = async (binary: string, config: string): Promise<Prometheus> => {
  const home = await mkdtemp(join(tmpdir(), 'rollcall-prometheus-'));
  const file = join(home, 'prometheus.yml');
  await writeFile(file, config);
  return onFreePorts(1, async ([port = 0]) => {
    const url = `http://127.0.0.1:${port}`;
    const server = await startProcess({
      command: binary,
      args: [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(home, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      ready: async () => (await fetch(`${url}/-/ready`)).ok,
    });
    return {
      url,
      isAlive: server.isAlive,
      stop: async () => {
        await server.stop();
        await rm(home, { recursive: true, force: true });
      },
    };
  });
};
